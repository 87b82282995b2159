"""Cases about ports: a guest's NIC, from before its device is there until after it is gone."""

import re
from contextlib import closing

from management import expect, expect_in, on_host, wait_for
from scene import LIMIT, Space


def port_of(management):
    p, s = management.c.port, management.c.security
    web = s.SecurityRule(
        protocol=s.RULE_PROTOCOL_TCP, ports=s.PortRange(first=80, last=443), cidrs=["10.0.0.0/8"], address_groups=["friends"])
    return p.Port(
        nic_id="nic-1", network_id="web", mac="02:00:4c:00:00:05", addresses=["10.0.0.5"], security=s.PortSecurity(ingress=[web]))


def rules(host):
    """What the tools themselves show, all of the filter, but for when they were asked and what was counted until then."""
    shown = [host.space.run("iptables-save"), host.space.run("ip6tables-save"), host.space.run("ebtables-save"), host.space.run("ipset", "save")]
    return [re.sub(r" \[\d+:\d+\]$", "", line) for text in shown for line in text.splitlines() if not line.startswith("#")]


@on_host
def a_port_is_prepared_followed_and_released(host, management):
    c, r = management.c, management.rpc
    secured = management.multicast("web", 101)
    secured.security.mode = c.network.NETWORK_SECURITY_MODE_SECURITY_GROUPS
    management.expect_outcome(management.apply(management.config(secured)).report, "APPLIED")
    port, friends = port_of(management), c.security.AddressGroup(name="friends", members=["192.0.2.77"])

    def prepare(**options):
        request = r.PrepareRequest(change=management.options(**options), port=port, address_groups=[friends])
        return management.stub.Prepare(request, timeout=LIMIT)

    before = rules(host)
    planned = prepare(dry_run=True)
    management.expect_outcome(planned.report, "PLANNED")
    expect(rules(host), before, "the rules after a dry run")
    answer = prepare()
    management.expect_outcome(answer.report, "APPLIED")
    expect(answer.realisation, planned.realisation, "the realisation, as it was planned")
    waiting = c.port.PortRealisation(nic_id="nic-1", bridge="brvx-101", guest_mtu=1500, presence=c.port.PORT_PRESENCE_WAITING)
    expect(answer.realisation, waiting, "the realisation")
    expect_in("\n".join(rules(host)), "192.0.2.77", "the group in the kernel")
    management.expect_outcome(prepare().report, "UNCHANGED")

    with closing(host.agent.port_events()) as events, closing(Space()) as guest:
        expect(next(events), None, "the stream is open")
        host.space.ip(
            f"link add name vnet7 address fe:00:4c:00:00:05 type veth peer name eth0 address 02:00:4c:00:00:05 netns {guest.pid}",
            "link set vnet7 master brvx-101", "link set vnet7 up")
        found = next(events)
        while found.realisation.presence != c.port.PORT_PRESENCE_ATTACHED:
            # Between the two commands it was there and on no bridge.
            found = next(events)
        expect((found.nic_id, found.realisation.device, found.realisation.bridge), ("nic-1", "vnet7", "brvx-101"), "the event")
        state = wait_for(lambda: management.state(nic_ids=["nic-1"]).ports[0].filtered, True)
        expect(state, True, "its rules are in the kernel")
        expect_in("\n".join(rules(host)), "--physdev-in vnet7", "the rules that lead to the port")
        expect(management.state().networks[0].nic_ids, ["nic-1"], "the network's ports")
        host.space.ip("link delete vnet7")
        expect(next(events).realisation, waiting, "the port without its device")

    management.expect_outcome(
        management.stub.Release(r.ReleaseRequest(change=management.options(), nic_id="nic-1"), timeout=LIMIT).report, "APPLIED")
    expect([line for line in rules(host) if "vnet7" in line or "02:00:4c:00:00:05" in line], [], "rules of the port")
    expect(len(management.state().ports), 0, "ports")
    # git is done with the folder that goes with the host.
    expect(wait_for(lambda: bool(management.history().entries[0].commit), True), True, "the release is in the history")
