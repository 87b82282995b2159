using System.Buffers.Binary;
using System.Net;

namespace Cloudbr.Agent.Interop.Peers;

/// <summary>
/// Sits under our client and notes the compressed flag of every response message as it comes off the connection, so that what
/// the server sent is not judged by the client that reads it.
/// </summary>
internal sealed class FrameTap(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private readonly List<bool> _flags = [];

    /// <summary>One entry for each response message, over all calls: true for a compressed one.</summary>
    public IReadOnlyList<bool> Flags => _flags;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        response.Content = new TappedContent(response.Content, new FrameReader(_flags));
        return response;
    }

    /// <summary>Follows the frames in a stream of bytes that comes in pieces.</summary>
    private sealed class FrameReader(List<bool> flags)
    {
        private readonly byte[] _header = new byte[5];
        private int _inHeader;
        private uint _payloadLeft;

        public void Read(ReadOnlySpan<byte> piece)
        {
            while (!piece.IsEmpty)
            {
                if (_payloadLeft > 0)
                {
                    var taken = (int)Math.Min(_payloadLeft, (uint)piece.Length);
                    _payloadLeft -= (uint)taken;
                    piece = piece[taken..];
                    continue;
                }

                _header[_inHeader++] = piece[0];
                piece = piece[1..];
                if (_inHeader == _header.Length)
                {
                    flags.Add(_header[0] == 1);
                    _payloadLeft = BinaryPrimitives.ReadUInt32BigEndian(_header.AsSpan(1));
                    _inHeader = 0;
                }
            }
        }
    }

    private sealed class TappedContent : HttpContent
    {
        private readonly HttpContent _content;
        private readonly FrameReader _reader;

        public TappedContent(HttpContent content, FrameReader reader)
        {
            _content = content;
            _reader = reader;
            foreach (var header in content.Headers)
            {
                Headers.TryAddWithoutValidation(header.Key, header.Value);
            }
        }

        protected override async Task<Stream> CreateContentReadStreamAsync() =>
            new TappedStream(await _content.ReadAsStreamAsync(), _reader);

        protected override Stream CreateContentReadStream(CancellationToken cancellationToken) =>
            new TappedStream(_content.ReadAsStream(cancellationToken), _reader);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            throw new NotSupportedException("A response that is tapped is read as a stream.");

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _content.Dispose();
            }

            base.Dispose(disposing);
        }
    }

    private sealed class TappedStream(Stream inner, FrameReader reader) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await inner.ReadAsync(buffer, cancellationToken);
            reader.Read(buffer.Span[..count]);
            return count;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = inner.Read(buffer, offset, count);
            reader.Read(buffer.AsSpan(offset, read));
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
