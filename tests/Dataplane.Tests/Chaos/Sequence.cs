using System.Globalization;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Dataplane.Tests.Chaos;

/// <summary>
/// A random story of a host: requests, deaths, other people's changes, faults. Each move has a dice of its own, so that one can be left
/// out of a story without changing the others.
/// </summary>
internal sealed class Sequence(int seed, IReadOnlyList<int> moves) : IDisposable
{
    private readonly World _world = new();
    private int _requests;
    private int _taps;

    /// <summary>What was done so far, for people.</summary>
    public List<string> Log { get; } = [];

    public Expected Expected => _world.Expected;

    /// <summary>How often the agent died.</summary>
    public int Deaths { get; private set; }

    public void Run()
    {
#pragma warning disable CA5394 // Nothing secret.
        _world.Start();
        Ask(new Random(seed), (new ReplaceConfig(Requests.Config(new Random(seed)), ReplaceConfig.AllSections), Options() with { AllowDisruption = true }));
        foreach (var move in moves)
        {
            var dice = new Random(unchecked((seed * 1_000_003) + move));
            if (_world.Life is null)
            {
                WhileDead(dice);
            }
            else
            {
                Move(dice);
            }
        }

        Note("settle");
        _world.Settle();
    }

    public void Dispose() => _world.Dispose();

    private void Move(Random dice)
    {
        var kernel = _world.Life!.Kernel;
        switch (dice.Next(24))
        {
            case < 9:
                Ask(dice, [.. Enumerable.Range(0, dice.Next(3) == 0 ? dice.Next(2, 6) : 1).Select(_ => Draw(dice))]);
                break;
            case < 12:
                AskAndDie(dice);
                break;
            case 12:
                Note("kill");
                Kill(dice);
                break;
            case 13:
                LosePower(dice);
                break;
            case < 17:
                var (what, action) = Change(dice);
                Note($"somebody: {what}");
                _world.Meddle(action);
                break;
            case 17:
                var (whatElse, meanwhile) = Change(dice);
                var at = dice.Next(4);
                Note($"before step {at} of what comes, somebody: {whatElse}");
                _world.NoteFault();
                kernel.Meddling = (at, () => _world.Touch(meanwhile));
                break;
            case 18:
                var step = dice.Next(1, 8);
                Note($"the kernel refuses step {step} of what comes, once");
                _world.NoteFault();
                _world.Host.FailNext(step, "EBUSY", "Device or resource busy");
                break;
            case 19:
                Note("reports are lost");
                kernel.IsOverrun = true;
                break;
            case 20 when dice.Next(8) == 0:
                (kernel.ReadsBeforeFailing, var reads) = (dice.Next(1, 5), dice.Next(1, 3));
                Note($"the kernel cannot be read {reads} times, after {kernel.ReadsBeforeFailing}");
                _world.NoteFault();
                kernel.FailingReads = reads;
                break;
            case 21:
                var (operation, faults) = (dice.Next(12), dice.Next(2) == 0 ? dice.Next(2, 100) : 1);
                Note(string.Create(CultureInfo.InvariantCulture, $"the disk fails {faults} times, after {operation} operations"));
                _world.NoteFault();
                _world.Life.DiskFails = (_, _) => operation-- <= 0 && faults-- > 0 ? 28 : null;
                break;
            case 22:
                Replace(dice);
                break;
            default:
                var time = TimeSpan.FromSeconds(dice.Next(1, 90));
                Note($"{time.TotalSeconds} s pass");
                _world.Pass(time);
                break;
        }
    }

    private void WhileDead(Random dice)
    {
        switch (dice.Next(7))
        {
            case 6:
                Replace(dice);
                break;
            case < 2:
                var (what, action) = Change(dice);
                Note($"while it is dead, somebody: {what}");
                _world.Meddle(action);
                break;
            case 2:
                var time = TimeSpan.FromSeconds(dice.Next(1, 90));
                Note($"while it is dead {time.TotalSeconds} s pass");
                _world.Clock.Advance(time);
                break;
            case 3:
                var operation = dice.Next(25);
                Note($"start, and die at operation {operation}");
                _world.Start(new Doom { DiesBefore = operation });
                Deaths += _world.Life is null ? 1 : 0;
                break;
            default:
                Note("start");
                _world.Start();
                break;
        }
    }

    private void Ask(Random dice, params IReadOnlyList<(ConfigEdit Edit, ChangeOptions Options)> requests)
    {
        foreach (var (edit, options) in requests)
        {
            Note($"ask {Show(edit)}, {Show(options)}");
        }

        _world.Ask(requests);
        if (dice.Next(2) == 0)
        {
            _world.History.Flush();
        }
    }

    private void AskAndDie(Random dice)
    {
        var doom = _world.Life!.Doom;
        var after = dice.Next(30);
        doom.DiesBefore = doom.Passed + after;
        Note($"die {after} operations later");
        Ask(dice, [.. Enumerable.Range(0, dice.Next(3) == 0 ? dice.Next(2, 5) : 1).Select(_ => Draw(dice))]);
        if (_world.Life is null)
        {
            Deaths++;
            Note($"died at {doom.Where}");
        }
        else
        {
            doom.DiesBefore = null;
        }
    }

    private void Kill(Random dice)
    {
        Deaths++;
        _world.Kill(dice.Next(4));
    }

    private void LosePower(Random dice)
    {
        var (kept, bytes, history) = (dice.Next(1 << 10), (UnsyncedBytes)dice.Next(4), dice.Next(4));
        Note(string.Create(CultureInfo.InvariantCulture, $"the power goes; names kept {kept:b}, unsynced bytes {bytes}, history kept {history}"));
        Deaths++;
        _world.LosePower(kept, bytes, history);
    }

    private (ConfigEdit Edit, ChangeOptions Options) Draw(Random dice)
    {
        var (config, generation) = (_world.Expected.Config, _world.Expected.Generation);
        var isManaging = config.PhysicalNetworks.ContainsKey(ChaosHost.ManagedBridge);
        ConfigEdit edit = dice.Next(14) switch
        {
            < 5 => new PutNetwork(Requests.Network(dice, dice.Next(1, Requests.Networks + 1), isManaging)),
            < 8 => new RemoveNetwork(Requests.Id(dice.Next(1, Requests.Networks + 1))),
            < 10 => new ReplaceConfig(Requests.Config(dice), Requests.Sections(dice)),
            10 => new Resync(),
            11 or 12 when _world.Expected.Fallback is not null => new ConfirmGeneration(generation),
            11 => new ConfirmGeneration((ulong)dice.Next((int)generation + 1)),
            _ => _world.History.Find((ulong)Math.Max(1, (int)generation - dice.Next(4))) is { } known ? new RestoreGeneration(known) : new Resync(),
        };
        return (edit, Options() with
        {
            Term = dice.Next(10) switch { 0 => _world.Expected.Term + 1, 1 when _world.Expected.Term > 0 => _world.Expected.Term - 1, _ => _world.Expected.Term },
            IfGeneration = dice.Next(8) switch { 0 => generation, 1 => generation + 1, _ => null },
            DryRun = edit is not ConfirmGeneration && dice.Next(10) == 0,
            AllowDisruption = dice.Next(3) > 0,
            ConfirmWithin = edit is not (ConfirmGeneration or Resync) && dice.Next(6) == 0 ? TimeSpan.FromSeconds(dice.Next(10, 120)) : null,
        });
    }

    private ChangeOptions Options() => new(string.Create(CultureInfo.InvariantCulture, $"r{++_requests}"))
    {
        Term = _world.Expected.Term, Caller = "CN=mgmt-1", Method = "HostNetwork/Apply",
    };

    private Link? DrawOwned(Random dice)
    {
        var owned = _world.Host.State.Links.Where(l => Ownership.Read(l.Alias)?.Kind is Ownership.Network or Ownership.Control).OrderBy(l => l.Index).ToList();
        return owned.Count == 0 ? null : owned[dice.Next(owned.Count)];
    }

    /// <summary>Not while a change is made: this host takes steps by name, and the kernel by the number of the device that was meant.</summary>
    private void Replace(Random dice)
    {
        if (_world.Host.State.Links.FirstOrDefault(l => l.Alias == ChaosHost.Theirs)?.Name is { } theirs)
        {
            Note($"somebody takes {theirs} away again");
            _world.Meddle(host => host.RemoveForeign(theirs));
        }
        else if (DrawOwned(dice)?.Name is { } name)
        {
            Note($"somebody puts a device of its own in the place of {name}");
            _world.Meddle(host => ChaosHost.Replace(host, name));
        }
    }

    /// <summary>What others do: mostly to what is the agent's.</summary>
    private (string What, Action<MemoryHost> Do) Change(Random dice)
    {
        var link = DrawOwned(dice);
        switch (dice.Next(12))
        {
            case < 3 when link is not null:
                return ($"removes {link.Name}", host => host.RemoveForeign(link.Name));
            case 3 when link is not null:
                return ($"gives {link.Name} another MTU", host => Write(host, link, new LinkChange { Mtu = 1300 }));
            case 4 when link is not null:
                return ($"switches {link.Name} off", host => Write(host, link, new LinkChange { Up = false }));
            case 5 when link is { Master: not 0 }:
                return ($"takes {link.Name} out of its bridge", host => Write(host, link, new LinkChange { Master = "" }));
            case 6 when link is { Vxlan: not null }:
                return ($"puts an entry into {link.Name}", host => host.PutForeign(link.Name, MacAddress.Parse("02:00:00:00:00:66"), System.Net.IPAddress.Parse("192.0.2.66")));
            case 7 when link is { Kind: LinkKind.Bridge }:
                var name = string.Create(CultureInfo.InvariantCulture, $"{ChaosHost.TapPrefix}{++_taps}");
                return ($"plugs {name} into {link.Name}", host => ChaosHost.PlugTap(host, name, link.Name));
            case 8 when _world.Host.State.Links.FirstOrDefault(l => l.Name.StartsWith(ChaosHost.TapPrefix, StringComparison.Ordinal)) is { } tap:
                return ($"unplugs {tap.Name}", host => host.RemoveForeign(tap.Name));
            case 9:
                var value = dice.Next(2).ToString(CultureInfo.InvariantCulture);
                return ($"sets ip_forward to {value}", host => host.PutSetting("net.ipv4.ip_forward", value));
            case 10 when _world.Host.State.Find(ChaosHost.Uplink) is null:
                return ("plugs the uplink in again", ChaosHost.PlugUplink);
            case 10 when dice.Next(3) == 0:
                _world.NoteFault();
                return ("pulls the uplink out", host => host.RemoveForeign(ChaosHost.Uplink));
            default:
                return ("gives the office another address", host => host.PutForeign("office", new InterfaceAddress(new IpPrefix(new System.Net.IPAddress([10, 9, 0, (byte)dice.Next(10, 250)]), 24))));
        }
    }

    private static void Write(MemoryHost host, Link link, LinkChange change) =>
        host.Apply(new ChangeLink(ObjectRef.Link(link.Name), StepAction.Update, link.Name, link.Kind, change, new LinkChange()));
#pragma warning restore CA5394

    private void Note(string what) => Log.Add(what);

    private static string Show(ConfigEdit edit) => edit switch
    {
        PutNetwork put => Show(put.Network),
        RemoveNetwork remove => $"no {remove.Id}",
        ReplaceConfig replace => $"{string.Join('+', replace.Sections)}: {Show(replace.Config)}",
        RestoreGeneration restore => $"generation {restore.Target.Number} again: {Show(restore.Target.Config)}",
        _ => edit.ToString(),
    };

    private static string Show(HostConfig config) =>
        $"[{string.Join(", ", config.PhysicalNetworks.Keys)}; {string.Join(", ", config.Networks.Values.OrderBy(n => n.Id, StringComparer.Ordinal).Select(Show))}; control {config.ControlNetwork is not null}; {config.Settings}]";

    private static string Show(Network network) =>
        $"{network.Id} on {network.PhysicalNetwork} {(network.Isolation is VxlanIsolation { Mode: var mode } ? mode.GetType().Name : network.Isolation.GetType().Name)} {network.GuestMtu}";

    private static string Show(ChangeOptions options) => string.Create(
        CultureInfo.InvariantCulture,
        $"{options.RequestId} term {options.Term}{(options.IfGeneration is { } wanted ? $" if {wanted}" : "")}{(options.DryRun ? " dry" : "")}{(options.AllowDisruption ? " disrupting" : "")}{(options.ConfirmWithin is { } within ? $" confirm within {within.TotalSeconds} s" : "")}");
}
