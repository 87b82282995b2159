"""Loads the Python code that protoc made of tests/Interop/protos."""

import importlib
import os

import grpc


def load(folder):
    """The modules empty_pb2, messages_pb2 and test_pb2_grpc.

    Their package is grpc.testing, and `grpc` is taken by grpcio: its search path is lengthened by the generated folder.
    """
    grpc.__path__.append(os.path.join(folder, "grpc"))
    return tuple(importlib.import_module(f"grpc.testing.{name}") for name in ("empty_pb2", "messages_pb2", "test_pb2_grpc"))
