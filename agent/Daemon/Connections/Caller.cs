using System.Net;
using System.Security.Cryptography.X509Certificates;
using Cloudbr.Agent.Linux.Host;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Cloudbr.Agent.Daemon.Connections;

/// <summary>Who is at the other end of a connection, worked out once when it is made, and found among its features then.</summary>
/// <param name="Identity">
/// "CN=mgmt-1" for one with a certificate, "uid=0" on the Unix socket, the address for TCP without TLS, where anybody may be anybody.
/// </param>
internal sealed record Caller(string Identity)
{
    private const string User = "uid=";
    private const string CommonName = "2.5.4.3";
    private const int MostCharacters = 256;

    public static Caller Of(ConnectionContext connection)
    {
        var features = connection.Features;
        if (features.Get<ITlsConnectionFeature>()?.ClientCertificate is { } certificate)
        {
            return new Caller(NameOf(certificate));
        }

        if (features.Get<IConnectionSocketFeature>()?.Socket is { } socket && PeerCredentials.Of(socket) is { } credentials)
        {
            return new Caller($"{User}{credentials.UserId}");
        }

        return new Caller(connection.RemoteEndPoint is IPEndPoint { Address: var address }
            ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString()
            : "unknown");
    }

    /// <summary>Whether somebody of this identity came by the Unix socket, or by loopback.</summary>
    public static bool IsOnThisHost(string identity) =>
        identity.StartsWith(User, StringComparison.Ordinal) || (IPAddress.TryParse(identity, out var address) && IPAddress.IsLoopback(address));

    /// <summary>The common name, the one nearest to the holder if a subject has several; the whole subject if it has none.</summary>
    internal static string NameOf(X509Certificate2 certificate)
    {
        foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames(reversed: true))
        {
            if (!part.HasMultipleElements && part.GetSingleElementType().Value == CommonName && part.GetSingleElementValue() is { Length: > 0 } name)
            {
                return Printable($"CN={name}");
            }
        }

        return Printable(certificate.Subject.Length > 0 ? $"subject={certificate.Subject}" : $"certificate={certificate.Thumbprint}");
    }

    /// <summary>It goes into logs and the history, and somebody else chose it.</summary>
    private static string Printable(string text)
    {
        var head = text.Length <= MostCharacters ? text : text[..MostCharacters];
        return string.Concat(head.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
    }
}
