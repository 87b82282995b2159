using Cloudbr.Agent.Interop.Peers;
using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Interop;

/// <summary>
/// The agent, as a process on a host of its own, driven by a management server that is not ours: grpcio with stubs that protoc made of
/// the contract. What it says is held against what the kernel's own tools say. The cases are in python/agent.
/// </summary>
internal sealed class AgentTests
{
    private static readonly string[] Cases =
    [
        "capabilities_are_what_the_kernel_can_do",
        "insecure_tcp_reaches_the_same_agent",
        "physical_networks_are_checked_before_and_after",
        "apply_makes_bridge_control_network_settings_and_networks",
        "implement_makes_one_network_of_each_kind",
        "state_agrees_with_the_kernels_own_tools",
        "plan_and_dry_run_change_nothing",
        "the_same_again_is_unchanged",
        "config_is_what_was_asked",
        "shutdown_removes_one_network_and_resync_heals",
        "faulty_requests_are_refused_field_by_field",
        "what_the_host_cannot_do_is_refused_in_words",
        "what_this_version_does_not_do_is_refused_by_name",
        "a_port_is_prepared_followed_and_released",
        "old_terms_and_generations_are_fenced_off",
        "killed_amid_a_big_apply_it_converges_and_loses_no_ping",
        "fifty_implements_at_once_all_succeed",
        "five_hundred_networks_in_one_call",
        "unconfirmed_it_goes_back_by_itself",
        "unconfirmed_it_goes_back_although_it_was_killed_meanwhile",
        "confirmed_it_stays",
        "rolled_back_it_is_as_it_was_and_the_history_says_so",
        "killed_it_knows_everything_again_and_writes_nothing",
    ];

    private ForeignClient _client = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        await Grpcio.GenerateAgentStubsAsync();
        _client = Grpcio.AgentClient(DotnetProgram.Executable(Repository.BuiltFile("agent/Daemon", "cloudbr-agent")));
    }

    [OneTimeTearDown]
    public async Task EndAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync();
        }
    }

    [TestCaseSource(nameof(Cases))]
    [CancelAfter(280_000)]
    public async Task Case_Passes(string name, CancellationToken cancellationToken)
    {
        var result = await _client.ResultAsync(name, cancellationToken);
        Assert.That(result.Ok, Is.True, result.Error);
    }
}
