using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Cloudbr.Agent.Interop.Peers;

/// <summary>An authority with a server's and a client's certificate, made for this run, and a stranger that nobody trusts.</summary>
internal static class TestCertificates
{
    public const string ClientName = "interop-client";

    public static string Ca { get; } = Workspace.Temporary("ca.pem");

    public static string Server { get; } = Workspace.Temporary("server.pem");

    public static string ServerKey { get; } = Workspace.Temporary("server.key");

    public static string Client { get; } = Workspace.Temporary("client.pem");

    public static string ClientKey { get; } = Workspace.Temporary("client.key");

    public static string StrangerCa { get; } = Workspace.Temporary("stranger.pem");

    public static string StrangersClient { get; } = Workspace.Temporary("strangers-client.pem");

    public static string StrangersClientKey { get; } = Workspace.Temporary("strangers-client.key");

    public static void Write()
    {
        using var ca = Authority("interop test authority", Ca);
        Issue(ca, "localhost", Server, ServerKey, "1.3.6.1.5.5.7.3.1", forServer: true);
        Issue(ca, ClientName, Client, ClientKey, "1.3.6.1.5.5.7.3.2", forServer: false);

        using var stranger = Authority("stranger", StrangerCa);
        Issue(stranger, ClientName, StrangersClient, StrangersClientKey, "1.3.6.1.5.5.7.3.2", forServer: false);
    }

    private static X509Certificate2 Authority(string name, string file)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        var now = DateTimeOffset.UtcNow;
        var ca = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
        File.WriteAllText(file, ca.ExportCertificatePem());
        return ca;
    }

    private static void Issue(X509Certificate2 ca, string name, string file, string keyFile, string usage, bool forServer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        if (forServer)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName("localhost");
            names.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
        }

        var now = DateTimeOffset.UtcNow;
        using var certificate = request.Create(ca, now.AddMinutes(-30), now.AddHours(20), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(file, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
    }
}
