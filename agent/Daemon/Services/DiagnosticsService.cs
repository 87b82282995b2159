namespace Cloudbr.Agent.Daemon.Services;

/// <summary>Finds out what is wrong. Its methods are in the contract; this version answers each UNIMPLEMENTED.</summary>
internal sealed class DiagnosticsService : V1.Diagnostics.DiagnosticsBase;
