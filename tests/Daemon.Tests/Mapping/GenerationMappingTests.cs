using System.Buffers;
using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Daemon.Mapping;
using Cloudbr.Agent.Daemon.Tests.Services;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Cloudbr.Agent.Daemon.Tests.Mapping;

/// <summary>What is kept on disk comes back as it was, and nothing that is not wholly understood does.</summary>
internal sealed class GenerationMappingTests
{
    private readonly GenerationMapping _codec = new();

    [FsCheck.NUnit.Property(MaxTest = 300)]
    public void Generation_Any_ComesBackAsItWas(int seed)
    {
        var generation = new RandomGeneration(seed).Next();
        AssertSame(_codec.Decode(Encode(generation)), generation);
    }

    [FsCheck.NUnit.Property(MaxTest = 100)]
    public void Encode_TheSameOtherwiseMade_IsTheSameBytes(int seed)
    {
        var generation = new RandomGeneration(seed).Next();
        var config = generation.Config;
        var otherwise = generation with
        {
            Config = config with
            {
                PhysicalNetworks = HostConfig.Empty.PhysicalNetworks.AddRange(config.PhysicalNetworks.Reverse()),
                Networks = HostConfig.Empty.Networks.AddRange(config.Networks.Reverse().Select(n => KeyValuePair.Create(n.Key, n.Value with { }))),
                Ports = HostConfig.Empty.Ports.AddRange(config.Ports.Reverse().Select(p => KeyValuePair.Create(p.Key, p.Value with { }))),
                AddressGroups = HostConfig.Empty.AddressGroups.AddRange(config.AddressGroups.Reverse()),
            },
            Undeclared = [.. generation.Undeclared.Reverse()],
            PreviousSettings = ImmutableDictionary.Create<string, string>(StringComparer.Ordinal).AddRange(generation.PreviousSettings.Reverse()),
        };
        Assert.That(Encode(otherwise), Is.EqualTo(Encode(generation)));
        Assert.That(new GenerationMapping().Decode(Encode(otherwise)).Number, Is.EqualTo(generation.Number));
    }

    /// <summary>What did not change is not encoded again, so each step is held against an encoder that knows nothing of the ones before.</summary>
    [FsCheck.NUnit.Property(MaxTest = 40)]
    public void Encode_OneAfterTheOther_IsWhatEachIsByItself(int seed)
    {
        var random = new RandomGeneration(seed);
        var generation = random.Next();
        for (var i = 0; i < 8; i++)
        {
            var other = random.Next();
            var kept = generation.Config.Networks.Values.Where((n, at) => (at + i) % 3 != 0).ToDictionary(n => n.Id);
            var mixed = other.Config.Networks.Where(n => !kept.ContainsKey(n.Key)).Take(i)
                .Concat(kept.Select(n => KeyValuePair.Create(n.Key, n.Value with { DisplayName = i % 2 == 0 ? n.Value.DisplayName : "new" })));
            var ports = generation.Config.Ports.Where((p, at) => (at + i) % 3 != 0)
                .Select(p => KeyValuePair.Create(p.Key, i % 2 == 0 ? p.Value : p.Value with { DisplayName = "new" }))
                .Concat(other.Config.Ports).DistinctBy(p => p.Key);
            generation = other with
            {
                Config = other.Config with { Networks = HostConfig.Empty.Networks.AddRange(mixed), Ports = HostConfig.Empty.Ports.AddRange(ports) },
            };
            Assert.That(Encode(generation), Is.EqualTo(Encode(generation, new GenerationMapping())), $"step {i}");
        }
    }

    [Test]
    public void Encode_IsWhatTheProtobufRuntimeWrites()
    {
        var generation = Sample();
        Assert.That(Encode(generation), Is.EqualTo(Message(generation).ToByteArray()));
    }

    /// <summary>Nobody can have told an agent of what it had never heard of, so nothing is removed for not being in it.</summary>
    [Test]
    public void Decode_OfAnAgentThatKnewNoPorts_HasThemUndeclared()
    {
        var message = Message(Sample() with { Undeclared = [ConfigSection.Settings] });
        message.Known.Clear();
        message.Config.Ports.Clear();
        message.Config.AddressGroups.Clear();
        message.Config.HostAccess = null;
        Assert.That(
            _codec.Decode(message.ToByteArray()).Undeclared,
            Is.EquivalentTo(new[] { ConfigSection.Settings, ConfigSection.Ports, ConfigSection.AddressGroups, ConfigSection.HostAccess }));
    }

    [Test]
    public void Decode_OfAnAgentThatKnewSomeSections_HasTheOthersUndeclared()
    {
        var message = Message(Sample() with { Undeclared = [ConfigSection.Drift] });
        Assert.That(_codec.Decode(message.ToByteArray()).Undeclared, Is.EquivalentTo(new[] { ConfigSection.Drift }));
        message.Known.Remove(V1.ConfigSection.HostAccess);
        Assert.That(_codec.Decode(message.ToByteArray()).Undeclared, Is.EquivalentTo(new[] { ConfigSection.Drift, ConfigSection.HostAccess }));
    }

    [Test]
    public void Decode_UnknownFieldAnywhere_IsRefused()
    {
        foreach (var (path, _) in RandomMessage.Parts(Message(Sample())))
        {
            var message = Message(Sample());
            RandomMessage.AddUnknownField(RandomMessage.Parts(message).Single(p => p.Path == path).Message);
            Assert.That(
                () => _codec.Decode(message.ToByteArray()), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("a newer one wrote it"), path);
        }
    }

    private static IEnumerable<TestCaseData> Wrong { get; } =
    [
        Of(m => m.Entry = null, "it has no entry or no config"),
        Of(m => m.Config = null, "it has no entry or no config"),
        Of(m => m.Entry.Commit = "abc", "entry.commit is set, and is never kept here"),
        Of(m => m.Entry.AcceptedAt = null, "accepted_at is missing"),
        Of(m => m.Entry.AcceptedAt = new Timestamp { Nanos = -1 }, "accepted_at: 0 s and -1 ns make no time"),
        Of(m => m.Entry.AcceptedAt = new Timestamp { Seconds = long.MaxValue }, "accepted_at: 9223372036854775807 s and 0 ns make no time"),
        Of(m => m.Entry.Outcome = V1.ChangeOutcome.Unspecified, "entry.outcome: 0 is none that this agent knows"),
        Of(m => m.Entry.Confirmation = (V1.Confirmation)9, "entry.confirmation: 9 is none that this agent knows"),
        Of(m => m.Undeclared.Add(V1.ConfigSection.Probing), "undeclared[0]: 10 is no section that this agent knows"),
        Of(m => m.Known.Add(V1.ConfigSection.Unspecified), "known[9]: 0 is no section that this agent knows"),
        Of(m => m.PreviousSettings.Add(m.PreviousSettings[0].Clone()), "previous_settings: a.b is named twice"),
        Of(m => m.Pending.ConfirmBefore = null, "pending.confirm_before is missing"),
        Of(m => m.Config.Networks[0].ClearIsolation(), "config.networks[0].isolation: is required: one of untagged, vlan, vxlan"),
        Of(m => m.Config.Networks[0].GuestMtu = 1, "config.networks[0].guest_mtu: 1 is not between 576 and 65535"),
        Of(m => m.Config.Networks.Add(m.Config.Networks[0].Clone()), "config.networks[5].id: net-1 is also config.networks[0].id"),
        Of(m => m.Config.Networks[0].PhysicalNetwork = "nowhere", "config.networks[0].physical_network: there is no physical network nowhere in the config"),
        Of(m => m.Config.Probing = new V1.PathProbing(), "config.probing is not done by this agent"),
        Of(m => m.Config.Ports[0].Mac = "", "config.ports[0].mac: is required"),
        Of(m => m.Config.Ports[1].NetworkId = "net-9", "config.ports[1].network_id: there is no network net-9 in the config"),
        Of(m => m.Config.AddressGroups.RemoveAt(1), "config.ports[0].security.ingress[0].address_groups[0]: there is no address group sg-7 in the config"),
        Of(m => m.Config.Drift.AuditInterval.Seconds = 1, "config.drift.audit_interval: 1.0000005 s is not between 5 s and 1 day"),
    ];

    [TestCaseSource(nameof(Wrong))]
    public void Decode_WhatThisAgentWouldNotHaveWritten_IsRefused(Action<Store.V1.StoredGeneration> spoil, string reason)
    {
        var message = Message(Sample());
        spoil(message);
        Assert.That(() => _codec.Decode(message.ToByteArray()), Throws.InstanceOf<InvalidDataException>().With.Message.EqualTo(reason));
    }

    [Test]
    public void Decode_AnyBytes_IsAGenerationOrInvalidData()
    {
        var bytes = Encode(Sample());
#pragma warning disable CA5394 // Nothing secret.
        var random = new Random(7);
        for (var i = 0; i < 3000; i++)
        {
            var spoiled = bytes.AsSpan(0, random.Next(bytes.Length + 1)).ToArray();
            for (var flips = random.Next(4); flips > 0 && spoiled.Length > 0; flips--)
            {
                spoiled[random.Next(spoiled.Length)] ^= (byte)(1 << random.Next(8));
            }
#pragma warning restore CA5394

            try
            {
                _codec.Decode(spoiled);
            }
            catch (InvalidDataException)
            {
                continue;
            }
        }

        Assert.That(() => _codec.Decode(bytes.AsMemory(0, bytes.Length - 1)), Throws.InstanceOf<InvalidDataException>());
    }

    [Test]
    public void ManagedLabelWithoutUplink_IsReadWhateverTheHostHas()
    {
        var message = Message(Sample());
        message.Config.PhysicalNetworks[0].Uplink = "";
        Assert.That(_codec.Decode(message.ToByteArray()).Config.PhysicalNetworks["cloudbr0"].Uplink, Is.Empty);
    }

    private static void AssertSame(Generation actual, Generation expected)
    {
        Assert.That(actual.Entry, Is.EqualTo(expected.Entry));
        Assert.That(expected.Config.SettleOn(actual.Config), Is.SameAs(actual.Config));
        Assert.That(actual.Undeclared, Is.EquivalentTo(expected.Undeclared));
        Assert.That(actual.PreviousSettings, Is.EquivalentTo(expected.PreviousSettings));
        Assert.That(actual.Pending, Is.EqualTo(expected.Pending));
        Assert.That(actual.LastConfirm, Is.EqualTo(expected.LastConfirm));
    }

    private static Generation Sample()
    {
        var errors = new RequestErrors();
        return new Generation
        {
            Entry = new RandomGeneration(1).Entry() with { Restores = 3 },
            Config = HostConfigMapping.ToDraft(Samples.Whole(), "config", errors)
                .ToConfig(HostConfig.Empty, ReplaceConfig.AllSections),
            PreviousSettings = ImmutableDictionary.Create<string, string>(StringComparer.Ordinal).Add("a.b", "1"),
            Pending = new PendingConfirm(5, 4, DateTimeOffset.UnixEpoch),
            LastConfirm = new ConfirmResult(3, IsGiven: true),
        };
    }

    private static Store.V1.StoredGeneration Message(Generation generation) =>
        Store.V1.StoredGeneration.Parser.ParseFrom(Encode(generation, new GenerationMapping()));

    private static byte[] Encode(Generation generation, GenerationMapping codec)
    {
        var buffer = new ArrayBufferWriter<byte>();
        codec.Encode(generation, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    private byte[] Encode(Generation generation) => Encode(generation, _codec);

    private static TestCaseData Of(Action<Store.V1.StoredGeneration> spoil, string reason) => new TestCaseData(spoil, reason).SetArgDisplayNames(reason);
}
