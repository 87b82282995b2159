"""What the agent's cases play in: network namespaces, cables between them, guests, and the agent itself as a process.

Whoever starts these programs gives them a PID namespace of their own, so that nothing here outlives them.
"""

import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import uuid

import grpc

LIMIT = 120  # seconds; far more than anything here takes, it only ends what would hang


class Space:
    """A network namespace. A process of ours in it is all that holds it."""

    def __init__(self):
        self._holder = subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        # cat answers when it runs, and then it runs inside.
        self._holder.stdin.write(b"\n")
        self._holder.stdin.flush()
        self._holder.stdout.readline()
        self.pid = self._holder.pid
        self.inside = ["nsenter", f"--net=/proc/{self.pid}/ns/net", "--"]
        # An IPv6 address that a device gives itself comes a moment after the device.
        self.run("sysctl", "-qw", "net.ipv6.conf.default.addr_gen_mode=1")
        self.ip("link set lo up")

    def run(self, *arguments, text=None):
        """What a program printed that ran inside; it must end well."""
        result = subprocess.run([*self.inside, *arguments], input=text, capture_output=True, text=True, timeout=LIMIT)
        if result.returncode:
            raise AssertionError(f"{' '.join(arguments)} ended with {result.returncode}: {result.stderr}{result.stdout}")
        return result.stdout

    def ip(self, *commands):
        """Commands of `ip`, up to the first that fails: `ip("link set eth0 up")`."""
        self.run("ip", "-batch", "-", text="".join(f"{command}\n" for command in commands))

    def json(self, *arguments):
        return json.loads(self.run(*arguments) or "[]")

    def start(self, *arguments):
        return subprocess.Popen([*self.inside, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def snapshot(self):
        """
        What a change of the host's network shows in. Without what the kernel does by itself: timers, carriers that come a moment after
        their cable, learned addresses.
        """
        links = re.sub(r'("\w*_timer":)[0-9.]+|"operstate":"\w+",|"(LOWER_UP|NO-CARRIER)",?', r"\1", self.run("ip", "-details", "-json", "link"))
        entries = [entry for entry in self.json("bridge", "-json", "fdb") if entry["state"] == "permanent"]
        return [links, self.run("ip", "-json", "address", "show", "scope", "global"), self.run("ip", "-json", "-4", "route"), entries]

    def links(self):
        return {link["ifname"]: link for link in self.json("ip", "-details", "-json", "link")}

    def sysctl(self, name):
        return self.run("cat", f"/proc/sys/{name.replace('.', '/')}").strip()

    def close(self):
        self._holder.kill()
        self._holder.wait()


class Ping:
    """An unending ping from one namespace, a request each 10 ms."""

    def __init__(self, source, address):
        self._process = source.start("ping", "-n", "-i", "0.01", address)
        self._answered = []
        self._first = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            answer = re.search(r"icmp_seq=(\d+).* time=", line)
            if answer:
                self._answered.append(int(answer.group(1)))
                self._first.set()

    def wait_for_answer(self):
        if not self._first.wait(LIMIT):
            raise AssertionError("nobody answered")

    def stop(self):
        """How many requests up to the last answered one were answered, and which were not."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(LIMIT)
        self._reader.join()
        answered = set(self._answered)
        return len(answered), sorted(set(range(1, max(answered, default=0) + 1)) - answered)


class Host:
    """A host with an uplink `eth0`, 192.0.2.1/24, that leads to another one, and an agent that serves it."""

    def __init__(self, options, mtu=1600):
        self._options = options
        self._directory = tempfile.TemporaryDirectory()
        self._guests = []
        self.socket = os.path.join(self._directory.name, "agent.sock")
        self.space, self.peer = Space(), Space()
        self.space.ip(
            f"link add name eth0 mtu {mtu} type veth peer name eth0 mtu {mtu} netns {self.peer.pid}",
            "address add 192.0.2.1/24 dev eth0",
            "link set eth0 up",
            "route add default via 192.0.2.2",
        )
        self.peer.ip("address add 192.0.2.2/24 dev eth0", "link set eth0 up")
        self.start()

    def start(self, *arguments):
        self.agent = Agent(self._options, self.space.inside, self.socket, *arguments)

    def guest(self, bridge, address):
        """A guest in this bridge, as a hypervisor plugs one in."""
        guest = Space()
        name = f"vnet{len(self._guests)}"
        self._guests.append(guest)
        self.space.ip(
            f"link add name {name} type veth peer name eth0 netns {guest.pid}", f"link set {name} master {bridge}", f"link set {name} up"
        )
        guest.ip(f"address add {address} dev eth0", "link set eth0 up")
        return guest

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.agent.close()
        for space in (self.space, self.peer, *self._guests):
            space.close()
        self._directory.cleanup()


class Agent:
    """The agent's process, and stubs of a channel to it."""

    def __init__(self, options, inside, socket, *arguments):
        self._stubs = options.stubs
        self._channels = []
        # Held by the agent and by all that it starts: at its end the last of them is gone.
        self._lives, held = os.pipe()
        self._process = subprocess.Popen(
            [*inside, *options.agent, "run", "--socket", socket, "--state-dir", f"{socket}.state", *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, pass_fds=[held],
        )
        os.close(held)
        self._log = []
        for line in self._process.stdout:
            self._log.append(line)
            if " serves on " in line:
                break
        else:
            raise AssertionError(f"the agent ended with {self._process.wait()}: {''.join(self._log)}")
        self.serving_line = line
        threading.Thread(target=lambda: self._log.extend(self._process.stdout), daemon=True).start()
        self.stub = self.connect(f"unix:{socket}")

    def connect(self, target):
        """A stub on a connection of its own."""
        options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_receive_message_length", -1)]
        channel = grpc.insecure_channel(target, options)
        self._channels.append(channel)
        return self._stubs.services.HostNetworkStub(channel)

    def answer(self, method, request, service="HostNetwork"):
        """The bytes of an answer, as they came."""
        return self._channels[0].unary_unary(f"/cloudbr.agent.v1.{service}/{method}")(request.SerializeToString(), timeout=LIMIT)

    def heartbeats(self):
        """As they come, each to be taken from a stream that ends with the channel."""
        t = self._stubs.telemetry
        request = t.WatchRequest(subscriptions=[t.Subscription(topic=t.TOPIC_HEARTBEAT)])
        for response in self._stubs.telemetry_services.TelemetryStub(self._channels[0]).Watch(request, timeout=LIMIT):
            if response.event.WhichOneof("payload") == "heartbeat":
                yield response.event.heartbeat

    def port_events(self):
        """None once the stream is open, and then each as it comes."""
        t = self._stubs.telemetry
        request = t.WatchRequest(subscriptions=[t.Subscription(topic=t.TOPIC_PORT)])
        for response in self._stubs.telemetry_services.TelemetryStub(self._channels[0]).Watch(request, timeout=LIMIT):
            yield response.event.port if response.event.WhichOneof("payload") == "port" else None

    def kill(self):
        """As `kill -9` does. nsenter became the agent, so this is its own process."""
        self._process.kill()
        return self._process.wait(LIMIT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for channel in self._channels:
            channel.close()
        self.kill()

        # A git that was writing the history outlives the agent, and would fill the folder that is about to be removed.
        os.read(self._lives, 1)
        os.close(self._lives)


def new_id():
    return str(uuid.uuid4())
