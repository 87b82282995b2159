namespace Cloudbr.Agent.Interop.Peers;

public enum Transport
{
    Tcp,

    /// <summary>The client checks the server's certificate.</summary>
    Tls,

    /// <summary>Both check the other's certificate.</summary>
    MutualTls,

    Unix,
}
