"""A management server's calls to a real agent, made with grpcio and judged by the kernel's own tools.

    cases.py --stubs DIR [CASE...] -- AGENT...

AGENT... is the command that starts the agent. Runs as root of a network namespace, a mount namespace and a PID namespace of its
own. Without CASE all of them run; each prints one line of JSON when it ends: {"case": NAME, "ok": true or false, "error": TEXT}.
When standard input closes it ends, and all that it started with it.
"""

import argparse
import concurrent.futures
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import traceback

import grpc

import generations  # its cases are in the list then
import ports  # its cases, too
from contract import Contract
from management import CASES, Management, case, expect, expect_in, on_host, wait_for
from scene import LIMIT, Agent, Ping, Space

def kernel_links(space):
    """Every device as `ip` shows it, in the contract's terms."""
    addresses = {link["ifname"]: link["addr_info"] for link in space.json("ip", "-json", "address")}
    found = {}
    for name, link in space.links().items():
        data = link.get("linkinfo", {}).get("info_data", {})
        kind = link.get("linkinfo", {}).get("info_kind", "")
        found[name] = {
            "ifindex": link["ifindex"], "kind": kind, "mac": link["address"], "mtu": link["mtu"], "up": "UP" in link["flags"],
            "carrier": "LOWER_UP" in link["flags"], "master": link.get("master", ""), "alias": link.get("ifalias", ""),
            "altnames": sorted(link.get("altnames", [])),
            "addresses": sorted(f"{a['local']}/{a['prefixlen']}" for a in addresses[name] if a),
        }
        if kind == "vxlan":
            found[name]["vxlan"] = (
                data["id"], data["port"], data.get("local", data.get("local6", "")), data.get("group", ""), data["ttl"], data["learning"])
            found[name]["parent"] = data.get("link", "")
        if kind == "bridge":
            # `ip` counts in hundredths of a second.
            found[name]["bridge"] = (
                bool(data["stp_state"]), data["forward_delay"] * 10, bool(data["mcast_snooping"]), bool(data["mcast_querier"]),
                int(str(data["group_fwd_mask"]), 0), data["ageing_time"] * 10)
    return found


def told_links(state):
    """The same as the agent tells it."""
    found = {}
    for link in state.links:
        found[link.name] = {
            "ifindex": link.ifindex, "kind": link.kind, "mac": link.mac, "mtu": link.mtu, "up": link.admin_up, "carrier": link.carrier,
            "master": link.master, "alias": link.alias, "altnames": sorted(link.altnames), "addresses": sorted(link.addresses),
        }
        if link.WhichOneof("detail") == "vxlan":
            v = link.vxlan
            found[link.name]["vxlan"] = (v.vni, v.udp_port, v.local_address, v.group, v.ttl, v.learning)
            found[link.name]["parent"] = link.parent
        if link.WhichOneof("detail") == "bridge":
            b = link.bridge
            found[link.name]["bridge"] = (
                b.stp, b.forward_delay_ms, b.multicast_snooping, b.multicast_querier, b.group_fwd_mask, b.ageing_ms)
    return found


def kernel_entries(space):
    """What `bridge` shows of tables that somebody set: not the groups that a device listens to, nor what was learned."""
    return sorted(
        (entry["ifname"], entry["mac"], entry.get("dst", ""))
        for entry in space.json("bridge", "-json", "fdb")
        if entry.get("state") == "permanent" and not is_group(entry["mac"]))


def is_group(mac):
    return int(mac[:2], 16) & 1


def told_entries(state):
    return sorted(
        (link.name, entry.mac, entry.peer_address) for link in state.links for entry in link.forwarding_entries if entry.permanent)


def expect_agreement(host, management):
    """The agent tells of links and forwarding entries exactly what the kernel's own tools do."""
    state = management.state(include_links=True, include_forwarding_entries=True)
    told, real = told_links(state), kernel_links(host.space)
    expect(sorted(told), sorted(real), "names of the links")
    for name in real:
        expect(told[name], real[name], f"link {name}")
    expect(told_entries(state), kernel_entries(host.space), "forwarding entries")
    return state


@on_host
def capabilities_are_what_the_kernel_can_do(host, management):
    found = management.stub.GetCapabilities(management.rpc.GetCapabilitiesRequest(), timeout=LIMIT).capabilities
    expect(found.host.kernel_release, os.uname().release, "kernel release")
    expect(list(found.agent.api_versions), ["cloudbr.agent.v1"], "contracts")
    for method in (
        "Apply", "CheckPhysicalNetworks", "Confirm", "GetConfig", "GetState", "Implement", "ListHistory", "Plan", "Prepare", "Release", "Resync", "Rollback", "Shutdown",
    ):
        expect_in(list(found.methods), f"cloudbr.agent.v1.HostNetwork/{method}", "methods")

    p = management.c.provider
    bridges = {provider.name: provider for provider in found.providers}["linux-bridge"]
    expect(p.ProviderState.Name(bridges.state), "PROVIDER_STATE_READY", f"state ({bridges.reason})")
    features = {feature.name: feature for feature in found.kernel_features}
    trial = Space()
    for name, command, kinds in (
        ("bridge", "link add name try type bridge", [p.ISOLATION_KIND_UNTAGGED]),
        ("8021q", "link add link lo name try type vlan id 2", [p.ISOLATION_KIND_VLAN]),
        ("vxlan", "link add name try type vxlan id 2 dstport 4789", [p.ISOLATION_KIND_VXLAN_MULTICAST, p.ISOLATION_KIND_VXLAN_STATIC, p.ISOLATION_KIND_VXLAN_EVPN]),
    ):
        result = subprocess.run([*trial.inside, "ip", *command.split()], capture_output=True, text=True)
        # A loopback takes no VLANs even where the kernel has them.
        there = "Unknown device type" not in result.stderr
        if result.returncode == 0:
            trial.ip("link delete try")
        expect(p.FeatureState.Name(features[name].state), f"FEATURE_STATE_{'AVAILABLE' if there else 'MISSING'}", name)
        expect([kind in bridges.isolations for kind in kinds], [there] * len(kinds), f"isolations that need {name}")
        expect(bool(features[name].reason), not there, f"reason of {name}")
    trial.close()


@case
def insecure_tcp_reaches_the_same_agent(options):
    # The namespace that this program itself is in is the only one that its connections can start from.
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory() as directory, Agent(options, [], f"{directory}/agent.sock", "--insecure", "127.0.0.1:0") as agent:
        target = re.search(r"127\.0\.0\.1:\d+", agent.serving_line).group()
        over_tcp, over_socket = Management(options.stubs, agent.connect(target)), Management(options.stubs, agent.stub)
        config = options.stubs.config.HostConfig(control_network=options.stubs.host.ControlNetwork(bridge="cloud7"))
        over_tcp.expect_outcome(over_tcp.apply(config).report, "APPLIED")
        expect(over_socket.config_in_force().generation, 1, "generation over the socket")
        expect("cloud7" in [link["ifname"] for link in json.loads(subprocess.check_output(["ip", "-json", "link"]))], True, "cloud7 is in the kernel")
        over_tcp.expect_outcome(over_tcp.apply(options.stubs.config.HostConfig()).report, "APPLIED")


@on_host
def physical_networks_are_checked_before_and_after(host, management):
    p = management.c.physical_network

    def results(*asked):
        return [p.PhysicalNetworkCheckResult.Name(check.result).removeprefix("PHYSICAL_NETWORK_CHECK_RESULT_") for check in management.check(*asked)]

    asked = [
        p.PhysicalNetwork(label="cloudbr0", mode=p.PHYSICAL_NETWORK_MODE_MANAGE, uplink="eth0"),
        p.PhysicalNetwork(label="cloudbr1"),
        p.PhysicalNetwork(label="eth0", mtu=9000),
        p.PhysicalNetwork(label="eth0b", mode=p.PHYSICAL_NETWORK_MODE_MANAGE, uplink="eth9"),
    ]
    before = host.space.snapshot()
    expect(results(*asked[:3]), ["TO_BE_MADE", "MISSING", "MTU_TOO_SMALL"], "before")
    checks = management.check(*asked[:3])
    expect_in(checks[1].message, "bridges here: none", "words about cloudbr1")
    expect([failure.reason for failure in checks[2].problems], ["UNDERLAY_MTU_TOO_SMALL"], "problems of eth0")
    expect(checks[2].mtu, 1600, "MTU of eth0")
    expect(results(asked[3]), ["NO_UPLINK"], "an uplink that is not here")
    expect(host.space.snapshot(), before, "the host after checks")

    management.apply(management.config())
    found = management.check()
    expect([(check.label, check.bridge, check.uplink, check.mtu) for check in found], [("cloudbr0", "cloudbr0", "eth0", 1600)], "after Apply")
    expect(wait_for(results, ["FOUND"]), ["FOUND"], "after Apply")
    host.peer.ip("link set eth0 down")
    expect(wait_for(results, ["UPLINK_DOWN"]), ["UPLINK_DOWN"], "with the cable out")


@on_host
def apply_makes_bridge_control_network_settings_and_networks(host, management):
    ping = Ping(host.peer, "192.0.2.1")
    ping.wait_for_answer()
    answer = management.apply(management.full())
    management.expect_outcome(answer.report, "APPLIED")
    expect((answer.report.previous_generation, answer.report.generation), (0, 1), "generations")
    answered, lost = ping.stop()
    expect(lost, [], f"lost while the addresses moved to the bridge, of {answered}")

    links = kernel_links(host.space)
    expect(links["eth0"]["master"], "cloudbr0", "master of the uplink")
    expect([a for a in links["eth0"]["addresses"] if "." in a], [], "addresses left on the uplink")
    expect_in(links["cloudbr0"]["addresses"], "192.0.2.1/24", "addresses of the bridge")
    expect(links["cloudbr0"]["mac"], links["eth0"]["mac"], "MAC of the bridge")
    expect([route["dev"] for route in host.space.json("ip", "-json", "route", "show", "default")], ["cloudbr0"], "default route")
    expect_in(links["cloud0"]["addresses"], "169.254.0.1/16", "addresses of the control network")
    expect((host.space.sysctl("net.ipv4.ip_forward"), host.space.sysctl("net.ipv4.igmp_max_memberships")), ("1", "100"), "settings")

    expect({name: link["vxlan"] for name, link in links.items() if "vxlan" in link}, {
        "vxlan101": (101, 4789, "", "239.1.2.3", 10, True),
        "vxlan102": (102, 4789, "192.0.2.1", "", 64, False),
        "vxlan103": (103, 4789, "192.0.2.1", "", 64, False),
    }, "VXLAN devices")
    for vni in (101, 102, 103):
        expect(links[f"vxlan{vni}"]["master"], f"brvx-{vni}", f"master of vxlan{vni}")
        for device in (f"vxlan{vni}", f"brvx-{vni}"):
            expect((links[device]["up"], links[device]["mtu"], links[device]["addresses"]), (True, 1500, []), device)
            expect(host.space.sysctl(f"net.ipv6.conf.{device}.disable_ipv6"), "1", f"IPv6 of {device}")
    expect([entry for entry in kernel_entries(host.space) if entry[0] == "vxlan102" and entry[2]], [
        ("vxlan102", "00:00:00:00:00:00", "192.0.2.2"),
        ("vxlan102", "00:00:00:00:00:00", "192.0.2.3"),
        ("vxlan102", "02:00:00:00:00:05", "192.0.2.4"),
    ], "entries of the static network")

    told = {network.network_id: (network.bridge, network.device, network.guest_mtu) for network in answer.networks}
    expect(told, {
        "multicast": ("brvx-101", "vxlan101", 1500), "static": ("brvx-102", "vxlan102", 1500), "evpn": ("brvx-103", "vxlan103", 1500),
        "untagged": ("cloudbr0", "eth0", 1500),
    }, "realisations")


@on_host
def implement_makes_one_network_of_each_kind(host, management):
    management.apply(management.config())
    for number, network in enumerate(management.full().networks):
        answer = management.implement(network)
        # The bridge of an untagged network is there already: only the configuration changes.
        management.expect_outcome(answer.report, "UNCHANGED" if network.id == "untagged" else "APPLIED")
        expect(answer.report.generation, number + 2, f"generation after {network.id}")
        expect(answer.realisation.bridge in kernel_links(host.space), True, f"bridge {answer.realisation.bridge} is in the kernel")
    state = expect_agreement(host, management)
    in_place = management.c.state.OBJECT_CONDITION_IN_PLACE
    expect(
        [(n.realisation.network_id, n.condition) for n in state.networks],
        [(id, in_place) for id in ("evpn", "multicast", "static", "untagged")], "networks")


@on_host
def state_agrees_with_the_kernels_own_tools(host, management):
    management.apply(management.full())
    state = expect_agreement(host, management)
    owned = {link.name: link.belongs_to for link in state.links if link.owned}
    expect(owned, {
        "cloudbr0": "cloudbr0", "cloud0": "", "vxlan101": "multicast", "brvx-101": "multicast", "vxlan102": "static", "brvx-102": "static",
        "vxlan103": "evpn", "brvx-103": "evpn",
    }, "links of the agent's")
    expect(
        [(setting.name, setting.desired, setting.actual, setting.previous) for setting in state.settings],
        [("net.ipv4.igmp_max_memberships", "100", "100", "20"), ("net.ipv4.ip_forward", "1", "1", "0")], "settings")

    # What others do shows as well.
    host.space.ip("link add name foreign type bridge", "link set foreign up", "address add 198.51.100.1/24 dev foreign")
    seen = lambda: "198.51.100.1/24" in {a for link in management.state(include_links=True).links for a in link.addresses}
    expect(wait_for(seen, True), True, "the agent sees a foreign bridge")
    foreign = {link.name: link for link in expect_agreement(host, management).links}["foreign"]
    expect((foreign.owned, foreign.belongs_to), (False, ""), "owner of the foreign bridge")


@on_host
def plan_and_dry_run_change_nothing(host, management):
    before = host.space.snapshot()
    full = management.full()
    planned = management.plan(apply=management.rpc.ApplyRequest(config=full)).report
    dry = management.apply(full, dry_run=True)
    for report in (planned, dry.report):
        management.expect_outcome(report, "PLANNED")
        expect((report.previous_generation, report.generation), (0, 0), "generations of a plan")
    expect(host.space.snapshot(), before, "the host after a plan")
    expect(management.config_in_force().generation, 0, "generation after a plan")
    expect(len(dry.networks), 4, "realisations of a dry run")

    done = management.apply(full).report
    steps = lambda report: [(change.action, change.object.kind, change.object.name, change.object.scope) for change in report.changes]
    expect(steps(planned), steps(done), "planned and done")
    expect(steps(dry.report), steps(done), "tried and done")

    before = host.space.snapshot()
    r = management.rpc
    management.expect_outcome(management.plan(shutdown=r.ShutdownRequest(network_id="static")).report, "PLANNED")
    management.expect_outcome(management.plan(implement=r.ImplementRequest(network=management.static("new", 200))).report, "PLANNED")
    management.expect_outcome(management.plan(implement=r.ImplementRequest(network=full.networks[0])).report, "UNCHANGED")
    management.expect_outcome(management.plan(resync=r.ResyncRequest()).report, "UNCHANGED")
    management.expect_outcome(management.shut_down("multicast", dry_run=True).report, "PLANNED")
    expect(host.space.snapshot(), before, "the host after more plans")
    expect(management.config_in_force().generation, 1, "generation after more plans")


@on_host
def the_same_again_is_unchanged(host, management):
    full = management.full()
    management.expect_outcome(management.apply(full).report, "APPLIED")
    before = host.space.snapshot()
    again = management.apply(full)
    management.expect_outcome(again.report, "UNCHANGED")
    expect(again.report.generation, 1, "generation")
    for network in full.networks:
        answer = management.implement(network)
        management.expect_outcome(answer.report, "UNCHANGED")
        expect(answer.report.generation, 1, "generation")
    management.expect_outcome(management.resync().report, "UNCHANGED")
    expect(host.space.snapshot(), before, "the host")


@on_host
def config_is_what_was_asked(host, management):
    full = management.full()
    management.apply(full)
    found = management.config_in_force()
    expect(found.config, full, "config")
    expect(found.HasField("accepted_at"), True, "accepted_at is set")

    # In sections: what is not named stays as it is.
    c = management.c
    only = management.rpc.ApplyRequest(
        change=management.options(), config=c.config.HostConfig(networks=[full.networks[0]]), sections=[c.config.CONFIG_SECTION_NETWORKS])
    management.expect_outcome(management.stub.Apply(only, timeout=LIMIT).report, "APPLIED")
    del full.networks[1:]
    expect(management.config_in_force().config, full, "config after one section")
    part = management.stub.GetConfig(management.rpc.GetConfigRequest(sections=[c.config.CONFIG_SECTION_SETTINGS]), timeout=LIMIT)
    expect(part.config, c.config.HostConfig(settings=full.settings), "one section of it")

    # An empty one removes all that is the agent's, and puts the uplink back as it was.
    management.expect_outcome(management.apply(c.config.HostConfig()).report, "APPLIED")
    expect(sorted(host.space.links()), ["eth0", "lo"], "devices of an empty config")
    expect_in(kernel_links(host.space)["eth0"]["addresses"], "192.0.2.1/24", "addresses of the uplink")
    expect([route["dev"] for route in host.space.json("ip", "-json", "route", "show", "default")], ["eth0"], "default route")
    expect(management.config_in_force().config, c.config.HostConfig(), "an empty config")


@on_host
def shutdown_removes_one_network_and_resync_heals(host, management):
    # Otherwise it would heal before it is asked to.
    full = management.full()
    full.drift.mode = management.c.drift.DRIFT_MODE_OBSERVE
    management.apply(full)
    management.expect_outcome(management.shut_down("static").report, "APPLIED")
    left = host.space.links()
    expect([name for name in ("vxlan102", "brvx-102") if name in left], [], "devices of the network that was shut down")
    expect([name in left for name in ("vxlan101", "brvx-101", "vxlan103", "brvx-103")], [True] * 4, "devices of the others")
    management.expect_outcome(management.shut_down("static").report, "UNCHANGED")
    management.expect_outcome(management.shut_down("never-here").report, "UNCHANGED")

    host.space.ip("link delete vxlan101", "link set brvx-103 mtu 1400", "address flush dev cloud0 to 169.254.0.1/16")
    generation = management.config_in_force().generation
    healed = management.resync().report
    management.expect_outcome(healed, "APPLIED")
    expect(healed.generation, generation, "generation after a resync")
    links = kernel_links(host.space)
    expect((links["vxlan101"]["master"], links["brvx-103"]["mtu"], links["cloud0"]["addresses"]), ("brvx-101", 1500, ["169.254.0.1/16"]), "healed")
    management.expect_outcome(management.resync().report, "UNCHANGED")


@on_host
def faulty_requests_are_refused_field_by_field(host, management):
    n = management.c.network
    management.apply(management.config())
    before = host.space.snapshot()
    bad = n.Network(
        id="a b", physical_network="nowhere", guest_mtu=575, vxlan=n.VxlanIsolation(
            vni=16777216, udp_port=65536, ttl=256, local_address="here",
            static=n.VxlanStatic(
                peers=[n.VxlanPeer(address="192.0.2.2"), n.VxlanPeer(address="192.0.2.2"), n.VxlanPeer(address="2001:db8::1")],
                entries=[
                    n.VxlanForwardingEntry(mac="02:00:00:00:00:05", peer_address="192.0.2.3"),
                    n.VxlanForwardingEntry(mac="02:00:00:00:00", peer_address="192.0.2.300")])))
    wrong = [
        "id", "physical_network", "guest_mtu", "vxlan.vni", "vxlan.udp_port", "vxlan.ttl", "vxlan.local_address",
        "vxlan.static.peers[1].address", "vxlan.static.peers[2].address", "vxlan.static.entries[1].mac",
        "vxlan.static.entries[1].peer_address",
    ]
    words = management.expect_refused(
        lambda: management.implement(bad), grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT", [f"network.{field}" for field in wrong])
    expect_in(words, "network.guest_mtu: 575 is not between 576 and 65535", "words")
    config = management.config(management.multicast("good", 7), bad)
    management.expect_refused(
        lambda: management.apply(config), grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT", [f"config.networks[1].{field}" for field in wrong])
    management.expect_refused(
        lambda: management.plan(apply=management.rpc.ApplyRequest(config=config)), grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT",
        [f"apply.config.networks[1].{field}" for field in wrong])

    invalid = lambda call, *fields: management.expect_refused(call, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT", fields)
    invalid(lambda: management.implement(management.multicast("x", 7), request_id=""), "change.request_id")
    invalid(lambda: management.implement(management.network("x")), "network.isolation")
    invalid(lambda: management.implement(management.network("x", vlan=n.VlanIsolation(vid=4095))), "network.vlan.vid")
    group_mac = management.static("x", 7, entries=[("01:00:5e:00:00:01", "192.0.2.2")])
    invalid(lambda: management.implement(group_mac), "network.vxlan.static.entries[0].mac")
    invalid(lambda: management.shut_down(""), "network_id")
    invalid(lambda: management.stub.Apply(management.rpc.ApplyRequest(change=management.options()), timeout=LIMIT), "config")
    invalid(lambda: management.stub.GetState(management.rpc.GetStateRequest(include_forwarding_entries=True), timeout=LIMIT), "include_forwarding_entries")
    invalid(lambda: management.plan(), "request")
    expect(host.space.snapshot(), before, "the host after refusals")
    expect(management.config_in_force().generation, 1, "generation after refusals")


@on_host
def what_the_host_cannot_do_is_refused_in_words(host, management):
    management.apply(management.config(management.multicast("first", 101)))
    before = host.space.snapshot()
    precondition, invalid = grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.INVALID_ARGUMENT

    wide = management.multicast("wide", 102)
    wide.guest_mtu = 9000
    words = management.expect_refused(lambda: management.implement(wide), precondition, "UNDERLAY_MTU_TOO_SMALL")
    expect_in(words, "guest MTU 9000 needs 9050 on eth0, which has 1600", "arithmetic in words")
    expect_in(words, "set guest_mtu 1550", "the way out")

    words = management.expect_refused(
        lambda: management.implement(management.multicast("second", 101)), invalid, "DUPLICATE_SEGMENT", ["network"])
    expect_in(words, "the networks first and second both want VNI 101", "both networks")
    words = management.expect_refused(
        lambda: management.apply(management.config(management.multicast("a", 5), management.static("b", 5))), invalid, "INVALID_ARGUMENT",
        ["config.networks[1].vxlan.vni"])
    expect_in(words, "VNI 5 of network b is also that of network a, config.networks[0]", "both networks")

    lost = management.multicast("lost", 103)
    lost.physical_network = "cloudbr9"
    words = management.expect_refused(lambda: management.implement(lost), invalid, "INVALID_ARGUMENT", ["network.physical_network"])
    expect_in(words, "there is no physical network cloudbr9", "the label")
    check_only = management.c.physical_network.PHYSICAL_NETWORK_MODE_CHECK_ONLY
    nowhere = management.config(
        management.multicast("first", 101), lost,
        physical_networks=[management.physical(), management.physical("cloudbr9", mode=check_only, uplink="")])
    words = management.expect_refused(lambda: management.apply(nowhere), precondition, "LABEL_MISSING")
    expect_in(words, "cloudbr9", "the label")
    expect_in(words, "bridges here: cloudbr0", "other labels")

    host.space.ip("link add name vxlan104 type vxlan id 999 dstport 4789")
    words = management.expect_refused(lambda: management.implement(management.multicast("taken", 104)), precondition, "DEVICE_EXISTS")
    expect_in(words, "vxlan104", "the device")
    expect(host.space.links()["vxlan104"]["linkinfo"]["info_data"]["id"], 999, "VNI of a foreign device")
    host.space.ip("link delete vxlan104")
    expect(host.space.snapshot(), before, "the host after refusals")

    host.guest("brvx-101", "10.0.0.1/24")
    before = host.space.snapshot()
    words = management.expect_refused(lambda: management.apply(management.c.config.HostConfig()), precondition, "DISRUPTION_NOT_ALLOWED")
    expect_in(words, "vnet0", "the port in use")
    expect(host.space.snapshot(), before, "the host after refusals")


@on_host
def what_this_version_does_not_do_is_refused_by_name(host, management):
    c, r = management.c, management.rpc

    def expect_not_yet(call, field):
        words = management.expect_refused(call, grpc.StatusCode.FAILED_PRECONDITION, "NOT_IN_THIS_VERSION")
        expect_in(words, field, "the field")

    p = c.port
    one, before = management.multicast("one", 101), host.space.snapshot()
    one.security.mode = c.network.NETWORK_SECURITY_MODE_SECURITY_GROUPS
    port = p.Port(nic_id="nic", network_id="one", mac="02:00:4c:00:00:05", security=c.security.PortSecurity(rule_counters=True))
    expect_not_yet(lambda: management.apply(management.config(one, ports=[port])), "config.ports[0]: security.rule_counters")
    expect(host.space.snapshot(), before, "the host after a refusal")
    management.apply(management.config(one))
    expect_not_yet(lambda: management.stub.Prepare(r.PrepareRequest(change=management.options(), port=port), timeout=LIMIT), "port: security.rule_counters")
    expect_not_yet(lambda: management.plan(prepare=r.PrepareRequest(port=port)), "prepare.port: security.rule_counters")

    # A method that is not there yet says so in words too.
    error, details = c.refusal(lambda: host.agent.answer("Diagnose", c.diagnostics.DiagnoseRequest(), service="Diagnostics"))
    expect(error.code(), grpc.StatusCode.UNIMPLEMENTED, "code of Diagnose")
    expect(details["ErrorInfo"].reason, "NOT_IN_THIS_VERSION", "reason of Diagnose")
    expect(management.config_in_force().generation, 1, "generation after refusals")


@on_host
def old_terms_and_generations_are_fenced_off(host, management):
    management.apply(management.config(), term=7)
    before = host.space.snapshot()
    one = management.multicast("one", 101)
    refused = lambda reason, **options: management.expect_refused(
        lambda: management.implement(one, **options), grpc.StatusCode.ABORTED, reason)
    expect_in(refused("STALE_TERM", term=6), "6 is older than 7", "both terms")
    expect_in(refused("STALE_TERM"), "term 7 has been seen", "the term seen")
    expect_in(refused("STALE_GENERATION", term=7, if_generation=0), "generation 0 was expected, and 1 is in force", "both generations")
    expect(host.space.snapshot(), before, "the host after refusals")
    management.expect_outcome(management.implement(one, term=8, if_generation=1).report, "APPLIED")
    expect(management.state(status_only=True).status.term, 8, "term")
    refused("STALE_TERM", term=7, if_generation=2)


@on_host
def killed_amid_a_big_apply_it_converges_and_loses_no_ping(host, management):
    count = 800
    keep = management.multicast("keep", 5)
    management.apply(management.config(keep))
    source, _ = host.guest("brvx-5", "10.0.0.1/24"), host.guest("brvx-5", "10.0.0.2/24")
    ping = Ping(source, "10.0.0.2")
    ping.wait_for_answer()
    untouched = {name: host.space.links()[name]["ifindex"] for name in ("brvx-5", "vxlan5", "cloudbr0", "vnet0", "vnet1")}

    big = management.config(keep, *(management.static(f"net-{vni}", vni) for vni in range(1001, 1001 + count)))
    monitor = host.space.start("ip", "-oneline", "monitor", "link")
    request = management.rpc.ApplyRequest(change=management.options(), config=big)
    pending = management.stub.Apply.future(request, timeout=LIMIT)
    for line in monitor.stdout:
        if "vxlan10" in line:
            break
    host.agent.kill()
    monitor.kill()
    expect(pending.code(), grpc.StatusCode.UNAVAILABLE, "status of the call that was under way")
    made = [name for name in host.space.links() if name.startswith("vxlan")]
    expect(1 < len(made) < count + 1, True, f"{len(made)} of {count + 1} networks were there when it was killed: some, and not all")

    host.start()
    management = Management(management.c, host.agent.stub)
    # What was begun is on disk, and its next life finishes it.
    management.expect_outcome(management.apply(big).report, "UNCHANGED")
    expect(management.config_in_force().generation, 2, "generation")
    links = host.space.links()
    wanted = {name for vni in (5, *range(1001, 1001 + count)) for name in (f"vxlan{vni}", f"brvx-{vni}")}
    expect({name for name in links if name.startswith(("vxlan", "brvx-"))}, wanted, "devices")
    expect([name for name in wanted if not links[name].get("ifalias")], [], "devices without an alias")
    expect([name for name in wanted if name.startswith("vxlan") and links[name].get("master") != name.replace("vxlan", "brvx-")], [], "devices in no bridge")
    expect(sum(1 for entry in kernel_entries(host.space) if entry[2] == "192.0.2.2"), count, "flooding entries")
    expect({name: links[name]["ifindex"] for name in untouched}, untouched, "devices of the untouched network")
    answered, lost = ping.stop()
    expect(lost, [], f"pings lost on the untouched network, of {answered}")
    # The kernel takes a namespace full of devices away much more slowly than the agent does.
    management.expect_outcome(management.apply(management.config(keep)).report, "APPLIED")


@on_host
def fifty_implements_at_once_all_succeed(host, management):
    management.apply(management.config())
    stubs = [host.agent.connect(f"unix:{host.socket}") for _ in range(5)]
    networks = [management.static(f"net-{vni}", vni) for vni in range(101, 151)]
    random.Random(1).shuffle(networks)
    together = threading.Barrier(len(networks))

    def implement(number):
        together.wait(LIMIT)
        return Management(management.c, stubs[number % len(stubs)]).implement(networks[number])

    with concurrent.futures.ThreadPoolExecutor(len(networks)) as pool:
        answers = list(pool.map(implement, range(len(networks))))
    for network, answer in zip(networks, answers):
        management.expect_outcome(answer.report, "APPLIED")
        expect(answer.realisation.network_id, network.id, "the network of the answer")
    expect(sorted(answer.report.generation for answer in answers), list(range(2, 52)), "generations, each once")
    expect(sorted(network.id for network in management.config_in_force().config.networks), sorted(network.id for network in networks), "networks in force")
    expect_agreement(host, management)
    management.expect_outcome(management.resync().report, "UNCHANGED")


@on_host
def five_hundred_networks_in_one_call(host, management):
    host_settings = management.c.host.HostSettings(igmp_max_memberships=1000)
    networks = [management.multicast(f"net-{vni:04}", vni) if vni % 2 else management.static(f"net-{vni:04}", vni, ["192.0.2.2", "192.0.2.3"]) for vni in range(1, 501)]
    config = management.config(*networks, settings=host_settings)
    answer = management.apply(config)
    management.expect_outcome(answer.report, "APPLIED")
    expect(len(answer.networks), 500, "realisations")
    expect(management.config_in_force().config, config, "config")
    state = expect_agreement(host, management)
    expect(sum(1 for link in state.links if link.kind == "vxlan"), 500, "VXLAN devices")
    management.expect_outcome(management.apply(config).report, "UNCHANGED")
    management.expect_outcome(management.apply(management.c.config.HostConfig()).report, "APPLIED")
    expect(sorted(host.space.links()), ["eth0", "lo"], "devices of an empty config")


def run(name, options):
    error = ""
    try:
        CASES[name](options)
    except Exception:  # whatever went wrong is this case's result, and the next case still runs
        error = traceback.format_exc()
    print(json.dumps({"case": name, "ok": not error, "error": error}), flush=True)


def end_with_input():
    while os.read(0, 4096):
        pass
    os._exit(1)


def main():
    split = sys.argv.index("--")
    parser = argparse.ArgumentParser()
    parser.add_argument("--stubs", required=True)
    parser.add_argument("cases", nargs="*", metavar="CASE")
    options = parser.parse_args(sys.argv[1:split])
    options.agent = sys.argv[split + 1:]
    unknown = [name for name in options.cases if name not in CASES]
    if unknown:
        sys.exit(f"no such case: {', '.join(unknown)}")
    options.stubs = Contract(options.stubs)
    threading.Thread(target=end_with_input, daemon=True).start()
    for name in options.cases or CASES:
        run(name, options)


if __name__ == "__main__":
    main()
