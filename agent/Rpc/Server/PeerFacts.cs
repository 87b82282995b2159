using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Cloudbr.Agent.Rpc.Server;

/// <summary>Who is at the other end: its address, and what its certificate says.</summary>
internal static class PeerFacts
{
    private static readonly AuthContext Anonymous = new(null, []);

    public static string Address(ConnectionInfo connection) => connection.RemoteIpAddress switch
    {
        null => "unix:",
        { AddressFamily: AddressFamily.InterNetworkV6 } v6 => $"ipv6:[{v6}]:{connection.RemotePort}",
        var v4 => $"ipv4:{v4}:{connection.RemotePort}",
    };

    public static AuthContext Identity(ConnectionInfo connection)
    {
        if (connection.ClientCertificate is not { } certificate)
        {
            return Anonymous;
        }

        var properties = new Dictionary<string, List<AuthProperty>>();
        Add("x509_subject", certificate.Subject);
        Add("x509_common_name", certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false));
        Add("x509_pem_cert", certificate.ExportCertificatePem());
        foreach (var extension in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            foreach (var name in extension.EnumerateDnsNames())
            {
                Add("x509_subject_alternative_name", name);
            }

            foreach (var address in extension.EnumerateIPAddresses())
            {
                Add("x509_subject_alternative_name", address.ToString());
            }
        }

        // A name under which the certificate was issued says more than its subject line.
        var identity = properties.ContainsKey("x509_subject_alternative_name") ? "x509_subject_alternative_name" : "x509_common_name";
        return new AuthContext(identity, properties);

        void Add(string name, string value)
        {
            if (!properties.TryGetValue(name, out var list))
            {
                properties[name] = list = [];
            }

            list.Add(AuthProperty.Create(name, Encoding.UTF8.GetBytes(value)));
        }
    }
}
