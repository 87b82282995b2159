using Google.Protobuf.Reflection;
using FieldType = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Type;
using Label = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Label;

namespace Cloudbr.Agent.Protos.Tests.Descriptors;

/// <summary>Small descriptors for the tests of the rules themselves, without a compiler.</summary>
internal static class Small
{
    /// <summary>A file of package cloudbr.test.v1 that keeps every rule about files.</summary>
    public static FileDescriptorProto File(params object[] elements)
    {
        var file = new FileDescriptorProto
        {
            Name = "cloudbr/test/v1/small.proto",
            Package = "cloudbr.test.v1",
            Syntax = "proto3",
            Options = new Google.Protobuf.Reflection.FileOptions { CsharpNamespace = "Cloudbr.Test.V1" },
        };
        file.MessageType.Add(elements.OfType<DescriptorProto>());
        file.EnumType.Add(elements.OfType<EnumDescriptorProto>());
        file.Service.Add(elements.OfType<ServiceDescriptorProto>());
        return file;
    }

    public static DescriptorProto Message(string name, params FieldDescriptorProto[] fields) =>
        new() { Name = name, Field = { fields } };

    public static FieldDescriptorProto Field(string name, int number, FieldType type = FieldType.String) =>
        new() { Name = name, Number = number, Type = type, Label = Label.Optional };

    public static FieldDescriptorProto Field(string name, int number, string messageType) =>
        new() { Name = name, Number = number, Type = FieldType.Message, TypeName = messageType, Label = Label.Optional };

    /// <summary>Values numbered from 0.</summary>
    public static EnumDescriptorProto Enum(string name, params string[] values) =>
        new()
        {
            Name = name,
            Value = { values.Select((value, number) => new EnumValueDescriptorProto { Name = value, Number = number }) },
        };

    public static ServiceDescriptorProto Service(string name, params MethodDescriptorProto[] rpcs) =>
        new() { Name = name, Method = { rpcs } };

    public static MethodDescriptorProto Unary(string name, string input, string output) =>
        new() { Name = name, InputType = input, OutputType = output };

    /// <summary>Marks a message's numbers as reserved, both ends included.</summary>
    public static DescriptorProto Reserving(this DescriptorProto message, int first, int last, params string[] names)
    {
        message.ReservedRange.Add(new DescriptorProto.Types.ReservedRange { Start = first, End = last + 1 });
        message.ReservedName.Add(names);
        return message;
    }

    /// <summary>Puts a comment above the element that a path of descriptor field numbers and indexes leads to.</summary>
    public static FileDescriptorProto Commenting(this FileDescriptorProto file, string comment, params int[] path)
    {
        file.SourceCodeInfo ??= new SourceCodeInfo();
        file.SourceCodeInfo.Location.Add(new SourceCodeInfo.Types.Location { Path = { path }, LeadingComments = comment });
        return file;
    }
}
