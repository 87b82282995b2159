"""grpc.testing.TestService on grpcio: a server that is not ours, for our client to call.

    server.py --stubs DIR (--port N | --unix PATH) [--tls CERT KEY [--client-ca CA]]

It listens twice and says where in one line, `LISTENING first second`. The first is an ordinary grpcio server. The second
leaves incoming messages compressed (grpc.per_message_decompression=0) and unpacks them here: grpcio has no other way to
tell a handler whether a message came compressed, and the cases client_compressed_* need to know. On the first one
expect_compressed is therefore not checked.

The server ends when its standard input does, so that it cannot outlive the test run that started it.
"""

import argparse
import gzip
import socket
import sys
import time
import uuid
from concurrent import futures
from dataclasses import dataclass
from typing import Any, Optional

import grpc

import stubs

ECHO_INITIAL = "x-grpc-test-echo-initial"
ECHO_TRAILING = "x-grpc-test-echo-trailing-bin"
GZIP_MAGIC = b"\x1f\x8b"
SERVER_ID = str(uuid.uuid4())


@dataclass
class Received:
    """A request, and whether it came compressed (None: grpcio unpacked it and does not say)."""

    message: Any
    compressed: Optional[bool]


def unpack_by_core(message_type):
    return lambda data: Received(message_type.FromString(data), None)


def unpack_here(message_type):
    # No protobuf message starts with the gzip magic: 0x1f would be a field of wire type 7, which does not exist.
    def unpack(data):
        compressed = data.startswith(GZIP_MAGIC)
        return Received(message_type.FromString(gzip.decompress(data) if compressed else data), compressed)

    return unpack


class TestService:
    def __init__(self, messages, empty):
        self._messages = messages
        self._empty = empty

    def empty_call(self, _, context):
        self._echo_metadata(context)
        return self._empty.Empty()

    def unary_call(self, received, context):
        request = received.message
        self._check_compression(request, received.compressed, context)
        self._echo_metadata(context)
        self._echo_status(request, context)
        if request.HasField("response_compressed"):
            context.set_compression(grpc.Compression.Gzip)
            if not request.response_compressed.value:
                context.disable_next_message_compression()
        response = self._messages.SimpleResponse(payload=self._payload(request.response_type, request.response_size, context))
        if request.fill_username:
            names = context.auth_context().get("x509_common_name", [])
            response.username = names[0].decode() if names else ""
        if request.fill_server_id:
            response.server_id = SERVER_ID
        response.hostname = socket.gethostname()
        return response

    def streaming_output_call(self, received, context):
        self._echo_metadata(context)
        if any(p.HasField("compressed") for p in received.message.response_parameters):
            context.set_compression(grpc.Compression.Gzip)
        self._echo_status(received.message, context)
        yield from self._responses(received.message, context)

    def streaming_input_call(self, requests, context):
        self._echo_metadata(context)
        total = 0
        for received in requests:
            self._check_compression(received.message, received.compressed, context)
            total += len(received.message.payload.body)
        return self._messages.StreamingInputCallResponse(aggregated_payload_size=total)

    def full_duplex_call(self, requests, context):
        self._echo_metadata(context)
        for received in requests:
            self._echo_status(received.message, context)
            yield from self._responses(received.message, context)

    def half_duplex_call(self, requests, context):
        yield from self.full_duplex_call(list(requests), context)

    def _responses(self, request, context):
        for parameters in request.response_parameters:
            if parameters.interval_us:
                time.sleep(parameters.interval_us / 1_000_000)
            if not parameters.compressed.value:
                context.disable_next_message_compression()
            yield self._messages.StreamingOutputCallResponse(
                payload=self._payload(request.response_type, parameters.size, context)
            )

    def _payload(self, payload_type, size, context):
        if payload_type != self._messages.COMPRESSABLE or size < 0:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"no payload of type {payload_type} and size {size}")
        return self._messages.Payload(type=payload_type, body=bytes(size))

    @staticmethod
    def _echo_metadata(context):
        sent = dict(context.invocation_metadata())
        if ECHO_INITIAL in sent:
            context.send_initial_metadata(((ECHO_INITIAL, sent[ECHO_INITIAL]),))
        if ECHO_TRAILING in sent:
            context.set_trailing_metadata(((ECHO_TRAILING, sent[ECHO_TRAILING]),))

    @staticmethod
    def _echo_status(request, context):
        if not request.HasField("response_status"):
            return
        status = request.response_status
        codes = {code.value[0]: code for code in grpc.StatusCode}
        if status.code != 0:
            context.abort(codes.get(status.code, grpc.StatusCode.UNKNOWN), status.message)

    @staticmethod
    def _check_compression(request, compressed, context):
        if compressed is None or not request.HasField("expect_compressed"):
            return
        if request.expect_compressed.value != compressed:
            context.abort(
                grpc.StatusCode.INVALID_ARGUMENT,
                f"expect_compressed is {request.expect_compressed.value}, the message came with compressed={compressed}",
            )


def handlers(service, messages, empty, unpack):
    """The method table. UnimplementedCall is not in it, and UnimplementedService has none."""

    def serialise(message):
        return message.SerializeToString()

    simple, output, upload = messages.SimpleRequest, messages.StreamingOutputCallRequest, messages.StreamingInputCallRequest
    return grpc.method_handlers_generic_handler(
        "grpc.testing.TestService",
        {
            "EmptyCall": grpc.unary_unary_rpc_method_handler(service.empty_call, unpack(empty.Empty), serialise),
            "UnaryCall": grpc.unary_unary_rpc_method_handler(service.unary_call, unpack(simple), serialise),
            "StreamingOutputCall": grpc.unary_stream_rpc_method_handler(
                service.streaming_output_call, unpack(output), serialise
            ),
            "StreamingInputCall": grpc.stream_unary_rpc_method_handler(
                service.streaming_input_call, unpack(upload), serialise
            ),
            "FullDuplexCall": grpc.stream_stream_rpc_method_handler(service.full_duplex_call, unpack(output), serialise),
            "HalfDuplexCall": grpc.stream_stream_rpc_method_handler(service.half_duplex_call, unpack(output), serialise),
        },
    )


def credentials(options):
    if not options.tls:
        return None
    cert, key = (open(path, "rb").read() for path in options.tls)
    client_ca = open(options.client_ca, "rb").read() if options.client_ca else None
    return grpc.ssl_server_credentials([(key, cert)], client_ca, require_client_auth=client_ca is not None)


def listen(address, handler, creds, options):
    # so_reuseport: without this a second server could quietly share the port of the first.
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=32), options=[("grpc.so_reuseport", 0), *options])
    server.add_generic_rpc_handlers((handler,))
    port = server.add_secure_port(address, creds) if creds else server.add_insecure_port(address)
    if port == 0:
        sys.exit(f"cannot listen on {address}")
    server.start()
    return server, address if address.startswith("unix:") else f"127.0.0.1:{port}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--stubs", required=True)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--port", type=int)
    where.add_argument("--unix")
    parser.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"))
    parser.add_argument("--client-ca")
    options = parser.parse_args()

    empty, messages, _ = stubs.load(options.stubs)
    service = TestService(messages, empty)
    creds = credentials(options)
    first = f"unix:{options.unix}" if options.unix else f"127.0.0.1:{options.port}"
    second = f"unix:{options.unix}.packed" if options.unix else "127.0.0.1:0"
    plain, plain_address = listen(first, handlers(service, messages, empty, unpack_by_core), creds, [])
    packed, packed_address = listen(
        second, handlers(service, messages, empty, unpack_here), creds, [("grpc.per_message_decompression", 0)]
    )
    print(f"LISTENING {plain_address} {packed_address}", flush=True)

    sys.stdin.read()
    for server in (plain, packed):
        server.stop(grace=None).wait()


if __name__ == "__main__":
    main()
