using Cloudbr.Agent.Rpc.Protocol;

namespace Cloudbr.Agent.Rpc.Tests.Protocol;

internal sealed class GrpcHeadersTests
{
    [TestCase("application/grpc", true)]
    [TestCase("application/grpc+proto", true)]
    [TestCase("application/grpc+json", true)]
    [TestCase("application/grpc;charset=utf-8", true)]
    [TestCase("Application/GRPC", true)]
    [TestCase("application/grpc-web", false)]
    [TestCase("application/grpcx", false)]
    [TestCase("application/json", false)]
    [TestCase("", false)]
    [TestCase(null, false)]
    public void IsGrpcContentType_OnlyForGrpc(string? contentType, bool expected) =>
        Assert.That(GrpcHeaders.IsGrpcContentType(contentType), Is.EqualTo(expected));

    [TestCase("gzip", true)]
    [TestCase("identity, gzip", true)]
    [TestCase("identity,GZIP ,deflate", true)]
    [TestCase("identity,gzipped", false)]
    [TestCase("", false)]
    [TestCase(null, false)]
    public void Lists_OnlyWholeNames(string? list, bool expected) => Assert.That(GrpcHeaders.Lists(list, "gzip"), Is.EqualTo(expected));

    [Test]
    public void IsTransportHeader_WhatTheTransportSets_IsNoMetadata(
        [Values(":path", "content-type", "TE", "host", "grpc-status", "grpc-message", "grpc-timeout", "grpc-encoding",
            "grpc-accept-encoding", "grpc-internal-encoding-request")] string name) =>
        Assert.That(GrpcHeaders.IsTransportHeader(name));

    [Test]
    public void IsTransportHeader_WhatApplicationsSet_IsMetadata(
        [Values("x-key", "authorization", "grpc-status-details-bin", "user-agent")] string name) =>
        Assert.That(GrpcHeaders.IsTransportHeader(name), Is.False);
}
