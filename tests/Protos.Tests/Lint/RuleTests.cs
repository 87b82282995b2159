using Cloudbr.Agent.Protos.Tests.Descriptors;
using Google.Protobuf.Reflection;
using static Cloudbr.Agent.Protos.Tests.Descriptors.Small;
using FieldType = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Type;

namespace Cloudbr.Agent.Protos.Tests.Lint;

/// <summary>Each rule catches what it is for, and lets the good pass.</summary>
internal sealed class RuleTests
{
    private const string Package = ".cloudbr.test.v1.";
    private const string Do = "cloudbr.test.v1.HostNetwork.Do";

    [Test]
    public void Files_NamedAfterTheirPackage_Pass() => Assert.That(NamingRules.Files([File()]), Is.Empty);

    [TestCase("cloudbr/test/small.proto", "a file of cloudbr.test.v1")]
    [TestCase("cloudbr/test/v1/Small.proto", "lower_snake_case.proto")]
    public void Files_NamedOtherwise_AreNamed(string name, string problem)
    {
        var file = File();
        file.Name = name;
        Assert.That(NamingRules.Files([file]), Has.One.Contains(problem));
    }

    [Test]
    public void Files_WithoutSyntaxOrNamespace_AreNamed()
    {
        var file = File();
        file.ClearSyntax();
        file.Options.CsharpNamespace = "Cloudbr.Test";
        Assert.That(NamingRules.Files([file]),
            Has.One.Contains("is not proto3").And.One.Contains("csharp_namespace is not Cloudbr.Test.V1"));
    }

    [Test]
    public void Names_ByTheConventions_Pass() =>
        Assert.That(NamingRules.Elements(
            [File(Message("GoodName", Field("good_name", 1)), Service("Good", Unary("Do", "", "")))]), Is.Empty);

    [TestCase("badName", "lower_snake_case")]
    [TestCase("bad__name", "lower_snake_case")]
    [TestCase("from", "keyword")]
    public void Names_OfFieldsAgainstTheConventions_AreNamed(string field, string problem) =>
        Assert.That(NamingRules.Elements([File(Message("Good", Field(field, 1)))]), Has.One.Contains(problem));

    [Test]
    public void Names_OfOthersAgainstTheConventions_AreNamed()
    {
        var message = Message("bad_message");
        message.OneofDecl.Add(new OneofDescriptorProto { Name = "BadOneof" });
        Assert.That(NamingRules.Elements([File(message, Service("bad_service", Unary("badRpc", "", "")))]),
            Has.Exactly(4).Items.And.One.Contains("bad_message:").And.One.Contains("BadOneof:")
                .And.One.Contains("bad_service:").And.One.Contains("badRpc:"));
    }

    [Test]
    public void Names_ThatProtocMakesUp_AreNotLookedAt()
    {
        var field = Field("limit", 1);
        field.Proto3Optional = true;
        field.OneofIndex = 0;
        var message = Message("Good", field);
        message.OneofDecl.Add(new OneofDescriptorProto { Name = "_limit" });
        message.NestedType.Add(new DescriptorProto { Name = "bad_entry", Options = new MessageOptions { MapEntry = true } });
        Assert.That(NamingRules.Elements([File(message)]), Is.Empty);
    }

    [Test]
    public void Enums_PrefixedAndStartingUnspecified_Pass() =>
        Assert.That(NamingRules.Enums([File(Enum("LinkKind", "LINK_KIND_UNSPECIFIED", "LINK_KIND_BRIDGE"))]), Is.Empty);

    [TestCase("UNSPECIFIED", "LINK_KIND_BRIDGE")]
    [TestCase("LINK_KIND_BRIDGE", "LINK_KIND_VLAN")]
    [TestCase("LINK_KIND_UNSPECIFIED", "BRIDGE")]
    [TestCase("LINK_KIND_UNSPECIFIED", "LINK_KIND_bridge")]
    public void Enums_WithOtherValues_AreNamed(string zero, string one) =>
        Assert.That(NamingRules.Enums([File(Enum("LinkKind", zero, one))]), Is.Not.Empty);

    [Test]
    public void Numbers_FollowingEachOtherOrReserved_Pass() =>
        Assert.That(NumberingRules.Check([File(Message("M", Field("a", 1), Field("b", 4)).Reserving(2, 3))]), Is.Empty);

    [Test]
    public void Numbers_SaidToBeKept_Pass() =>
        Assert.That(NumberingRules.Check(
            [File(Message("M", Field("a", 1), Field("b", 4))).Commenting("Numbers 2 to\n 3 are kept for more.", 4, 0)]),
            Is.Empty);

    [Test]
    public void Numbers_Skipped_AreNamed() =>
        Assert.That(NumberingRules.Check([File(Message("M", Field("a", 1), Field("b", 4)).Reserving(3, 3))]),
            Is.EqualTo(["cloudbr.test.v1.M: number 2 is not in use, not reserved, and not said to be kept"]));

    [Test]
    public void Numbers_InUseAlthoughKept_AreNamed() =>
        Assert.That(NumberingRules.Check(
            [File(Message("M", Field("a", 1), Field("b", 2))).Commenting("Numbers 2 to 3 are kept for more.", 4, 0)]),
            Has.One.Contains("number 2 is in use, and reserved"));

    [Test]
    public void Numbers_OfEnumsSkipped_AreNamed()
    {
        var type = Enum("E", "E_UNSPECIFIED", "E_ONE", "E_THREE");
        type.Value[2].Number = 3;
        Assert.That(NumberingRules.Check([File(type)]), Has.One.Contains("number 2 is not in use"));
    }

    [Test]
    public void Comments_OnEverything_Pass() =>
        Assert.That(CommentRules.Present(
        [
            File(Message("M", Field("a", 1)))
                .Commenting(" A file.", 12).Commenting(" A message.\n", 4, 0).Commenting("\"A\" field.", 4, 0, 2, 0),
        ]), Is.Empty);

    [Test]
    public void Comments_Missing_AreNamedForEverySortOfElement()
    {
        var message = Message("M", Field("f", 1));
        message.OneofDecl.Add(new OneofDescriptorProto { Name = "o" });
        message.NestedType.Add(Message("N"));
        message.EnumType.Add(Enum("I", "I_UNSPECIFIED"));
        var file = File(message, Enum("E", "E_UNSPECIFIED"), Service("S", Unary("R", "", "")));
        Assert.That(CommentRules.Present([file]).Select(problem => problem.Split(':')[0].Replace("cloudbr.test.v1.", "")),
            Is.EquivalentTo(
            [
                file.Name, "M", "M.f", "M.o", "M.N", "M.I", "M.I.I_UNSPECIFIED", "E", "E.E_UNSPECIFIED", "S", "S.R",
            ]));
    }

    [TestCase("lower case.", "start like a sentence")]
    [TestCase("No full stop", "full stop")]
    public void Comments_ThatAreNoSentence_AreNamed(string comment, string problem) =>
        Assert.That(CommentRules.Present([File(Message("M")).Commenting("A file.", 12).Commenting(comment, 4, 0)]),
            Has.One.Contains(problem));

    [TestCase("size_bytes", "The size, in bytes.", true)]
    [TestCase("size", "The size, in bytes.", false)]
    [TestCase("guest_mtu", "The MTU, in bytes.", true)]
    [TestCase("delay", "The delay, in milliseconds.", false)]
    [TestCase("rate", "Bits per second.", false)]
    [TestCase("rate_bps", "Bits per second.", true)]
    public void Units_ToldInTheComment_BelongInTheName(string name, string comment, bool good) =>
        Assert.That(CommentRules.UnitsInNames(
            [File(Message("M", Field(name, 1, FieldType.Uint64))).Commenting(comment, 4, 0, 2, 0)]),
            good ? Is.Empty : Has.One.Contains("its name ends in"));

    [Test]
    public void Rpcs_WithTheirOwnMessages_Pass() =>
        Assert.That(RpcRules.RequestsAndResponses([File(Message("DoRequest"), Message("DoResponse"),
            Service("S", Unary("Do", Package + "DoRequest", Package + "DoResponse")))]), Is.Empty);

    [Test]
    public void Rpcs_SharingAMessage_AreNamed() =>
        Assert.That(RpcRules.RequestsAndResponses([File(Message("DoRequest"), Message("DoResponse"), Message("RedoResponse"),
            Service("S",
                Unary("Do", Package + "DoRequest", Package + "DoResponse"),
                Unary("Redo", Package + "DoRequest", Package + "RedoResponse")))]),
            Has.One.Contains("is shared by 2 uses").And.One.Contains("not RedoRequest"));

    [Test]
    public void Rpcs_WithMessagesOfAnotherFile_AreNamed() =>
        Assert.That(RpcRules.RequestsAndResponses([File(Message("DoRequest"),
            Service("S", Unary("Do", Package + "DoRequest", Package + "DoResponse")))]),
            Is.EqualTo([$"cloudbr.test.v1.S.Do: {Package}DoResponse is not declared in its file"]));

    [Test]
    public void Envelope_InMutatingRpcs_Passes() => Assert.That(EnvelopeRules.Check([HostNetwork()]), Is.Empty);

    [Test]
    public void Envelope_MissingInRequest_IsNamed()
    {
        var file = HostNetwork();
        file.MessageType[0].Field[0].Number = 2;
        Assert.That(EnvelopeRules.Check([file]),
            Is.EqualTo([$"{Do}: changes something, and its request does not start with ChangeOptions change = 1"]));
    }

    [Test]
    public void Envelope_MissingInAnswer_IsNamed()
    {
        var file = HostNetwork();
        file.MessageType[1].Field.Clear();
        Assert.That(EnvelopeRules.Check([file]),
            Is.EqualTo([$"{Do}: changes something, and its answer does not start with ChangeReport report = 1"]));
    }

    [Test]
    public void Envelope_WherePlanLacksARequest_IsNamed()
    {
        var file = HostNetwork();
        file.MessageType[2].Field[0].TypeName = Package + "PlanRequest";
        Assert.That(EnvelopeRules.Check([file]),
            Is.EqualTo([$"{Package}DoRequest: cannot be planned", $"{Package}PlanRequest: can be planned, and changes nothing"]));
    }

    [Test]
    public void Envelope_InAnRpcThatChangesNothing_IsNamed()
    {
        var file = HostNetwork();
        file.MessageType[2].Field.Add(Field("change", 1, ".cloudbr.agent.v1.ChangeOptions"));
        file.MessageType[2].Field[0].Number = 2;
        Assert.That(EnvelopeRules.Check([file]),
            Has.One.EqualTo("cloudbr.test.v1.HostNetwork.Plan: changes nothing, and takes ChangeOptions"));
    }

    // One rpc that changes something, and Plan, which does not.
    private static FileDescriptorProto HostNetwork() => File(
        Message("DoRequest", Field("change", 1, ".cloudbr.agent.v1.ChangeOptions")),
        Message("DoResponse", Field("report", 1, ".cloudbr.agent.v1.ChangeReport")),
        Message("PlanRequest", Field("do", 1, Package + "DoRequest")),
        Message("PlanResponse"),
        Service("HostNetwork",
            Unary("Do", Package + "DoRequest", Package + "DoResponse"),
            Unary("Plan", Package + "PlanRequest", Package + "PlanResponse")))
        .Commenting("Says what would be done. Changes nothing.", 6, 0, 2, 1);
}
