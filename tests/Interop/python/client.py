"""The public gRPC interoperability cases, driven by grpcio: a client that is not ours.

    client.py --stubs DIR --target ADDRESS [--ca FILE [--cert FILE --key FILE]] [CASE...]

ADDRESS is 127.0.0.1:PORT or unix:PATH. Without CASE all of them run. Each prints one line of JSON when it ends:
{"case": NAME, "ok": true or false, "error": TEXT, "ms": NUMBER}. The exit code is 0 when every case was run, however it went.

Where grpcio cannot do what the description asks, the case says so and does the nearest thing.
"""

import argparse
import gzip
import json
import os
import queue
import sys
import time
import traceback

import grpc

import stubs

LIMIT = 20  # seconds for one call; nothing here takes one
GZIP_MAGIC = b"\x1f\x8b"
CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


class Peer:
    """The server under test, the generated code, and a channel to it."""

    def __init__(self, options):
        self.empty, self.messages, self.services = stubs.load(options.stubs)
        self._options = options
        self.channel = self._open([])
        self.stub = self.services.TestServiceStub(self.channel)

    def packed(self):
        """A second channel, on which grpcio hands messages up as they came, compressed or not."""
        return self._open([("grpc.per_message_decompression", 0)])

    def _open(self, options):
        given = self._options
        if not given.ca:
            return grpc.insecure_channel(given.target, options)
        read = lambda path: open(path, "rb").read() if path else None
        credentials = grpc.ssl_channel_credentials(read(given.ca), read(given.key), read(given.cert))
        return grpc.secure_channel(given.target, credentials, [("grpc.ssl_target_name_override", "localhost"), *options])

    def payload(self, size):
        return self.messages.Payload(body=bytes(size))

    def simple(self, size=271828, response=314159, **fields):
        return self.messages.SimpleRequest(response_size=response, payload=self.payload(size), **fields)

    def output(self, sizes, payload=None, **fields):
        return self.messages.StreamingOutputCallRequest(
            response_parameters=[self.messages.ResponseParameters(size=size) for size in sizes],
            payload=None if payload is None else self.payload(payload),
            **fields,
        )

    def flag(self, value):
        return self.messages.BoolValue(value=value)


def expect(actual, wanted, what):
    if actual != wanted:
        raise AssertionError(f"{what}: expected {wanted!r}, got {actual!r}")


def expect_zeros(payload, size, what="payload"):
    expect(len(payload.body), size, f"{what} size")
    if payload.body.count(0) != size:
        raise AssertionError(f"{what}: not all zeros")


def expect_status(call, code, details=None):
    """Runs a call that must fail; a stream is read to its end."""
    try:
        result = call()
        if hasattr(result, "__iter__"):
            list(result)
    except grpc.RpcError as error:
        expect(error.code(), code, f"status ({error.details()})")
        if details is not None:
            expect(error.details(), details, "status message")
        return
    raise AssertionError(f"the call succeeded; expected {code}")


class Requests:
    """A request stream that is fed by hand, for cases in which a request depends on the response before it."""

    _END = object()

    def __init__(self):
        self._queue = queue.Queue()

    def send(self, message):
        self._queue.put(message)

    def end(self):
        self._queue.put(self._END)

    def __iter__(self):
        return iter(self._queue.get, self._END)


@case
def empty_unary(peer):
    expect(peer.stub.EmptyCall(peer.empty.Empty(), timeout=LIMIT), peer.empty.Empty(), "response")


@case
def large_unary(peer):
    expect_zeros(peer.stub.UnaryCall(peer.simple(), timeout=LIMIT).payload, 314159)


@case
def client_compressed_unary(peer):
    compressed, plain = peer.simple(expect_compressed=peer.flag(True)), peer.simple(expect_compressed=peer.flag(False))
    expect_status(lambda: peer.stub.UnaryCall(compressed, timeout=LIMIT), grpc.StatusCode.INVALID_ARGUMENT)
    response = peer.stub.UnaryCall(compressed, timeout=LIMIT, compression=grpc.Compression.Gzip)
    expect_zeros(response.payload, 314159)
    expect_zeros(peer.stub.UnaryCall(plain, timeout=LIMIT).payload, 314159)


@case
def server_compressed_unary(peer):
    # grpcio does not show the compressed flag. So each call is made twice: as usual, and on a channel that leaves the
    # message as it came, where a compressed one starts with the gzip magic.
    packed = peer.packed().unary_unary(
        "/grpc.testing.TestService/UnaryCall", request_serializer=lambda m: m.SerializeToString(), response_deserializer=bytes
    )
    for wanted in (True, False):
        request = peer.simple(response_compressed=peer.flag(wanted))
        expect_zeros(peer.stub.UnaryCall(request, timeout=LIMIT).payload, 314159)
        data = packed(request, timeout=LIMIT)
        expect(data.startswith(GZIP_MAGIC), wanted, f"compressed, for response_compressed={wanted}")
        response = peer.messages.SimpleResponse.FromString(gzip.decompress(data) if wanted else data)
        expect_zeros(response.payload, 314159)


@case
def client_streaming(peer):
    sizes = (27182, 8, 1828, 45904)
    requests = (peer.messages.StreamingInputCallRequest(payload=peer.payload(size)) for size in sizes)
    response = peer.stub.StreamingInputCall(requests, timeout=LIMIT)
    expect(response.aggregated_payload_size, 74922, "aggregated_payload_size")


@case
def client_compressed_streaming(peer):
    def request(body, compressed):
        return peer.messages.StreamingInputCallRequest(
            payload=peer.messages.Payload(body=body), expect_compressed=peer.flag(compressed)
        )

    probe = iter([request(bytes(27182), True)])
    expect_status(lambda: peer.stub.StreamingInputCall(probe, timeout=LIMIT), grpc.StatusCode.INVALID_ARGUMENT)

    # The description's second message is zeros, sent uncompressed. grpcio has no switch for one message of a stream, but it
    # leaves uncompressed what compression would not shrink: the second body here is random bytes of the same size.
    both = iter([request(bytes(27182), True), request(os.urandom(45904), False)])
    response = peer.stub.StreamingInputCall(both, timeout=LIMIT, compression=grpc.Compression.Gzip)
    expect(response.aggregated_payload_size, 73086, "aggregated_payload_size")


@case
def server_streaming(peer):
    sizes = [31415, 9, 2653, 58979]
    responses = list(peer.stub.StreamingOutputCall(peer.output(sizes), timeout=LIMIT))
    expect(len(responses), 4, "number of responses")
    for response, size in zip(responses, sizes):
        expect_zeros(response.payload, size)


@case
def server_compressed_streaming(peer):
    # As in server_compressed_unary: once as usual, once on a channel that shows which messages came compressed.
    sizes, flags = (31415, 92653), (True, False)
    request = peer.messages.StreamingOutputCallRequest(
        response_parameters=[
            peer.messages.ResponseParameters(size=size, compressed=peer.flag(flag)) for size, flag in zip(sizes, flags)
        ]
    )
    responses = list(peer.stub.StreamingOutputCall(request, timeout=LIMIT))
    expect([len(response.payload.body) for response in responses], list(sizes), "payload sizes")

    packed = peer.packed().unary_stream(
        "/grpc.testing.TestService/StreamingOutputCall",
        request_serializer=lambda m: m.SerializeToString(),
        response_deserializer=bytes,
    )
    datas = list(packed(request, timeout=LIMIT))
    expect([data.startswith(GZIP_MAGIC) for data in datas], list(flags), "compressed")
    for data, size, flag in zip(datas, sizes, flags):
        response = peer.messages.StreamingOutputCallResponse.FromString(gzip.decompress(data) if flag else data)
        expect_zeros(response.payload, size)


@case
def ping_pong(peer):
    requests = Requests()
    responses = peer.stub.FullDuplexCall(iter(requests), timeout=LIMIT)
    for response_size, payload_size in ((31415, 27182), (9, 8), (2653, 1828), (58979, 45904)):
        requests.send(peer.output([response_size], payload_size))
        expect_zeros(next(responses).payload, response_size)
    requests.end()
    expect(list(responses), [], "responses after the fourth")
    expect(responses.code(), grpc.StatusCode.OK, "status")


@case
def empty_stream(peer):
    responses = peer.stub.FullDuplexCall(iter(()), timeout=LIMIT)
    expect(list(responses), [], "responses")
    expect(responses.code(), grpc.StatusCode.OK, "status")


@case
def custom_metadata(peer):
    initial = ("x-grpc-test-echo-initial", "test_initial_metadata_value")
    trailing = ("x-grpc-test-echo-trailing-bin", b"\xab\xab\xab")

    def check(call, kind):
        expect(dict(call.initial_metadata()).get(initial[0]), initial[1], f"initial metadata of {kind}")
        expect(dict(call.trailing_metadata()).get(trailing[0]), trailing[1], f"trailing metadata of {kind}")

    response, call = peer.stub.UnaryCall.with_call(peer.simple(), timeout=LIMIT, metadata=(initial, trailing))
    expect_zeros(response.payload, 314159)
    check(call, "UnaryCall")

    responses = peer.stub.FullDuplexCall(iter([peer.output([314159], 271828)]), timeout=LIMIT, metadata=(initial, trailing))
    expect([len(response.payload.body) for response in responses], [314159], "payload sizes")
    check(responses, "FullDuplexCall")


@case
def status_code_and_message(peer):
    status = peer.messages.EchoStatus(code=2, message="test status message")
    unary = peer.messages.SimpleRequest(response_status=status)
    expect_status(lambda: peer.stub.UnaryCall(unary, timeout=LIMIT), grpc.StatusCode.UNKNOWN, status.message)
    stream = iter([peer.messages.StreamingOutputCallRequest(response_status=status)])
    expect_status(lambda: peer.stub.FullDuplexCall(stream, timeout=LIMIT), grpc.StatusCode.UNKNOWN, status.message)


@case
def special_status_message(peer):
    message = "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001f608\t\n"
    request = peer.messages.SimpleRequest(response_status=peer.messages.EchoStatus(code=2, message=message))
    expect_status(lambda: peer.stub.UnaryCall(request, timeout=LIMIT), grpc.StatusCode.UNKNOWN, message)


@case
def unimplemented_method(peer):
    call = lambda: peer.stub.UnimplementedCall(peer.empty.Empty(), timeout=LIMIT)
    expect_status(call, grpc.StatusCode.UNIMPLEMENTED)


@case
def unimplemented_service(peer):
    stub = peer.services.UnimplementedServiceStub(peer.channel)
    expect_status(lambda: stub.UnimplementedCall(peer.empty.Empty(), timeout=LIMIT), grpc.StatusCode.UNIMPLEMENTED)


@case
def cancel_after_begin(peer):
    requests = Requests()
    call = peer.stub.StreamingInputCall.future(iter(requests), timeout=LIMIT)
    call.cancel()
    requests.end()
    expect(call.cancelled(), True, "cancelled")
    expect(call.code(), grpc.StatusCode.CANCELLED, "status")


@case
def cancel_after_first_response(peer):
    requests = Requests()
    responses = peer.stub.FullDuplexCall(iter(requests), timeout=LIMIT)
    requests.send(peer.output([31415], 27182))
    expect_zeros(next(responses).payload, 31415)
    responses.cancel()
    expect_status(lambda: responses, grpc.StatusCode.CANCELLED)
    requests.end()


@case
def timeout_on_sleeping_server(peer):
    requests = Requests()
    requests.send(peer.messages.StreamingOutputCallRequest(payload=peer.payload(27182)))
    expect_status(lambda: peer.stub.FullDuplexCall(iter(requests), timeout=0.001), grpc.StatusCode.DEADLINE_EXCEEDED)
    requests.end()


def run(name, peer):
    started = time.monotonic()
    error = ""
    try:
        CASES[name](peer)
    except Exception:  # whatever went wrong is this case's result, and the next case still runs
        error = traceback.format_exc()
    elapsed = round((time.monotonic() - started) * 1000)
    print(json.dumps({"case": name, "ok": not error, "error": error, "ms": elapsed}), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--stubs", required=True)
    parser.add_argument("--target", required=True)
    parser.add_argument("--ca")
    parser.add_argument("--cert")
    parser.add_argument("--key")
    parser.add_argument("cases", nargs="*", metavar="CASE")
    options = parser.parse_args()
    unknown = [name for name in options.cases if name not in CASES]
    if unknown:
        sys.exit(f"no such case: {', '.join(unknown)}")

    peer = Peer(options)
    for name in options.cases or CASES:
        run(name, peer)
    peer.channel.close()


if __name__ == "__main__":
    main()
