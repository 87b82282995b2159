using Cloudbr.Agent.Daemon.Tests.Agents;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1;
using V1Alpha = Grpc.Reflection.V1Alpha;

namespace Cloudbr.Agent.Daemon.Tests.Calls;

/// <summary>Both versions of the protocol, asked the same: they are alike to the byte.</summary>
[TestFixture(false)]
[TestFixture(true)]
internal sealed class ReflectionTests(bool alpha)
{
    private static readonly string[] Services =
    [
        "cloudbr.agent.v1.Diagnostics", "cloudbr.agent.v1.HostNetwork", "cloudbr.agent.v1.Telemetry", "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection",
    ];

    [Test]
    public async Task ListServices_NamesAllThatAreServed()
    {
        var answer = (await AskAsync(new ServerReflectionRequest { Host = "here", ListServices = "*" })).Single();
        Assert.That(answer.ListServicesResponse.Service.Select(s => s.Name), Is.EqualTo(Services));
        Assert.That(answer.ValidHost, Is.EqualTo("here"));
        Assert.That(answer.OriginalRequest, Is.EqualTo(new ServerReflectionRequest { Host = "here", ListServices = "*" }));
    }

    [Test]
    public async Task FileContainingSymbol_EverythingThatIsServed_ResolvesToItsFileAndAllItNeeds()
    {
        var symbols = await SymbolsAsync();
        Assert.That(symbols, Has.Count.GreaterThan(500));
        var answers = await AskAsync([.. symbols.Keys.Select(s => new ServerReflectionRequest { FileContainingSymbol = s })]);
        foreach (var (answer, (symbol, file)) in answers.Zip(symbols))
        {
            var files = answer.FileDescriptorResponse?.FileDescriptorProto ?? throw new AssertionException($"{symbol}: {answer}");
            Assert.That(FileDescriptorProto.Parser.ParseFrom(files[0]).Name, Is.EqualTo(file), symbol);
            AssertWhole(files);
        }
    }

    [Test]
    public async Task FileByFilename_EveryFile_ComesWithAllItNeeds()
    {
        var names = (await SymbolsAsync()).Values.Distinct().ToList();
        var answers = await AskAsync([.. names.Select(n => new ServerReflectionRequest { FileByFilename = n })]);
        foreach (var (answer, name) in answers.Zip(names))
        {
            Assert.That(FileDescriptorProto.Parser.ParseFrom(answer.FileDescriptorResponse.FileDescriptorProto[0]).Name, Is.EqualTo(name));
            AssertWhole(answer.FileDescriptorResponse.FileDescriptorProto);
        }
    }

    [TestCase("google.rpc.ErrorInfo")]
    [TestCase("google.rpc.BadRequest")]
    [TestCase("google.rpc.Status")]
    [TestCase("cloudbr.agent.v1.Failure")]
    public async Task FileContainingSymbol_DetailsOfFailures_Resolve(string symbol) => Assert.That(
        (await AskAsync(new ServerReflectionRequest { FileContainingSymbol = symbol })).Single().FileDescriptorResponse, Is.Not.Null);

    [TestCase("cloudbr.agent.store.v1.StoredGeneration")]
    public async Task FileContainingSymbol_TheAgentsOwnFiles_AreNotShown(string symbol) => Assert.That(
        (await AskAsync(new ServerReflectionRequest { FileContainingSymbol = symbol })).Single().ErrorResponse?.ErrorCode,
        Is.EqualTo((int)StatusCode.NotFound));

    [Test]
    public async Task Unknown_IsNotFoundAndTheStreamGoesOn()
    {
        var answers = await AskAsync(
            new ServerReflectionRequest { FileContainingSymbol = "no.such.Symbol" },
            new ServerReflectionRequest { FileByFilename = "no/such.proto" },
            new ServerReflectionRequest { FileContainingExtension = new ExtensionRequest { ContainingType = "x", ExtensionNumber = 1 } },
            new ServerReflectionRequest { AllExtensionNumbersOfType = "x" },
            new ServerReflectionRequest(),
            new ServerReflectionRequest { ListServices = "" });
        Assert.That(
            answers.Select(a => (StatusCode?)a.ErrorResponse?.ErrorCode),
            Is.EqualTo(new StatusCode?[]
            {
                StatusCode.NotFound, StatusCode.NotFound, StatusCode.NotFound, StatusCode.NotFound, StatusCode.InvalidArgument, null,
            }));
        Assert.That(answers[0].ErrorResponse.ErrorMessage, Is.EqualTo("no.such.Symbol is not part of the contract"));
    }

    /// <summary>Every symbol of every served file, as the files themselves have them, with the file's name.</summary>
    private async Task<Dictionary<string, string>> SymbolsAsync()
    {
        var answers = await AskAsync([.. Services.Select(s => new ServerReflectionRequest { FileContainingSymbol = s })]);
        var files = answers.SelectMany(a => a.FileDescriptorResponse.FileDescriptorProto).Select(FileDescriptorProto.Parser.ParseFrom).DistinctBy(f => f.Name);
        var symbols = new Dictionary<string, string>();
        foreach (var file in files)
        {
            foreach (var service in file.Service)
            {
                symbols.Add($"{file.Package}.{service.Name}", file.Name);
                service.Method.ToList().ForEach(m => symbols.Add($"{file.Package}.{service.Name}.{m.Name}", file.Name));
            }

            AddEnums(file.EnumType, file.Package, file.Name);
            AddMessages(file.MessageType, file.Package, file.Name);
        }

        return symbols;

        void AddMessages(IEnumerable<DescriptorProto> messages, string scope, string file)
        {
            foreach (var message in messages)
            {
                var name = $"{scope}.{message.Name}";
                symbols.Add(name, file);
                message.Field.ToList().ForEach(f => symbols.Add($"{name}.{f.Name}", file));
                message.OneofDecl.ToList().ForEach(o => symbols.Add($"{name}.{o.Name}", file));
                AddEnums(message.EnumType, name, file);
                AddMessages(message.NestedType, name, file);
            }
        }

        void AddEnums(IEnumerable<EnumDescriptorProto> enums, string scope, string file)
        {
            foreach (var @enum in enums)
            {
                symbols.Add($"{scope}.{@enum.Name}", file);
                @enum.Value.ToList().ForEach(v => symbols.Add($"{scope}.{v.Name}", file));
            }
        }
    }

    private static void AssertWhole(IEnumerable<ByteString> files)
    {
        var protos = files.Select(FileDescriptorProto.Parser.ParseFrom).ToList();
        Assert.That(protos.SelectMany(p => p.Dependency).Distinct(), Is.SubsetOf(protos.Select(p => p.Name)));
    }

    private async Task<IReadOnlyList<ServerReflectionResponse>> AskAsync(params IReadOnlyList<ServerReflectionRequest> requests)
    {
        await using var agent = await InProcessAgent.StartAsync();
        return alpha ? await AskAlphaAsync(agent, requests) : await AskV1Async(agent, requests);
    }

    private static async Task<IReadOnlyList<ServerReflectionResponse>> AskV1Async(
        InProcessAgent agent, IReadOnlyList<ServerReflectionRequest> requests)
    {
        using var call = new ServerReflection.ServerReflectionClient(agent.Calls).ServerReflectionInfo();
        var answers = new List<ServerReflectionResponse>();
        foreach (var request in requests)
        {
            await call.RequestStream.WriteAsync(request);
            Assert.That(await call.ResponseStream.MoveNext());
            answers.Add(call.ResponseStream.Current);
        }

        await call.RequestStream.CompleteAsync();
        Assert.That(await call.ResponseStream.MoveNext(), Is.False);
        return answers;
    }

    private static async Task<IReadOnlyList<ServerReflectionResponse>> AskAlphaAsync(
        InProcessAgent agent, IReadOnlyList<ServerReflectionRequest> requests)
    {
        using var call = new V1Alpha.ServerReflection.ServerReflectionClient(agent.Calls).ServerReflectionInfo();
        var answers = new List<ServerReflectionResponse>();
        foreach (var request in requests)
        {
            await call.RequestStream.WriteAsync(V1Alpha.ServerReflectionRequest.Parser.ParseFrom(request.ToByteString()));
            Assert.That(await call.ResponseStream.MoveNext());
            answers.Add(ServerReflectionResponse.Parser.ParseFrom(call.ResponseStream.Current.ToByteString()));
        }

        await call.RequestStream.CompleteAsync();
        Assert.That(await call.ResponseStream.MoveNext(), Is.False);
        return answers;
    }
}
