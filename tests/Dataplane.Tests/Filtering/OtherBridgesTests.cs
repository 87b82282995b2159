using Cloudbr.Agent.Dataplane.Filtering;

namespace Cloudbr.Agent.Dataplane.Tests.Filtering;

internal sealed class OtherBridgesTests
{
    private readonly Dictionary<string, string> _settings = [];
    private readonly OtherBridges _bridges;
    private int _tries;

    public OtherBridgesTests() => _bridges = new OtherBridges(_settings.GetValueOrDefault, (name, value) => _settings[name] = value);

    [Test]
    public void BridgesThatTheModuleWouldFilter_AreNotFiltered()
    {
        _bridges.LeaveAlone(LoadModule);
        Assert.That(_settings.Values, Is.EqualTo(["0", "0", "0"]));
    }

    [Test]
    public void WhatSomebodyWantsFilteredLater_StaysSo()
    {
        _bridges.LeaveAlone(LoadModule);
        _settings["net.bridge.bridge-nf-call-iptables"] = "1";
        _bridges.LeaveAlone(LoadModule);
        Assert.That((_settings["net.bridge.bridge-nf-call-iptables"], _tries), Is.EqualTo(("1", 1)));
    }

    [Test]
    public void AHostWithTheModule_IsLeftAsItIs()
    {
        LoadModule();
        _bridges.LeaveAlone(() => Assert.Fail("nothing is to be loaded"));
        Assert.That(_settings.Values, Is.EqualTo(["1", "1", "1"]));
    }

    private void LoadModule()
    {
        _tries++;
        foreach (var family in new[] { "iptables", "ip6tables", "arptables" })
        {
            _settings[$"net.bridge.bridge-nf-call-{family}"] = "1";
        }
    }
}
