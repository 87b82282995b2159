using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Providers;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Dataplane.Drivers;
using Cloudbr.Agent.Dataplane.Journal;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Dataplane.Tests.Chaos;

/// <summary>
/// One life of the agent: the real loop and the real journal, until it dies. What it told before its death counts, nothing after it.
/// Everything is done on the loop's thread, one thing after the other, so that the same seed gives the same life.
/// </summary>
internal sealed class Life : IDisposable
{
    public const string Hostname = "kvm-01";
    private const int MostAttempts = 10;

    private readonly TaskCompletionSource _died = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Witness _witness;
    private readonly ReconcileLoop? _loop;
    private bool _isOver;

    public Life(MemoryHost host, MemoryFolder folder, IGenerationCodec codec, IHistory history, SetClock clock, Doom doom, Action<Life>? prepare = null)
    {
        Doom = doom;
        folder.Fails = (operation, name) =>
        {
            doom.Pass($"disk {operation} {name}");
            return DiskFails?.Invoke(operation, name);
        };
        Kernel = new MortalKernel(host, doom);
        Journal = new MortalJournal(new FileJournal(folder, codec, clock));
        _witness = new Witness(doom, _died);
        prepare?.Invoke(this);
        try
        {
            _loop = ReconcileLoop.Start(new DataplaneSetup
            {
                Hostname = Hostname,
                Kernel = Kernel,
                Providers = [new LinuxBridgeProvider(Everything, Hostname)],
                Journal = Journal,
                History = history,
                Observer = _witness,
                Time = clock,
            });
        }
        catch (Exception e) when (doom.IsDead && e is JournalException or KernelException)
        {
            // It died before it was up.
            return;
        }

        Round();
    }

    public static Provider Everything => new() { Name = LinuxBridgeProvider.Name, Isolations = Enum.GetValues<IsolationKind>().ToValueList() };

    public Doom Doom { get; }

    public MortalKernel Kernel { get; }

    public MortalJournal Journal { get; }

    /// <summary>The disk's error number, asked for each operation on a name; null while the disk is well.</summary>
    public Func<string, string, int?>? DiskFails { get; set; }

    public DataplaneView View => _loop!.View;

    /// <summary>How it says it went on; null if it did not come so far, or there was nothing to go on from.</summary>
    public Resumption? Resumption => _witness.Resumption;

    /// <summary>What it told of changes while it lived, and was not asked for by <see cref="TakeTold"/> yet.</summary>
    public IReadOnlyList<Told> TakeTold() => _witness.Take();

    /// <summary>Has this done on the loop's thread. Does nothing in a dead agent.</summary>
    public void OnLoop(Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Kernel.Visit(() =>
        {
            action();
            done.SetResult();
        });
        Ask(done.Task);
    }

    /// <summary>The loop takes in what the kernel reported, and does what is due. Returns when it has nothing to do, or died.</summary>
    public void Round()
    {
        // The first may be answered in a round that was under way; the second comes after a whole one.
        OnLoop(() => { });
        OnLoop(() => { });
    }

    /// <summary>
    /// Asks for all of these so that they wait together. Returns when all have an answer and what that left to do is done, or the agent died.
    /// </summary>
    public void Change(IReadOnlyList<(ConfigEdit Edit, ChangeOptions Options)> requests)
    {
        List<Task> waiting = [];
        OnLoop(() => waiting.AddRange(requests.Select(r => (Task)_loop!.ChangeAsync(r.Options, r.Edit, CancellationToken.None))));
        Task.WhenAny(Task.WhenAll(waiting), _died.Task).GetAwaiter().GetResult();

        // Between its answers and this comes a whole round.
        OnLoop(() => { });
    }

    public void Wake() => Kernel.Wake();

    /// <summary>The process is gone: what it had begun to do is not done.</summary>
    public void Dispose()
    {
        if (!_isOver)
        {
            _isOver = true;
            Doom.Die("between two operations");
            _died.TrySetResult();
            _loop?.Dispose();
        }
    }

    /// <summary>Asks questions until one is answered on the loop's thread: while the kernel cannot be read none is.</summary>
    private void Ask(Task done)
    {
        for (var attempt = 0; !done.IsCompleted && !Doom.IsDead; attempt++)
        {
            var question = _loop!.ReadForwardingAsync(CancellationToken.None);
            Task.WhenAny(question, done, _died.Task).GetAwaiter().GetResult();
            if (attempt == MostAttempts)
            {
                throw new InvalidOperationException("the loop does not answer");
            }
        }
    }

    internal sealed record Told(ChangeReport Report, ChangeOptions Options, ConfigEdit Edit);

    private sealed class Witness(Doom doom, TaskCompletionSource died) : SilentObserver
    {
        private readonly Lock _gate = new();
        private List<Told> _told = [];

        public Resumption? Resumption { get; private set; }

        public List<Told> Take()
        {
            lock (_gate)
            {
                var told = _told;
                _told = [];
                return told;
            }
        }

        public override void Changed(ChangeReport report, ChangeOptions options, ConfigEdit edit)
        {
            if (doom.IsDead)
            {
                died.TrySetResult();
                return;
            }

            lock (_gate)
            {
                _told.Add(new Told(report, options, edit));
            }
        }

        public override void Resumed(Resumption resumption) => Resumption = doom.IsDead ? null : resumption;

        public override void KernelFailed(Failure failure)
        {
            if (doom.IsDead)
            {
                died.TrySetResult();
            }
        }
    }
}
