using System.Collections;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Cloudbr.Agent.Daemon.History;

/// <summary>
/// A message of the contract as YAML: the fields by their names in the .proto, in the order of their numbers, and what is not set left
/// out. It says the same as the JSON that cloudbrctl prints and reads, value by value, so that one can be turned into the other.
/// </summary>
internal static class YamlText
{
    private const int Indent = 2;

    /// <summary>Readers of JSON, and some of YAML, hold numbers in a double: past 2^53 they would make another number of it.</summary>
    private const ulong LargestExact = 1UL << 53;

    public static string Of(IMessage message)
    {
        var text = new StringBuilder();
        var fields = SetFields(message);
        if (fields.Count == 0)
        {
            return "{}\n";
        }

        Write(text, fields, 0);
        return text.ToString();
    }

    private static List<(FieldDescriptor Field, object Value)> SetFields(IMessage message)
    {
        var set = new List<(FieldDescriptor, object)>();
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            var value = field.Accessor.GetValue(message);
            if (field.IsRepeated ? ((ICollection)value).Count > 0 : field.HasPresence ? field.Accessor.HasValue(message) : !IsDefault(field, value))
            {
                set.Add((field, value));
            }
        }

        return set;
    }

    private static bool IsDefault(FieldDescriptor field, object value) => field.FieldType switch
    {
        FieldType.String => ((string)value).Length == 0,
        FieldType.Bytes => ((ByteString)value).IsEmpty,
        FieldType.Enum => System.Convert.ToInt32(value, CultureInfo.InvariantCulture) == 0,
        _ => value.Equals(Activator.CreateInstance(value.GetType())),
    };

    private static void Write(StringBuilder text, List<(FieldDescriptor Field, object Value)> fields, int depth)
    {
        foreach (var (field, value) in fields)
        {
            text.Append(' ', depth).Append(field.Name).Append(':');
            if (field.IsMap)
            {
                throw new NotSupportedException($"{field.FullName} is a map, and the contract's configuration has none.");
            }

            if (!field.IsRepeated)
            {
                WriteValue(text, field, value, depth + Indent);
                continue;
            }

            text.Append('\n');
            foreach (var item in (IList)value)
            {
                text.Append(' ', depth + Indent).Append('-');
                WriteItem(text, field, item!, depth + Indent);
            }
        }
    }

    /// <summary>After "name:".</summary>
    private static void WriteValue(StringBuilder text, FieldDescriptor field, object value, int depth)
    {
        if (value is not IMessage message || IsScalar(message))
        {
            text.Append(' ').Append(Scalar(field, value)).Append('\n');
        }
        else if (SetFields(message) is { Count: > 0 } fields)
        {
            text.Append('\n');
            Write(text, fields, depth);
        }
        else
        {
            text.Append(" {}\n");
        }
    }

    /// <summary>After "-"; the first field of a message stands on the same line.</summary>
    private static void WriteItem(StringBuilder text, FieldDescriptor field, object item, int depth)
    {
        if (item is IMessage message && !IsScalar(message) && SetFields(message) is { Count: > 0 } fields)
        {
            var start = text.Length;
            Write(text, fields, depth + Indent);
            text.Remove(start, depth + 1);
            return;
        }

        WriteValue(text, field, item, depth + Indent);
    }

    private static bool IsScalar(IMessage message) => message is Timestamp or Duration;

    private static string Scalar(FieldDescriptor field, object value) => value switch
    {
        string s => YamlScalar.Of(s),
        bool b => b ? "true" : "false",
        ByteString bytes => $"\"{bytes.ToBase64()}\"",
        float or double => System.Convert.ToDouble(value, CultureInfo.InvariantCulture) is var number && double.IsFinite(number)
            ? ((IFormattable)value).ToString("R", CultureInfo.InvariantCulture)
            : YamlScalar.Of(double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity"),
        IMessage message => YamlScalar.Of(JsonFormatter.Default.Format(message).Trim('"')),
        _ when field.FieldType == FieldType.Enum => EnumName(field.EnumType, System.Convert.ToInt32(value, CultureInfo.InvariantCulture)),
        ulong and > LargestExact or long and (> (long)LargestExact or < -(long)LargestExact) => $"\"{value}\"",
        _ => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
    };

    /// <summary>The whole name, which is the only one that apply reads; of a value without a name its number.</summary>
    private static string EnumName(EnumDescriptor type, int number) =>
        type.FindValueByNumber(number)?.Name ?? number.ToString(CultureInfo.InvariantCulture);
}
