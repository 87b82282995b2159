"""Drives a running agent with grpcio over its Unix socket; prints what the tests look at, one JSON object a line."""

import json
import sys
import uuid

import grpc
from cloudbr.agent.v1 import change_pb2, config_pb2, host_network_pb2, host_network_pb2_grpc, telemetry_pb2, telemetry_pb2_grpc
from google.protobuf import json_format

SOCKET = "unix:///run/cloudbr-agent/agent.sock"


def say(**facts):
    print(json.dumps(facts), flush=True)


def capabilities(channel):
    stub = host_network_pb2_grpc.HostNetworkStub(channel)
    found = stub.GetCapabilities(host_network_pb2.GetCapabilitiesRequest(), wait_for_ready=True, timeout=60).capabilities
    # By hand, for the module of stubs would be named grpc.health and hide behind grpcio's own grpc.
    health = channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=60)
    say(
        health="SERVING" if health == b"\x08\x01" else health.hex(),
        version=found.agent.version,
        instance=found.agent.instance_id,
        kernel=found.host.kernel_release,
        tools={tool.name: tool.version for tool in found.firewall_tools},
    )


def watch(channel, count):
    """Heartbeats until there were `count`, or until the agent ends the stream."""
    subscription = telemetry_pb2.Subscription(topic=telemetry_pb2.TOPIC_HEARTBEAT)
    request = telemetry_pb2.WatchRequest(subscriptions=[subscription])
    try:
        for response in telemetry_pb2_grpc.TelemetryStub(channel).Watch(request):
            if response.event.WhichOneof("payload") != "heartbeat":
                continue
            beat = response.event.heartbeat
            say(
                sequence=beat.sequence,
                boot=beat.boot_id,
                monotonic=beat.monotonic_ns,
                wall=beat.wall_time.ToNanoseconds(),
                uptime=beat.uptime.ToNanoseconds(),
                generation=beat.generation,
                interval=beat.interval.ToNanoseconds(),
            )
            if beat.sequence == count:
                return
    except grpc.RpcError as error:
        say(ended=error.code().name, details=error.details())


def apply(channel, config):
    """Makes the host as a HostConfig in JSON says."""
    request = host_network_pb2.ApplyRequest(
        change=change_pb2.ChangeOptions(request_id=str(uuid.uuid4())), config=json_format.Parse(config, config_pb2.HostConfig())
    )
    stub = host_network_pb2_grpc.HostNetworkStub(channel)
    try:
        answer = stub.Apply(request, wait_for_ready=True, timeout=60)
    except grpc.RpcError as error:
        say(refused=error.code().name, details=error.details())
        return
    say(
        outcome=change_pb2.ChangeOutcome.Name(answer.report.outcome),
        networks={network.network_id: network.bridge for network in answer.networks},
    )


with grpc.insecure_channel(SOCKET) as connection:
    if sys.argv[1] == "watch":
        watch(connection, int(sys.argv[2]))
    elif sys.argv[1] == "apply":
        apply(connection, sys.argv[2])
    else:
        capabilities(connection)
