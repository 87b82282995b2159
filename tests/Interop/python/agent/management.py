"""What a case has in hand: the list that it stands in, words for what it expects, and a management server's calls made short."""

import time

from scene import LIMIT, Host, new_id

CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def expect(actual, wanted, what):
    if actual != wanted:
        raise AssertionError(f"{what}: expected {wanted!r}, got {actual!r}")


def expect_in(text, part, what):
    if part not in text:
        raise AssertionError(f"{what}: {part!r} is not in {text!r}")


class Management:
    """What a management server has in hand: an agent's stub, and the contract's words made short."""

    def __init__(self, contract, stub):
        self.c, self.stub, self.rpc = contract, stub, contract.host_network

    def options(self, **fields):
        return self.c.change.ChangeOptions(**{"request_id": new_id(), **fields})

    def physical(self, label="cloudbr0", **fields):
        p = self.c.physical_network
        wanted = {"mode": p.PHYSICAL_NETWORK_MODE_MANAGE, "uplink": "eth0", "traffic_types": [p.TRAFFIC_TYPE_GUEST], **fields}
        return p.PhysicalNetwork(label=label, **wanted)

    def network(self, id, **fields):
        # As GetConfig says what was left to the agent.
        wanted = {"physical_network": "cloudbr0", "mtu_policy": self.c.network.MTU_POLICY_REQUIRE, **fields}
        return self.c.network.Network(id=id, **wanted)

    def vxlan(self, id, vni, **mode):
        return self.network(id, vxlan=self.c.network.VxlanIsolation(vni=vni, **mode))

    def multicast(self, id, vni, group=""):
        return self.vxlan(id, vni, multicast=self.c.network.VxlanMulticast(group=group))

    def static(self, id, vni, peers=("192.0.2.2",), entries=()):
        n = self.c.network
        return self.vxlan(id, vni, static=n.VxlanStatic(
            peers=[n.VxlanPeer(address=peer) for peer in peers],
            entries=[n.VxlanForwardingEntry(mac=mac, peer_address=peer) for mac, peer in entries]))

    def evpn(self, id, vni):
        return self.vxlan(id, vni, evpn=self.c.network.VxlanEvpn())

    def untagged(self, id):
        return self.network(id, untagged=self.c.network.UntaggedIsolation())

    def config(self, *networks, **fields):
        return self.c.config.HostConfig(**{"physical_networks": [self.physical()], "networks": networks, **fields})

    def full(self):
        """A desired state with something of everything."""
        host = self.c.host
        return self.config(
            self.evpn("evpn", 103),
            self.multicast("multicast", 101, "239.1.2.3"),
            self.static("static", 102, ["192.0.2.2", "192.0.2.3"], [("02:00:00:00:00:05", "192.0.2.4")]),
            self.untagged("untagged"),
            control_network=host.ControlNetwork(bridge="cloud0", address="169.254.0.1/16"),
            settings=host.HostSettings(ip_forward=True, igmp_max_memberships=100))

    def apply(self, config, **options):
        return self.stub.Apply(self.rpc.ApplyRequest(change=self.options(**options), config=config), timeout=LIMIT)

    def implement(self, network, **options):
        return self.stub.Implement(self.rpc.ImplementRequest(change=self.options(**options), network=network), timeout=LIMIT)

    def shut_down(self, id, **options):
        return self.stub.Shutdown(self.rpc.ShutdownRequest(change=self.options(**options), network_id=id), timeout=LIMIT)

    def resync(self, **options):
        return self.stub.Resync(self.rpc.ResyncRequest(change=self.options(**options)), timeout=LIMIT)

    def plan(self, **request):
        return self.stub.Plan(self.rpc.PlanRequest(**request), timeout=LIMIT)

    def confirm(self, generation, **options):
        return self.stub.Confirm(self.rpc.ConfirmRequest(change=self.options(**options), generation=generation), timeout=LIMIT)

    def roll_back(self, generation, **options):
        return self.stub.Rollback(self.rpc.RollbackRequest(change=self.options(**options), to_generation=generation), timeout=LIMIT)

    def history(self, **page):
        return self.stub.ListHistory(self.rpc.ListHistoryRequest(**page), timeout=LIMIT)

    def config_in_force(self):
        return self.stub.GetConfig(self.rpc.GetConfigRequest(), timeout=LIMIT)

    def config_of(self, generation):
        return self.stub.GetConfig(self.rpc.GetConfigRequest(generation=generation), timeout=LIMIT)

    def state(self, **parts):
        return self.stub.GetState(self.rpc.GetStateRequest(**parts), timeout=LIMIT).state

    def check(self, *physical_networks):
        request = self.rpc.CheckPhysicalNetworksRequest(physical_networks=physical_networks)
        return self.stub.CheckPhysicalNetworks(request, timeout=LIMIT).checks

    def expect_outcome(self, report, wanted):
        outcomes = self.c.change.ChangeOutcome
        expect(outcomes.Name(report.outcome), f"CHANGE_OUTCOME_{wanted}", f"outcome of {report}")
        if wanted == "APPLIED":
            verified = self.c.change.CHANGE_PROGRESS_VERIFIED
            expect([change for change in report.changes if change.progress != verified], [], "steps that are not verified")
        elif wanted == "UNCHANGED":
            expect(list(report.changes), [], "steps of an unchanged host")

    def expect_refused(self, call, code, reason, fields=None):
        """The words of a refusal with this code and reason and, for one of INVALID_ARGUMENT, exactly these fields at fault."""
        error, details = self.c.refusal(call)
        expect(error.code(), code, f"code of {error.details()!r}")
        expect(details["ErrorInfo"].domain, "cloudbr.agent", "domain")
        expect(details["ErrorInfo"].reason, reason, f"reason of {error.details()!r}")
        expect(details["Failure"].reason, reason, "reason of the Failure")
        named = [violation.field for violation in details["BadRequest"].field_violations] if "BadRequest" in details else None
        expect(named and sorted(named), fields and sorted(fields), f"fields at fault in {error.details()!r}")
        return error.details()


def on_host(function):
    """A case that begins with a host, whose agent nobody has told anything yet."""

    def run(options):
        with Host(options) as host:
            function(host, Management(options.stubs, host.agent.stub))

    run.__name__ = function.__name__
    return case(run)


def wait_for(look, wanted):
    """What is there once it is as wanted: the agent hears of what others do when the kernel comes to telling it."""
    end = time.monotonic() + LIMIT
    found = look()
    while found != wanted and time.monotonic() < end:
        found = look()
    return found
