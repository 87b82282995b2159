using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Cloudbr.Agent.Daemon.Tests.Services;

/// <summary>Messages of any type with some of their messages filled in, and the paths of these.</summary>
internal static class RandomMessage
{
    public static IMessage Of(MessageDescriptor type, Random random, int depth = 4)
    {
        var message = type.Parser.ParseFrom(ByteString.Empty);
        foreach (var field in type.Fields.InFieldNumberOrder())
        {
            if (field.FieldType == FieldType.String && !field.IsRepeated && random.Next(2) == 0)
            {
                field.Accessor.SetValue(message, $"text {random.Next()}");
            }
            else if (field.FieldType == FieldType.Message && depth > 0)
            {
                if (field.IsRepeated)
                {
                    var list = (IList)field.Accessor.GetValue(message);
                    for (var i = random.Next(4); i > 0; i--)
                    {
                        list.Add(Of(field.MessageType, random, depth - 1));
                    }
                }
                else if (random.Next(2) == 0)
                {
                    field.Accessor.SetValue(message, Of(field.MessageType, random, depth - 1));
                }
            }
        }

        return message;
    }

    /// <summary>Every message in this one with its path; the message itself has the path "".</summary>
    public static IEnumerable<(string Path, IMessage Message)> Parts(IMessage message, string path = "")
    {
        yield return (path, message);
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder().Where(f => f.FieldType == FieldType.Message))
        {
            var name = path.Length == 0 ? field.Name : $"{path}.{field.Name}";
            var value = field.Accessor.GetValue(message);
            var children = field.IsRepeated
                ? ((IList)value).Cast<IMessage>().Select((child, i) => ($"{name}[{i}]", child))
                : value is IMessage child ? [(name, child)] : [];
            foreach (var part in children.SelectMany(c => Parts(c.Item2, c.Item1)))
            {
                yield return part;
            }
        }
    }

    /// <summary>Adds a field that no contract has: 536870911, the last number there is.</summary>
    public static void AddUnknownField(IMessage message) => message.MergeFrom((byte[])[0xf8, 0xff, 0xff, 0xff, 0x0f, 0x01]);
}
