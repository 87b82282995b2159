using System.Reflection;
using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Tests.Api;

/// <summary>
/// Code that compiles against this assembly has to compile against the packages Grpc.Core.Api, Grpc.Net.Client and
/// Grpc.AspNetCore.Server, so nothing may be public here that is not public there in the same shape. PublicSurface.txt lists
/// what was looked up there; less than the packages have is fine, more is not.
/// </summary>
internal sealed class PublicSurfaceTests
{
    private static readonly NullabilityInfoContext Nullability = new();

    [Test]
    public void Surface_OfTheAssembly_IsWhatThePackagesHave()
    {
        var lookedUp = File.ReadAllLines(Path.Combine(TestContext.CurrentContext.TestDirectory, "Api", "PublicSurface.txt"));
        var here = Describe().ToList();

        Assert.That(here.Except(lookedUp), Is.Empty, "public here; look up whether the packages have it in this shape, then list it");
        Assert.That(lookedUp.Except(here), Is.Empty, "listed, and no longer public here");
    }

    [Test]
    public void Types_OutsideTheNamespacesOfThePackages_AreInternal() =>
        Assert.That(
            Types().Select(t => t.Namespace).Distinct(),
            Is.SubsetOf(new[]
            {
                "Grpc.Core", "Grpc.Core.Interceptors", "Grpc.Net.Client", "Grpc.AspNetCore.Server", "Microsoft.AspNetCore.Builder",
                "Microsoft.Extensions.DependencyInjection",
            }));

    private static IEnumerable<Type> Types() =>
        typeof(Metadata).Assembly.GetExportedTypes().OrderBy(t => t.FullName, StringComparer.Ordinal);

    private static IEnumerable<string> Describe()
    {
        foreach (var type in Types())
        {
            yield return $"{Kind(type)} {Name(type)}{Bases(type)}{Constraints(type.GetGenericArguments())}";
            var members = type
                .GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
                .Select(m => Member(type, m))
                .OfType<string>()
                .Order(StringComparer.Ordinal);
            foreach (var member in members)
            {
                yield return $"{Name(type)}: {member}";
            }
        }
    }

    private static string Kind(Type type) => type switch
    {
        { IsInterface: true } => "interface",
        { IsEnum: true } => "enum",
        { IsValueType: true } => "struct",
        _ when type.IsSubclassOf(typeof(Delegate)) => "delegate",
        { IsAbstract: true, IsSealed: true } => "static class",
        _ => "class",
    };

    private static string Bases(Type type)
    {
        if (type.IsEnum || type.IsSubclassOf(typeof(Delegate)))
        {
            return "";
        }

        IEnumerable<Type> bases = type.GetInterfaces().Except(type.BaseType?.GetInterfaces() ?? []).OrderBy(i => i.Name, StringComparer.Ordinal);
        if (type.BaseType is { } b && b != typeof(object) && b != typeof(ValueType))
        {
            bases = bases.Prepend(b);
        }

        var names = string.Join(", ", bases.Select(Name));
        return names.Length == 0 ? "" : $" : {names}";
    }

    private static string? Member(Type type, MemberInfo member) => member switch
    {
        MethodInfo { IsSpecialName: true } or ConstructorInfo { IsStatic: true } => null,
        MethodInfo m when type.IsSubclassOf(typeof(Delegate)) && m.Name != "Invoke" => null,
        ConstructorInfo when type.IsSubclassOf(typeof(Delegate)) => null,
        MethodInfo m when Access(m) is { } access && !m.Name.Contains('.', StringComparison.Ordinal) =>
            $"{access}{Modifiers(m)}{Name(m.ReturnType)}{Question(Nullability.Create(m.ReturnParameter))} "
            + $"{m.Name}{Generic(m.GetGenericArguments())}({Parameters(m)}){Constraints(m.GetGenericArguments())}",
        ConstructorInfo c when Access(c) is { } access => $"{access}new({Parameters(c)})",
        PropertyInfo p when p.GetMethod is { } get && Access(get) is { } access && !p.Name.Contains('.', StringComparison.Ordinal) =>
            $"{access}{Modifiers(get)}{Name(p.PropertyType)}{Question(Nullability.Create(p))} {p.Name}"
            + (p.SetMethod is { } set && Access(set) is not null ? " { get; set; }" : " { get; }"),
        FieldInfo { IsLiteral: true, DeclaringType.IsEnum: true } f => $"{f.Name} = {Convert.ToInt32(f.GetRawConstantValue())}",
        FieldInfo { IsPublic: true, IsSpecialName: false } f =>
            $"public {(f.IsLiteral ? "const " : f.IsStatic ? "static readonly " : "")}{Name(f.FieldType)} {f.Name}",
        _ => null,
    };

    private static string? Access(MethodBase method) => method switch
    {
        { IsPublic: true } => "public ",
        { IsFamily: true } or { IsFamilyOrAssembly: true } => "protected ",
        _ => null,
    };

    private static string Modifiers(MethodInfo method) => method switch
    {
        { DeclaringType.IsInterface: true } => method.IsAbstract ? "" : "default ",
        { IsStatic: true } => "static ",
        { IsAbstract: true } => "abstract ",
        { IsVirtual: true, IsFinal: false } when method.GetBaseDefinition() != method => "override ",
        { IsVirtual: true, IsFinal: false } => "virtual ",
        _ => "",
    };

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(p =>
        (p.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "")
        + $"{Name(p.ParameterType)}{Question(Nullability.Create(p))} {p.Name}{(p.HasDefaultValue ? $" = {p.DefaultValue ?? "default"}" : "")}"));

    private static string Question(NullabilityInfo info) =>
        info.ReadState == NullabilityState.Nullable && Nullable.GetUnderlyingType(info.Type) is null && !info.Type.IsGenericParameter ? "?" : "";

    private static string Generic(Type[] arguments) => arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select(Name))}>";

    private static string Constraints(Type[] arguments) => string.Concat(arguments.Where(a => a.IsGenericParameter).Select(a =>
    {
        IEnumerable<string> constraints = a.GetGenericParameterConstraints().Select(Name);
        if (a.GenericParameterAttributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
        {
            constraints = constraints.Prepend("class");
        }

        var variance = a.GenericParameterAttributes & GenericParameterAttributes.VarianceMask;
        if (variance != GenericParameterAttributes.None)
        {
            constraints = constraints.Prepend(variance.ToString());
        }

        var all = string.Join(", ", constraints);
        return all.Length == 0 ? "" : $" where {a.Name} : {all}";
    }));

    private static string Name(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return Name(value) + "?";
        }

        if (type.IsArray)
        {
            return Name(type.GetElementType()!) + "[]";
        }

        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        var name = (type.DeclaringType is { } outer ? Name(outer) + "." : type.Assembly == typeof(Metadata).Assembly ? type.Namespace + "." : "")
            + type.Name.Split('`')[0];
        var own = type.GetGenericArguments().Skip(type.DeclaringType?.GetGenericArguments().Length ?? 0).ToArray();
        return name + Generic(own);
    }
}
