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
    public void Encode(Generation generation, IBufferWriter<byte> output) => ToMessage(generation).WriteTo(output);

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

    private static Store.V1.StoredGeneration ToMessage(Generation generation)
    {
        var message = new Store.V1.StoredGeneration
        {
            Entry = HistoryMapping.ToMessage(generation.Entry),
            Config = HostConfigMapping.ToMessage(generation.Config, ReplaceConfig.AllSections),
        };
        message.Undeclared.Add(SectionMapping.ToMessages(generation.Undeclared));
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
            Undeclared = [.. message.Undeclared.Select((s, i) => SectionMapping.ToModel(s)
                ?? throw new InvalidDataException($"undeclared[{i}]: {(int)s} is no section that this agent knows"))],
            PreviousSettings = ToSettings(message.PreviousSettings),
            Pending = message.Pending is { } pending
                ? new PendingConfirm(pending.Generation, pending.Fallback, HistoryMapping.ToTime(pending.ConfirmBefore, "pending.confirm_before"))
                : null,
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
