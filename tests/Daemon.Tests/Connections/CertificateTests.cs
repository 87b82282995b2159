using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cloudbr.Agent.Daemon.Connections;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Cloudbr.Agent.Daemon.Tests.Connections;

/// <summary>Callers that show a certificate.</summary>
internal sealed class CertificateTests
{
    [TestCase("CN=mgmt-1", "CN=mgmt-1")]
    [TestCase("C=DE, O=Example, CN=mgmt-1", "CN=mgmt-1")]
    [TestCase("CN=mgmt-1, O=Example, C=DE", "CN=mgmt-1")]
    [TestCase("CN=mgmt-1, CN=Users, DC=example", "CN=mgmt-1")]
    [TestCase("O=Example", "subject=O=Example")]
    public void Name_IsTheCommonName(string subject, string expected)
    {
        using var certificate = Make(subject);
        Assert.That(Caller.NameOf(certificate), Is.EqualTo(expected));
    }

    [Test]
    public void Name_WithWhatDoesNotPrint_IsMadeHarmless()
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName($"a\nb{new string('x', 300)}");
        using var key = ECDsa.Create();
        using var certificate = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        Assert.That(Caller.NameOf(certificate), Does.StartWith("CN=a?bxxx").And.Length.EqualTo(256));
    }

    [Test]
    public async Task Tls_WithAClientCertificate_IsItsCommonName()
    {
        using var server = Make("CN=localhost");
        using var client = Make("CN=mgmt-1");
        var tracker = new ConnectionTracker(TimeProvider.System);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = server,
                ClientCertificateMode = ClientCertificateMode.RequireCertificate,
                ClientCertificateValidation = (certificate, _, _) => certificate.Thumbprint == client.Thumbprint,
            });
            listen.UseCallers(tracker);
        }));
        builder.WebHost.UseKestrelHttpsConfiguration();
        await using var app = builder.Build();
        app.MapGet("/", (HttpContext http) => http.Features.Get<Caller>()!.Identity);
        await app.StartAsync();
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.ClientCertificates = [client];
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.GetCertHashString() == server.Thumbprint;
        using var http = new HttpClient(handler);
        Assert.That(await http.GetStringAsync(new Uri(app.Urls.Single())), Is.EqualTo("CN=mgmt-1"));
        Assert.That(tracker.Current, Is.EqualTo(new Dictionary<string, int> { ["CN=mgmt-1"] = 1 }));
        await app.StopAsync();
    }

    private static X509Certificate2 Make(string subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest(subject, key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));

        // With the key in it, as from a file.
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
