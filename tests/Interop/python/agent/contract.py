"""The Python code that protoc made of protos/, and words that make requests of it short."""

import importlib
import os
import sys

import google
import grpc


class Contract:
    """cloudbr.agent.v1's modules as attributes."""

    def __init__(self, folder):
        sys.path.insert(0, folder)
        # Its package is google.rpc, and `google` is taken by google.protobuf.
        google.__path__.append(os.path.join(folder, "google"))
        self.services = importlib.import_module("cloudbr.agent.v1.host_network_pb2_grpc")
        self.telemetry_services = importlib.import_module("cloudbr.agent.v1.telemetry_pb2_grpc")
        for name in ("change", "config", "diagnostics", "drift", "failure", "history", "host", "host_network", "link", "network", "physical_network", "port", "provider", "security", "state", "telemetry"):
            setattr(self, name, importlib.import_module(f"cloudbr.agent.v1.{name}_pb2"))
        self._status = importlib.import_module("google.rpc.status_pb2")
        self._details = importlib.import_module("google.rpc.error_details_pb2")

    def details(self, error):
        """The details of a failed call by the name of their message: BadRequest, ErrorInfo, RetryInfo, Failure, ChangeReport."""
        data = dict(error.trailing_metadata())["grpc-status-details-bin"]
        status = self._status.Status.FromString(data)
        if status.message != error.details() or status.code != error.code().value[0]:
            raise AssertionError(f"the status says {error.code()} {error.details()!r}, its details {status.code} {status.message!r}")
        kinds = {
            kind.DESCRIPTOR.full_name: kind
            for kind in (self._details.BadRequest, self._details.ErrorInfo, self._details.RetryInfo, self.failure.Failure, self.change.ChangeReport)
        }
        found = {}
        for detail in status.details:
            message = kinds[detail.TypeName()]()
            detail.Unpack(message)
            found[message.DESCRIPTOR.name] = message
        return found

    def refusal(self, call):
        """The error of a call that must fail, with its details."""
        try:
            answer = call()
        except grpc.RpcError as error:
            return error, self.details(error)
        raise AssertionError(f"it was not refused: {answer}")
