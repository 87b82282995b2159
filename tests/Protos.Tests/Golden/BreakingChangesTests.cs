using Cloudbr.Agent.Protos.Tests.Descriptors;
using Google.Protobuf.Reflection;
using static Cloudbr.Agent.Protos.Tests.Descriptors.Small;
using FieldType = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Type;

namespace Cloudbr.Agent.Protos.Tests.Golden;

/// <summary>What counts as breaking a client, and what does not.</summary>
internal sealed class BreakingChangesTests
{
    private const string Name = "cloudbr.test.v1.M";

    [Test]
    public void Unchanged_BreaksNothing() => Assert.That(Between(Base(), Base()), Is.Empty);

    [Test]
    public void Additions_OfEverySort_BreakNothing()
    {
        var now = Base();
        now.MessageType[0].Field.Add(Field("new", 4));
        now.MessageType.Add(Message("New", Field("a", 1)));
        now.EnumType[0].Value.Add(new EnumValueDescriptorProto { Name = "E_NEW", Number = 2 });
        now.EnumType.Add(Enum("F", "F_UNSPECIFIED"));
        now.Service[0].Method.Add(Unary("New", ".a", ".b"));
        now.Service.Add(Service("T"));
        Assert.That(Between(Base(), now), Is.Empty);
    }

    [Test]
    public void Field_Renumbered_Breaks()
    {
        var now = Base();
        now.MessageType[0].Field[1].Number = 7;
        Assert.That(Between(Base(), now),
            Is.EqualTo([$"field {Name} 2 b = string: is gone, and not both its number and its name are reserved"]));
    }

    [Test]
    public void Field_Renamed_Breaks()
    {
        var now = Base();
        now.MessageType[0].Field[1].Name = "c";
        Assert.That(Between(Base(), now), Is.EqualTo([$"field {Name} 2 b = string: became field {Name} 2 c = string"]));
    }

    [Test]
    public void Field_Retyped_Breaks()
    {
        var now = Base();
        now.MessageType[0].Field[1].Type = FieldType.Bytes;
        Assert.That(Between(Base(), now), Is.EqualTo([$"field {Name} 2 b = string: became field {Name} 2 b = bytes"]));
    }

    [Test]
    public void Field_OfAnotherMessageType_Breaks()
    {
        var now = Base();
        now.MessageType[0].Field[0].TypeName = ".cloudbr.test.v1.Other";
        Assert.That(Between(Base(), now), Has.One.EndsWith("1 a = cloudbr.test.v1.Other"));
    }

    [Test]
    public void Field_MadeRepeated_Breaks()
    {
        var now = Base();
        now.MessageType[0].Field[1].Label = FieldDescriptorProto.Types.Label.Repeated;
        Assert.That(Between(Base(), now), Has.One.EndsWith("2 b = repeated string"));
    }

    [Test]
    public void Field_MovedIntoAOneof_Breaks()
    {
        var now = Base();
        now.MessageType[0].OneofDecl.Add(new OneofDescriptorProto { Name = "choice" });
        now.MessageType[0].Field[1].OneofIndex = 0;
        Assert.That(Between(Base(), now), Has.One.EndsWith("2 b = oneof choice string"));
    }

    [Test]
    public void Field_MadeOptional_Breaks()
    {
        var now = Base();
        now.MessageType[0].OneofDecl.Add(new OneofDescriptorProto { Name = "_b" });
        now.MessageType[0].Field[1].OneofIndex = 0;
        now.MessageType[0].Field[1].Proto3Optional = true;
        Assert.That(Between(Base(), now), Has.One.EndsWith("2 b = optional string"));
    }

    [Test]
    public void MapField_WithAnotherValueType_Breaks()
    {
        Assert.That(Between(File(WithMap(FieldType.String)), File(WithMap(FieldType.Uint64))),
            Is.EqualTo([$"field {Name} 1 m = map string string: became field {Name} 1 m = map string uint64"]));

        static DescriptorProto WithMap(FieldType value)
        {
            var field = Field("m", 1, $".{Name}.MEntry");
            field.Label = FieldDescriptorProto.Types.Label.Repeated;
            var message = Message("M", field);
            var entry = Message("MEntry", Field("key", 1), Field("value", 2, value));
            entry.Options = new MessageOptions { MapEntry = true };
            message.NestedType.Add(entry);
            return message;
        }
    }

    [TestCase(false, false, true)]
    [TestCase(true, false, true)]
    [TestCase(false, true, true)]
    [TestCase(true, true, false)]
    public void Field_Removed_BreaksUnlessNumberAndNameAreReserved(bool number, bool name, bool breaks)
    {
        var now = Base();
        now.MessageType[0].Field.RemoveAt(1);
        if (number)
            now.MessageType[0].Reserving(2, 2);
        if (name)
            now.MessageType[0].ReservedName.Add("b");
        Assert.That(Between(Base(), now).Any(), Is.EqualTo(breaks));
    }

    [TestCase(false, true)]
    [TestCase(true, false)]
    public void EnumValue_Removed_BreaksUnlessReserved(bool reserved, bool breaks)
    {
        var now = Base();
        now.EnumType[0].Value.RemoveAt(1);
        if (reserved)
        {
            now.EnumType[0].ReservedRange.Add(new EnumDescriptorProto.Types.EnumReservedRange { Start = 1, End = 1 });
            now.EnumType[0].ReservedName.Add("E_ONE");
        }
        Assert.That(Between(Base(), now).Any(), Is.EqualTo(breaks));
    }

    [Test]
    public void EnumValue_RenumberedOrRenamed_Breaks()
    {
        var renumbered = Base();
        renumbered.EnumType[0].Value[1].Number = 2;
        var renamed = Base();
        renamed.EnumType[0].Value[1].Name = "E_UNO";
        Assert.That(Between(Base(), renumbered), Has.Exactly(1).Items.StartsWith("value cloudbr.test.v1.E 1 E_ONE: is gone"));
        Assert.That(Between(Base(), renamed), Has.Exactly(1).Items.StartsWith("value cloudbr.test.v1.E 1 E_ONE: is gone"));
    }

    [Test]
    public void Rpc_RemovedOrRenamed_Breaks()
    {
        var now = Base();
        now.Service[0].Method[0].Name = "Redo";
        Assert.That(Between(Base(), now), Is.EqualTo(["rpc cloudbr.test.v1.S Do = x.A returns x.B: is gone"]));
    }

    [Test]
    public void Rpc_WithOtherMessagesOrStreaming_Breaks()
    {
        var retyped = Base();
        retyped.Service[0].Method[0].OutputType = ".x.C";
        var client = Base();
        client.Service[0].Method[0].ClientStreaming = true;
        var server = Base();
        server.Service[0].Method[0].ServerStreaming = true;
        Assert.That(Between(Base(), retyped), Has.One.EndsWith("became rpc cloudbr.test.v1.S Do = x.A returns x.C"));
        Assert.That(Between(Base(), client), Has.One.EndsWith("became rpc cloudbr.test.v1.S Do = stream x.A returns x.B"));
        Assert.That(Between(Base(), server), Has.One.EndsWith("became rpc cloudbr.test.v1.S Do = x.A returns stream x.B"));
    }

    [Test]
    public void MessageEnumOrService_Removed_Breaks() =>
        Assert.That(Between(Base(), File()), Has.Exactly(3).Items.And.One.StartsWith("message cloudbr.test.v1.M =")
            .And.One.StartsWith("enum cloudbr.test.v1.E =").And.One.StartsWith("service cloudbr.test.v1.S ="));

    [Test]
    public void Message_MovedToAnotherFile_Breaks()
    {
        var now = Base();
        now.Name = "cloudbr/test/v1/other.proto";
        Assert.That(Between(Base(), now),
            Has.One.EqualTo($"message {Name} = in {Base().Name}: became message {Name} = in cloudbr/test/v1/other.proto"));
    }

    [Test]
    public void Namespace_Changed_Breaks()
    {
        var now = Base();
        now.Options.CsharpNamespace = "Other";
        Assert.That(Between(Base(), now), Has.One.StartsWith("file cloudbr/test/v1/small.proto"));
    }

    [Test]
    public void Reservation_Lifted_Breaks() =>
        Assert.That(Between(File(Message("M").Reserving(4, 6, "old")), File(Message("M").Reserving(4, 5))),
            Is.EquivalentTo([$"reserved {Name} 4 = to 6: is no longer reserved", $"reservedname {Name} old: is gone"]));

    [Test]
    public void Reservation_SplitOrWidened_BreaksNothing()
    {
        var old = File(Message("M").Reserving(4, 6));
        Assert.That(Between(old, File(Message("M").Reserving(6, 9).Reserving(4, 5))), Is.Empty);
    }

    [Test]
    public void Surface_WrittenAndRead_IsTheSame()
    {
        var file = Base();
        file.MessageType[0].Reserving(4, 6, "old");
        var surface = Surface.Of([file]);
        Assert.That(Surface.Parse(surface.ToString()).Entries, Is.EqualTo(surface.Entries));
    }

    private static IEnumerable<string> Between(FileDescriptorProto golden, FileDescriptorProto current) =>
        BreakingChanges.Between(Surface.Of([golden]), Surface.Of([current]));

    private static FileDescriptorProto Base() => File(
        Message("M", Field("a", 1, ".cloudbr.test.v1.M"), Field("b", 2), Field("c", 3, FieldType.Uint32)),
        Enum("E", "E_UNSPECIFIED", "E_ONE"),
        Service("S", Unary("Do", ".x.A", ".x.B")));
}
