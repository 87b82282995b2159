"""Cases about what an agent remembers: generations that must be confirmed, that are gone back to, and that outlive it."""

import grpc
from google.protobuf import duration_pb2

from management import Management, expect, expect_in, on_host, wait_for


def devices(host):
    """By name, each with its number: another number is another device."""
    return {name: link["ifindex"] for name, link in host.space.links().items()}


def seconds(count):
    return duration_pb2.Duration(seconds=count)


def apply_unconfirmed(management, config, within):
    report = management.apply(config, confirm_within=seconds(within)).report
    management.expect_outcome(report, "AWAITING_CONFIRM")
    expect(report.HasField("confirm_before"), True, "confirm_before is set")
    return report


def refusal(management, request):
    """All that is told with it."""
    error, details = management.c.refusal(lambda: management.stub.Implement(request))
    return error.code(), error.details(), details


def generation(management):
    return management.state(status_only=True).status.generation


def expect_gone_back(host, management, before, config):
    """Generation 2 was not confirmed: as generation 3 there is what generation 1 said, in the kernel too."""
    expect(wait_for(lambda: generation(management), 3), 3, "generation after the way back")
    expect(management.config_in_force().config, config, "config after the way back")
    expect(sorted(devices(host)), sorted(before), "devices after the way back")
    expect(devices(host)["vxlan101"], before["vxlan101"], "the device that was in both")
    expect(management.state(status_only=True).status.HasField("pending_confirm"), False, "nothing is awaited any more")
    history = management.c.history
    newest, unconfirmed, first = management.history().entries
    expect((newest.generation, newest.restores_generation, newest.caller), (3, 1, "agent"), "the way back in the history")
    expect(unconfirmed.confirmation, history.CONFIRMATION_EXPIRED, "what became of the confirmation")
    expect(first.confirmation, history.CONFIRMATION_NOT_ASKED, "the first")


@on_host
def unconfirmed_it_goes_back_by_itself(host, management):
    first = management.config(management.multicast("kept", 101))
    management.apply(first)
    before = devices(host)
    apply_unconfirmed(management, management.config(management.multicast("kept", 101), management.multicast("tried", 102)), 1)
    expect_gone_back(host, management, before, first)


@on_host
def unconfirmed_it_goes_back_although_it_was_killed_meanwhile(host, management):
    first = management.config(management.multicast("kept", 101))
    management.apply(first)
    before = devices(host)
    apply_unconfirmed(management, management.config(management.multicast("kept", 101), management.multicast("tried", 102)), 1)
    host.agent.kill()
    host.start()
    expect_gone_back(host, Management(management.c, host.agent.stub), before, first)


@on_host
def confirmed_it_stays(host, management):
    management.apply(management.config(management.multicast("kept", 101)))
    wanted = management.config(management.multicast("kept", 101), management.multicast("tried", 102))
    report = apply_unconfirmed(management, wanted, 8)
    pending = management.state(status_only=True).status.pending_confirm
    expect((pending.generation, pending.fallback_generation), (2, 1), "what is awaited")
    error, details = management.c.refusal(lambda: management.implement(management.multicast("other", 103)))
    expect((error.code(), details["ErrorInfo"].reason), (grpc.StatusCode.FAILED_PRECONDITION, "CONFIRM_AWAITED"), "another change meanwhile")
    expect(details["RetryInfo"].retry_delay.seconds > 0, True, "when to ask again")

    before = devices(host)
    management.expect_outcome(management.confirm(2).report, "APPLIED")
    management.expect_refused(lambda: management.confirm(2), grpc.StatusCode.FAILED_PRECONDITION, "NOT_AWAITED")
    for beat in host.agent.heartbeats():
        expect(beat.generation, 2, "generation")
        if beat.wall_time.ToNanoseconds() > report.confirm_before.ToNanoseconds():
            break
    expect(management.config_in_force().config, wanted, "config when the time is over")
    expect(devices(host), before, "devices when the time is over")
    expect(management.history().entries[0].confirmation, management.c.history.CONFIRMATION_GIVEN, "what became of the confirmation")


@on_host
def rolled_back_it_is_as_it_was_and_the_history_says_so(host, management):
    first = management.config(management.static("back", 102), management.multicast("kept", 101))
    management.apply(first, term=4, note="the first")
    before = devices(host)
    management.shut_down("back", term=4)
    management.implement(management.multicast("new", 103), term=5)
    request = management.rpc.RollbackRequest(to_generation=1, change=management.c.change.ChangeOptions(term=5))
    plan = management.plan(rollback=request).report
    management.expect_outcome(plan, "PLANNED")
    expect(generation(management), 3, "generation after a plan")

    report = management.roll_back(1, term=5, note="it was better").report
    management.expect_outcome(report, "APPLIED")
    expect((report.previous_generation, report.generation), (3, 4), "generations")
    steps = lambda report: [(change.action, change.object.name) for change in report.changes]
    expect(steps(report), steps(plan), "done and planned")
    expect(sorted(devices(host)), sorted(before), "devices")
    expect(devices(host)["vxlan101"], before["vxlan101"], "the device that was always there")
    expect(management.config_in_force().config, first, "config in force")
    expect([network.id for network in management.config_of(3).config.networks], ["kept", "new"], "config of generation 3")
    refused = lambda call: management.c.refusal(call)[0]
    expect(refused(lambda: management.roll_back(9, term=5)).code(), grpc.StatusCode.NOT_FOUND, "a generation that never was")

    page = management.history(page_size=3)
    expect([entry.generation for entry in page.entries], [4, 3, 2], "the newest")
    rest = management.history(page_size=3, page_token=page.next_page_token)
    expect(([entry.generation for entry in rest.entries], rest.next_page_token), ([1], ""), "the rest")
    entries = [*page.entries, *rest.entries]
    expect([entry.method for entry in entries], [f"HostNetwork/{name}" for name in ("Rollback", "Implement", "Shutdown", "Apply")], "methods")
    expect([entry.term for entry in entries], [5, 5, 4, 4], "terms")
    expect([entry.note for entry in entries], ["it was better", "", "", "the first"], "notes")
    expect([entry.HasField("restores_generation") for entry in entries], [True, False, False, False], "who restored something")
    expect(entries[0].restores_generation, 1, "what was restored")
    expect_in(entries[1].summary, "network new: VXLAN 103", "summary")
    expect(refused(lambda: management.history(page_size=1001)).code(), grpc.StatusCode.INVALID_ARGUMENT, "a page that is too long")


@on_host
def killed_it_knows_everything_again_and_writes_nothing(host, management):
    full = management.full()
    management.apply(full, term=7)
    request = management.rpc.ImplementRequest(change=management.options(term=7), network=management.multicast("last", 999))
    answer = host.agent.answer("Implement", request)
    wrong = management.rpc.ImplementRequest(change=management.options(term=7, if_generation=1), network=management.multicast("late", 998))
    refused = refusal(management, wrong)
    commits = lambda: all(entry.commit for entry in management.history().entries)
    expect(wait_for(commits, True), True, "every generation has a commit")

    known = (management.config_in_force(), management.config_of(1), management.history())
    before = host.space.snapshot()
    for _ in range(2):
        host.agent.kill()
        host.start()
        management = Management(management.c, host.agent.stub)
        expect(host.agent.answer("Implement", request), answer, "bytes of the same request's answer")
        expect(refusal(management, wrong), refused, "the same request's refusal")
        expect(wait_for(commits, True), True, "every generation has a commit")
        expect((management.config_in_force(), management.config_of(1), management.history()), known, "what is known after a restart")
        expect(management.state(status_only=True).status.term, 7, "term")
        expect(host.space.snapshot(), before, "the kernel after a restart")
        management.expect_outcome(management.resync(term=7).report, "UNCHANGED")
