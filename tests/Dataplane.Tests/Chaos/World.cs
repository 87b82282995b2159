using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Dataplane.Journal;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Dataplane.Tests.Chaos;

/// <summary>
/// A host, a disk and a clock that outlive the agent, its lives one after the other, and what is expected of it. Whatever breaks a promise
/// is a <see cref="PromiseBrokenException"/>.
/// </summary>
internal sealed class World : IDisposable
{
    private static readonly TimeSpan LongerThanAnyPause = TimeSpan.FromMinutes(11);

    private readonly TokenCodec _codec = new();
    private readonly MemoryHost _boot;
    private List<(ConfigEdit Edit, ChangeOptions Options)> _unanswered = [];
    private bool _hadFaults;
    private bool _saysDiskFails;

    /// <summary>Between these a life decided that died before it could say so.</summary>
    private List<ulong?> _undecided = [];
    private string _foreign;

    public World(MemoryHost? host = null)
    {
        Host = host ?? ChaosHost.Make();
        _boot = Host.Clone();
        _foreign = ChaosHost.Foreign(Host.State);
    }

    public MemoryHost Host { get; private set; }

    public MemoryFolder Folder { get; private set; } = new();

    public ForgetfulHistory History { get; } = new();

    public SetClock Clock { get; } = new();

    public Expected Expected { get; } = new();

    /// <summary>The agent's present life; null while it is dead.</summary>
    public Life? Life { get; private set; }

    /// <summary>What was in force when it died the last time, as far as anybody had been told.</summary>
    public ulong GenerationBeforeDeath { get; private set; }

    /// <summary>What it told last.</summary>
    public ChangeReport? Told { get; private set; }

    /// <summary>Faults were put in its way since it was last at rest: then a failure is an answer, too.</summary>
    public void NoteFault() => _hadFaults = true;

    /// <summary>A new life, which may end before it has begun.</summary>
    public void Start(Doom? doom = null, Action<Life>? prepare = null)
    {
        History.Doom = doom ??= new Doom();
        var life = new Life(Host, Folder, _codec, History, Clock, doom, prepare);
        Life = life;
        if (life.Doom.IsDead)
        {
            if (life.Journal.Found.Begun is { } begun)
            {
                _undecided = [begun.Number, life.Journal.Found.InForce?.Number];
            }

            Bury();
            return;
        }

        life.Doom.DiesBefore = null;
        CheckResumption(life);
        _undecided = [];
        TakeTold();
        _saysDiskFails = SaysDiskFails(life);
    }

    /// <summary>Asks for these at once, and judges the answers.</summary>
    public void Ask(params IReadOnlyList<(ConfigEdit Edit, ChangeOptions Options)> requests)
    {
        _unanswered = [.. requests];
        Life!.Change(requests);
        AfterWork();
    }

    /// <summary>Somebody else does something to the host.</summary>
    public void Meddle(Action<MemoryHost> action)
    {
        if (Life is { } life)
        {
            life.OnLoop(() => Touch(action));
            life.Round();
            AfterWork();
        }
        else
        {
            Touch(action);
        }
    }

    /// <summary>The same, on the loop's thread already. What the kernel does not let them do they do not do.</summary>
    public void Touch(Action<MemoryHost> action)
    {
        CheckForeign("before somebody else's change");
        try
        {
            action(Host);
        }
        catch (KernelRefusedException)
        {
            // Then it stays as it is.
        }

        _foreign = ChaosHost.Foreign(Host.State);
    }

    public void Pass(TimeSpan time)
    {
        Clock.Advance(time);
        if (Life is { } life)
        {
            life.Wake();
            life.Round();
            AfterWork();
        }
    }

    /// <summary>The process is killed; of its diary so much is left.</summary>
    public void Kill(int historyKept = int.MaxValue)
    {
        Life?.Dispose();
        Bury(historyKept);
    }

    /// <summary>The power goes, and with it all that was in the kernel.</summary>
    public void LosePower(int namesKept, UnsyncedBytes bytes, int historyKept)
    {
        Life?.Dispose();
        var left = Folder.AfterPowerLoss(namesKept, bytes);
        Bury(historyKept);
        (Folder, Host) = (left, _boot.Clone());
        _foreign = ChaosHost.Foreign(Host.State);
    }

    /// <summary>Nothing is in the way any more and time has passed. Then all has to be as it was last accepted, and stay so.</summary>
    public void Settle()
    {
        if (Life is null)
        {
            Start();
        }

        Life!.DiskFails = null;
        Life.Kernel.FailingReads = 0;
        Life.Kernel.Meddling = null;
        Meddle(host =>
        {
            host.FailNext(0);
            foreach (var link in host.State.Links.Where(l => l.Alias == ChaosHost.Theirs || l.Name.StartsWith(ChaosHost.TapPrefix, StringComparison.Ordinal)).ToList())
            {
                host.RemoveForeign(link.Name);
            }

            if (host.State.Find(ChaosHost.Uplink) is null)
            {
                ChaosHost.PlugUplink(host);
            }
        });
        for (var i = 0; i < 5; i++)
        {
            Pass(LongerThanAnyPause);
        }

        // After an undo that was not complete the agent waits for somebody to have it look.
        Ask((new Resync(), new ChangeOptions("settle") { Term = Expected.Term }));
        History.Flush();
        _hadFaults = false;
        CheckRest();
        var (writes, generation) = (Host.Writes, Life.View.Generation);
        Kill();
        Start();
        Check(Host.Writes == writes && Life.View.Generation == generation && (Life.Resumption is null or { Steps: 0, Interrupted: null }), $"a restart changes something: {Life.Resumption}");
        CheckRest();
    }

    public void Dispose() => Life?.Dispose();

    private void AfterWork()
    {
        if (Life!.Doom.IsDead)
        {
            Life.Dispose();
            TakeTold();
            Bury();
            return;
        }

        TakeTold();
        _saysDiskFails = SaysDiskFails(Life);
        Check(_unanswered.Count == 0, $"nobody answered {string.Join(", ", _unanswered.Select(u => u.Options.RequestId))}");
        CheckForeign($"the agent's work");
        Check(Life.View.Generation == Expected.Generation, $"the view says generation {Life.View.Generation}, and {Expected.Generation} was told");
        Expected.SettleTerm(Life.View.Term);
        Check(Life.View.Term == Expected.Term, $"the view says term {Life.View.Term}, and {Expected.Term} was seen");
    }

    private void TakeTold()
    {
        foreach (var told in Life!.TakeTold())
        {
            _unanswered.RemoveAll(u => u.Options == told.Options);
            _saysDiskFails |= told.Report.Failures.Any(f => f.Reason == "STATE_NOT_WRITABLE") || told.Report.Warnings.Any(w => w.Reason == "NOT_ON_DISK_YET");
            Expected.Take(told, _hadFaults);
            Told = told.Report;
            CheckMade(told);
        }
    }

    /// <summary>What is told to be made is made when it is told, whoever else was in the same turn: later it might be healed, and nobody would know.</summary>
    private void CheckMade(Life.Told told)
    {
        var network = told.Edit switch { PutNetwork put => put.Network.Id, RemoveNetwork remove => remove.Id, _ => null };
        if (network is not null && told is { Report.Succeeded: true, Options.DryRun: false })
        {
            var plan = LeftToDo(told.State, new PlanScope([network]), []);
            Check(plan.Steps.Count == 0 && plan.Failures.Count == 0, $"{told.Options.RequestId} was told to be {told.Report.Outcome}, and left to do is {Words(plan)}");
        }
    }

    /// <summary>By an agent that knows nothing but the configuration.</summary>
    private Plan LeftToDo(HostState state, PlanScope scope, ImmutableHashSet<ConfigSection> undeclared)
    {
        var providers = new ProviderSet([new LinuxBridgeProvider(Life.Everything, Life.Hostname)], Expected.Config.Providers);
        var desired = Designer.Best(Desired.Nothing with { Hostname = Life.Hostname, Undeclared = undeclared }, Expected.Config, state, providers);
        return Planner.Make(desired, desired, state, scope, allowDisruption: true);
    }

    private static string Words(Plan plan) => $"{string.Join("; ", plan.Steps)} {string.Join("; ", plan.Failures.Select(f => f.Message))}";

    /// <summary>What is told is there to stay, unless the agent says that the disk does not take it.</summary>
    private static bool SaysDiskFails(Life life) => life.View.Degradations.Exists(d => d.Reason == DegradedReason.StateNotWritable);

    private void Bury(int historyKept = int.MaxValue)
    {
        if (Life is { } life)
        {
            life.Dispose();
            GenerationBeforeDeath = Expected.Generation;
            History.Lose(Math.Min(historyKept, History.Unsafe));
            Folder = Folder.AfterCrash();
            Life = null;
        }
    }

    /// <summary>What a new life found is what was in force, or what was asked for and not answered; and it says which it goes on from.</summary>
    private void CheckResumption(Life life)
    {
        var (found, resumption) = (life.Journal.Found, life.Resumption);
        var possible = Expected.After(_unanswered);
        Check(found.Damaged.Count == 0, $"damaged files: {string.Join("; ", found.Damaged.Select(d => d.Message))}");
        Check(
            resumption?.Interrupted == found.Begun?.Number,
            $"it found generation {found.Begun?.Number} begun, and says {resumption}");
        var inForce = resumption is { IsFinished: true } ? found.Begun : found.InForce;
        Check((resumption?.Generation ?? 0) == (inForce?.Number ?? 0), $"generation {inForce?.Number} should be in force, and it says {resumption}");
        Check(
            (_saysDiskFails && (found.Begun is not null || found.InForce?.Number == Expected.Left || _undecided.Contains(found.InForce?.Number))) || possible.Any(p => p.Generation == (inForce?.Number ?? 0) && Same(p.Config, inForce?.Config ?? HostConfig.Empty)),
            $"generation {inForce?.Number} is in force after the restart, and it could be {string.Join(" or ", possible.Select(p => p.Generation).Distinct())}");
        Check((found.Term >= Expected.Term || _saysDiskFails) && found.Term <= _unanswered.Select(u => u.Options.Term).Append(Expected.Term).Append(Expected.Doubtful ?? 0).Max(), $"term {found.Term}, and {Expected.Term} was seen");
        if (inForce is not null)
        {
            var isFallbackLost = inForce.Pending is { } pending && found.Previous?.Number != pending.Fallback && found.InForce?.Number != pending.Fallback && History.Find(pending.Fallback) is null;
            Expected.Adopt(inForce, isFallbackLost);
        }

        Expected.AdoptTerm(found.Term);

        _unanswered = [];
    }

    private void CheckForeign(string when)
    {
        var now = ChaosHost.Foreign(Host.State);
        Check(now == _foreign, $"{when}: others' devices were\n{_foreign}\nand are\n{now}");
    }

    private void CheckRest()
    {
        var view = Life!.View;
        Check(view.FindProblems().Count == 0, $"problems at rest: {string.Join("; ", view.FindProblems().SelectMany(p => p.Value).Select(f => f.Message))}");

        Check(view.Drifts.IsEmpty && view.Degradations.All(d => d.Reason is DegradedReason.JournalDamaged), $"at rest: {view.Status}, {string.Join("; ", view.Degradations.Select(d => d.Failure.Message))}");
        Check(view.Generation == Expected.Generation && Same(view.Desired.Config, Expected.Config) && Same(view.InForce.Config, Expected.Config), $"generation {Expected.Generation} is not what is desired");
        Check(view.InForce.Pending is null && Expected.Fallback is null, "nothing waits for a confirmation for ever");

        var plan = LeftToDo(Host.State, PlanScope.Everything, view.InForce.Undeclared);
        Check(plan.Steps.Count == 0 && plan.Failures.Count == 0, $"left to do at rest: {Words(plan)}");
        foreach (var link in Host.State.Links)
        {
            Check(Ownership.Read(link.Alias) is not { } owner || IsWanted(owner), $"nobody wants {link.Name} of {link.Alias}");
        }

        CheckForeign("at rest");
        var found = new FileJournal(Folder.AfterCrash(), _codec, Clock).Read();
        Check(found.Begun is null && (found.InForce?.Number ?? 0) == Expected.Generation && (found.InForce is null || Same(found.InForce.Config, Expected.Config)), $"the journal has generation {found.InForce?.Number}, begun {found.Begun?.Number}");
        Check(found.Term == Expected.Term, $"the journal has term {found.Term}");
        Check(Expected.Generation == 0 || History.List(null, 1).Count > 0, "there is no history");
        foreach (var entry in History.List(null, int.MaxValue))
        {
            Check(entry.Generation <= Expected.Generation || entry.Outcome == ChangeOutcome.FailedUndone, $"the history is ahead: {entry}");
            Check(entry is { Confirmation: not Confirmation.Awaited, Outcome: not ChangeOutcome.AwaitingConfirm }, $"the history does not say what became of {entry}");
        }
    }

    private bool IsWanted(Ownership owner) => owner.Kind switch
    {
        Ownership.Network => Expected.Config.Networks.ContainsKey(owner.Id),
        Ownership.Control => Expected.Config.ControlNetwork is not null,
        _ => Expected.Config.PhysicalNetworks.ContainsKey(owner.Id),
    };

    private static bool Same(HostConfig one, HostConfig other) => one.SettleOn(other) == other;

    private static void Check(bool holds, string what)
    {
        if (!holds)
        {
            throw new PromiseBrokenException(what);
        }
    }
}
