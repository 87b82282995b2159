using System.Buffers;
using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Core.Validation;
using Cloudbr.Agent.Daemon.Services;
using Cloudbr.Agent.Dataplane.Journal;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Cloudbr.Agent.Daemon.Mapping;

/// <summary>
/// Generations as the agent keeps them on its disk. What it does not wholly understand it does not take: a newer agent may have written
/// it, and to leave a part out would make another desired state of it.
/// </summary>
internal sealed class GenerationMapping : IGenerationCodec
{
    private static readonly uint ConfigTag =
        WireFormat.MakeTag(Store.V1.StoredGeneration.ConfigFieldNumber, WireFormat.WireType.LengthDelimited);

    /// <summary>What comes before and after the sections that are long.</summary>
    private static readonly HashSet<ConfigSection> First = [ConfigSection.PhysicalNetworks];
    private static readonly HashSet<ConfigSection> Last = [.. ReplaceConfig.AllSections.Except(
        [ConfigSection.PhysicalNetworks, ConfigSection.Networks, ConfigSection.Ports, ConfigSection.AddressGroups])];

    /// <summary>What an agent knew that wrote no word of it.</summary>
    private static readonly ConfigSection[] FirstKnown =
    [
        ConfigSection.PhysicalNetworks, ConfigSection.Networks, ConfigSection.ControlNetwork, ConfigSection.Settings, ConfigSection.Providers,
        ConfigSection.Drift,
    ];

    private static readonly EncodedItems<Network> NoNetworks = new(V1.HostConfig.NetworksFieldNumber, n => n.Id, NetworkMapping.ToMessage);
    private static readonly EncodedItems<Port> NoPorts = new(V1.HostConfig.PortsFieldNumber, p => p.NicId, PortMapping.ToMessage);
    private static readonly EncodedItems<AddressGroup> NoGroups =
        new(V1.HostConfig.AddressGroupsFieldNumber, g => g.Name, AddressGroupMapping.ToMessage);

    /// <summary>Of the last config that was encoded; several threads may come with their own.</summary>
    private volatile EncodedItems<Network> _networks = NoNetworks;
    private volatile EncodedItems<Port> _ports = NoPorts;
    private volatile EncodedItems<AddressGroup> _groups = NoGroups;

    /// <summary>The fields in the order of their numbers, as the protobuf runtime would write them.</summary>
    public void Encode(Generation generation, IBufferWriter<byte> output)
    {
        new Store.V1.StoredGeneration { Entry = HistoryMapping.ToMessage(generation.Entry) }.WriteTo(output);
        WriteConfig(generation.Config, output);
        ToRest(generation).WriteTo(output);
    }

    public Generation Decode(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return ToModel(Store.V1.StoredGeneration.Parser.ParseFrom(bytes.Span));
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException($"it is no stored generation: {e.Message}", e);
        }
    }

    private void WriteConfig(HostConfig config, IBufferWriter<byte> output)
    {
        var first = HostConfigMapping.ToMessage(config, First);
        var networks = config.Networks.IsEmpty ? NoNetworks : _networks = _networks.Of(config.Networks);
        var ports = config.Ports.IsEmpty ? NoPorts : _ports = _ports.Of(config.Ports);
        var groups = config.AddressGroups.IsEmpty ? NoGroups : _groups = _groups.Of(config.AddressGroups);
        var last = HostConfigMapping.ToMessage(config, Last);
        var size = first.CalculateSize() + networks.Bytes.Length + ports.Bytes.Length + groups.Bytes.Length + last.CalculateSize();
        WireFields.WriteStart(ConfigTag, size, output);
        first.WriteTo(output);
        output.Write(networks.Bytes);
        output.Write(ports.Bytes);
        output.Write(groups.Bytes);
        last.WriteTo(output);
    }

    /// <summary>What follows the config.</summary>
    private static Store.V1.StoredGeneration ToRest(Generation generation)
    {
        var message = new Store.V1.StoredGeneration();
        message.Undeclared.Add(SectionMapping.ToMessages(generation.Undeclared));
        message.Known.Add(SectionMapping.ToMessages(ReplaceConfig.AllSections));
        message.PreviousSettings.Add(generation.PreviousSettings.OrderBy(s => s.Key, StringComparer.Ordinal)
            .Select(s => new Store.V1.PreviousSetting { Name = s.Key, Value = s.Value }));
        if (generation.Pending is { } pending)
        {
            message.Pending = new Store.V1.PendingConfirm
            {
                Generation = pending.Generation,
                Fallback = pending.Fallback,
                ConfirmBefore = Timestamp.FromDateTimeOffset(pending.ConfirmBefore),
            };
        }

        if (generation.LastConfirm is { } last)
        {
            message.LastConfirm = new Store.V1.ConfirmResult { Generation = last.Generation, IsGiven = last.IsGiven };
        }

        return message;
    }

    private static Generation ToModel(Store.V1.StoredGeneration message)
    {
        if (UnknownFields.FirstIn(message) is { } path)
        {
            throw new InvalidDataException($"{(path.Length == 0 ? "it" : path)} has fields that this agent does not know: a newer one wrote it");
        }

        if (message.Entry is not { } entry || message.Config is not { } config)
        {
            throw new InvalidDataException("it has no entry or no config");
        }

        if (entry.Commit.Length > 0)
        {
            throw new InvalidDataException("entry.commit is set, and is never kept here");
        }

        return new Generation
        {
            Entry = HistoryMapping.ToModel(entry),
            Config = ToConfig(config),
            Undeclared = [.. ToSections(message.Undeclared, "undeclared"), .. Unheard(message)],
            PreviousSettings = ToSettings(message.PreviousSettings),
            Pending = message.Pending is { } pending
                ? new PendingConfirm(pending.Generation, pending.Fallback, HistoryMapping.ToTime(pending.ConfirmBefore, "pending.confirm_before"))
                : null,
            LastConfirm = message.LastConfirm is { } last ? new ConfirmResult(last.Generation, last.IsGiven) : null,
        };
    }

    /// <summary>
    /// It was accepted when it was written, so it passes the same rules again; of the host nothing is asked, for that may have changed.
    /// </summary>
    private static HostConfig ToConfig(V1.HostConfig config)
    {
        var errors = new RequestErrors();
        var draft = HostConfigMapping.ToDraft(config, "config", errors);
        HostConfigRules.Check(draft, ReplaceConfig.AllSections, HostConfig.Empty, state: null, "config", errors.Wrong);
        if (errors.Wrong.Found.Concat(errors.NotYet.Found).FirstOrDefault() is { } fault)
        {
            throw new InvalidDataException(
                fault.Reason.Length == 0 ? $"{fault.FieldPath} is not done by this agent" : $"{fault.FieldPath}: {fault.Reason}");
        }

        return draft.ToConfig(HostConfig.Empty, ReplaceConfig.AllSections);
    }

    /// <summary>The sections that the agent which wrote it had never heard of: nobody can have given it those.</summary>
    private static IEnumerable<ConfigSection> Unheard(Store.V1.StoredGeneration message) =>
        ReplaceConfig.AllSections.Except(message.Known.Count == 0 ? FirstKnown : ToSections(message.Known, "known"));

    private static IEnumerable<ConfigSection> ToSections(IEnumerable<V1.ConfigSection> sections, string field) => sections.Select((s, i) =>
        SectionMapping.ToModel(s) ?? throw new InvalidDataException($"{field}[{i}]: {(int)s} is no section that this agent knows"));

    private static ImmutableDictionary<string, string> ToSettings(IEnumerable<Store.V1.PreviousSetting> settings)
    {
        var found = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var setting in settings)
        {
            if (!found.TryAdd(setting.Name, setting.Value))
            {
                throw new InvalidDataException($"previous_settings: {setting.Name} is named twice");
            }
        }

        return found.ToImmutable();
    }
}
