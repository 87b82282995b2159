// Starts the server, says where it listens in one line on standard output, `LISTENING 127.0.0.1:PORT` or
// `LISTENING unix:PATH`, and ends on SIGTERM or SIGINT. It binds loopback only.
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Cloudbr.Agent.Interop.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

ServerArguments arguments;
try
{
    arguments = ServerArguments.Parse(args);
}
catch (ArgumentException e)
{
    Console.Error.WriteLine($"interop-server: {e.Message}\n{ServerArguments.Usage}");
    return 2;
}

// Slim, without a configuration: no environment variable or file decides where this listens.
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddGrpc();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    if (arguments.Unix is { } path)
    {
        kestrel.ListenUnixSocket(path, Configure);
    }
    else
    {
        kestrel.Listen(IPAddress.Loopback, arguments.Port!.Value, Configure);
    }
});

var app = builder.Build();
app.MapGrpcService<InteropService>();
await app.StartAsync();
Console.WriteLine($"LISTENING {Address()}");
if (arguments.UntilStdinCloses)
{
    _ = StopAtEndOfInputAsync();
}

await app.WaitForShutdownAsync();
return 0;

void Configure(ListenOptions listen)
{
    listen.Protocols = HttpProtocols.Http2;
    if (arguments.Certificate is { } certificate)
    {
        listen.UseHttps(X509Certificate2.CreateFromPemFile(certificate, arguments.Key), RequireClientCertificate);
    }
}

void RequireClientCertificate(HttpsConnectionAdapterOptions https)
{
    if (arguments.ClientCa is not { } file)
    {
        return;
    }

    var ca = X509CertificateLoader.LoadCertificateFromFile(file);
    https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
    https.ClientCertificateValidation = (presented, _, _) =>
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(ca);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(presented);
    };
}

string Address() =>
    arguments.Unix is { } path ? $"unix:{path}" : $"127.0.0.1:{new Uri(app.Urls.Single()).Port}";

async Task StopAtEndOfInputAsync()
{
    using var input = Console.OpenStandardInput();
    await input.CopyToAsync(Stream.Null);
    await app.StopAsync();
}
