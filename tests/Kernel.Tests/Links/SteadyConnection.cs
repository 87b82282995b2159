using System.Net;
using System.Net.Sockets;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>One TCP connection between two namespaces, over which a number goes there and back again without end.</summary>
internal sealed class SteadyConnection : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _progress = new(0);
    private readonly Socket _near;
    private readonly Socket _far;
    private readonly Thread[] _threads;
    private volatile bool _stopping;
    private volatile Exception? _failure;
    private long _exchanges;

    private SteadyConnection(Socket near, Socket far)
    {
        _near = near;
        _far = far;
        _threads = [Start(AskForEver), Start(AnswerForEver)];
    }

    /// <summary>From the one namespace to an address in the other; data has come back when it returns.</summary>
    public static SteadyConnection Open(NetNamespace from, NetNamespace to, IPAddress address)
    {
        using var listener = to.Run(() =>
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, 0));
            socket.Listen();
            return socket;
        });
        var near = from.Run(() => new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        near.NoDelay = true;
        near.Connect(listener.LocalEndPoint!);
        var connection = new SteadyConnection(near, listener.Accept());
        connection.WaitForMore();
        return connection;
    }

    /// <summary>Waits until data sent after this call came back.</summary>
    public void WaitForMore()
    {
        // One may be under way already.
        for (var target = Interlocked.Read(ref _exchanges) + 2; Interlocked.Read(ref _exchanges) < target;)
        {
            if (_failure is not null || !_progress.Wait(Limit))
            {
                throw new InvalidOperationException("the connection carries nothing any more", _failure);
            }
        }
    }

    public void Dispose()
    {
        _stopping = true;
        _near.Dispose();
        _far.Dispose();
        foreach (var thread in _threads)
        {
            thread.Join();
        }

        _progress.Dispose();
    }

    private Thread Start(Action<Socket> action)
    {
        var socket = action == AskForEver ? _near : _far;
        var thread = new Thread(() =>
        {
            try
            {
                action(socket);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                Stop(_stopping ? null : e);
            }
        })
        { IsBackground = true };
        thread.Start();
        return thread;
    }

    private void AskForEver(Socket socket)
    {
        Span<byte> answer = stackalloc byte[8];
        while (!_stopping)
        {
            var number = Interlocked.Read(ref _exchanges);
            socket.Send(BitConverter.GetBytes(number));
            Receive(socket, answer);
            if (BitConverter.ToInt64(answer) != number)
            {
                Stop(new InvalidDataException($"{number} came back as {BitConverter.ToInt64(answer)}"));
                return;
            }

            Interlocked.Increment(ref _exchanges);
            Wake();
        }
    }

    private void AnswerForEver(Socket socket)
    {
        Span<byte> question = stackalloc byte[8];
        while (!_stopping)
        {
            Receive(socket, question);
            socket.Send(question);
        }
    }

    private static void Receive(Socket socket, Span<byte> buffer)
    {
        for (var got = 0; got < buffer.Length;)
        {
            var count = socket.Receive(buffer[got..]);
            if (count == 0)
            {
                throw new SocketException((int)SocketError.ConnectionReset);
            }

            got += count;
        }
    }

    private void Stop(Exception? failure)
    {
        _failure ??= failure;
        Wake();
    }

    private void Wake()
    {
        lock (_gate)
        {
            if (!_stopping && _progress.CurrentCount == 0)
            {
                _progress.Release();
            }
        }
    }
}
