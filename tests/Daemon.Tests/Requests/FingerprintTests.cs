using Cloudbr.Agent.Daemon.Requests;
using Cloudbr.Agent.Daemon.Tests.Mapping;
using Google.Protobuf.Reflection;

namespace Cloudbr.Agent.Daemon.Tests.Requests;

internal sealed class FingerprintTests
{
    [Test]
    public void SameRequest_HasTheSameFingerprint() =>
        Assert.That(Fingerprint.Of("m", Samples.Apply()), Is.EqualTo(Fingerprint.Of("m", V1.ApplyRequest.Parser.ParseFrom(Google.Protobuf.MessageExtensions.ToByteArray(Samples.Apply())))));

    [Test]
    public void AnotherMethodOrRequest_HasAnother() => Assert.That(
        new[] { Fingerprint.Of("m", Samples.Apply()), Fingerprint.Of("n", Samples.Apply()), Fingerprint.Of("m", Samples.Apply(new V1.HostConfig())) },
        Is.Unique);

    [Test]
    public void WrittenAndRead_IsTheSame()
    {
        var fingerprint = Fingerprint.Of("m", Samples.Apply());
        var bytes = new byte[Fingerprint.Size];
        fingerprint.Write(bytes);
        Assert.That(Fingerprint.Read(bytes), Is.EqualTo(fingerprint));
    }

    /// <summary>The entries of a map have no order, so that the bytes of a message with one are not always the same.</summary>
    [Test]
    public void NoRequestAndNoAnswer_HasAMap()
    {
        var seen = new HashSet<MessageDescriptor>();
        foreach (var method in V1.HostNetwork.Descriptor.Methods)
        {
            Look(method.InputType);
            Look(method.OutputType);
        }

        Assert.That(seen, Has.Count.GreaterThan(20));
        Assert.That(seen.SelectMany(m => m.Fields.InDeclarationOrder()).Where(f => f.IsMap).Select(f => f.FullName), Is.Empty);

        void Look(MessageDescriptor message)
        {
            if (seen.Add(message))
            {
                message.Fields.InDeclarationOrder().Where(f => f.FieldType == FieldType.Message).ToList().ForEach(f => Look(f.MessageType));
            }
        }
    }
}
