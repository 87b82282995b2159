using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;

namespace Cloudbr.Agent.Core.Planning.Design;

/// <summary>Answers, label by label, whether a physical network is here and fits.</summary>
public static class PhysicalChecker
{
    public static PhysicalCheck Check(PhysicalNetwork network, HostState state)
    {
        var problems = new List<Failure>();
        var underlay = UnderlayResolver.Resolve(network, state, problems);
        var named = state.Find(network.Label);
        var uplink = underlay is { Uplink.Length: > 0 } ? state.Find(underlay.Uplink) : null;
        var result = underlay is null
            ? problems[0].Reason switch
            {
                "LABEL_MISSING" => PhysicalCheckResult.Missing,
                "NO_UPLINK" or "UPLINK_MISSING" or "UPLINK_ELSEWHERE" => PhysicalCheckResult.NoUplink,
                _ => PhysicalCheckResult.Conflict,
            }
            : Judge(network, underlay, named, uplink, problems);
        return new PhysicalCheck
        {
            Label = network.Label,
            Result = result,
            Message = problems.Count > 0 ? problems[0].Message : Good(network, underlay!, result),
            Bridge = named?.Kind is LinkKind.Bridge or LinkKind.OpenVSwitch ? named.Name : "",
            Uplink = uplink?.Name ?? "",
            Mtu = uplink?.Mtu ?? (named is null ? null : named.Mtu),
            BridgesHere = UnderlayResolver.BridgesOf(state),
            Problems = problems,
        };
    }

    private static PhysicalCheckResult Judge(
        PhysicalNetwork network, Underlay underlay, Link? named, Link? uplink, List<Failure> problems)
    {
        if (uplink is null)
        {
            problems.Add(UnderlayResolver.Refuse(
                network, "NO_UPLINK", $"the bridge {network.Label} has no uplink", $"add the uplink to {network.Label}, or name it in the request"));
            return PhysicalCheckResult.NoUplink;
        }

        if (network.Mode == PhysicalNetworkMode.Manage
            && (named is null || (underlay.Bridge.Length > 0 && uplink.Master != named.Index) || (network.Mtu is { } mtu && uplink.Mtu != mtu)))
        {
            return PhysicalCheckResult.ToBeMade;
        }

        var result = PhysicalCheckResult.Found;
        if (!uplink.Up || !uplink.Carrier)
        {
            problems.Add(UnderlayResolver.Refuse(
                network,
                "UPLINK_DOWN",
                uplink.Up ? $"the uplink {uplink.Name} has no carrier" : $"the uplink {uplink.Name} is switched off",
                uplink.Up ? "see to the cable, the switch port or the bond's members" : $"switch {uplink.Name} on"));
            result = PhysicalCheckResult.UplinkDown;
        }

        if (network.Mtu is { } asked && (uplink.Mtu < asked || (underlay.Bridge.Length > 0 && named!.Mtu < asked)))
        {
            var (device, has) = underlay.Narrowest;
            problems.Add(UnderlayResolver.Refuse(
                network,
                "UNDERLAY_MTU_TOO_SMALL",
                $"MTU {UnderlayResolver.Text(asked)} was asked for on {network.Label}, and {device} has {UnderlayResolver.Text(has)}",
                $"raise the MTU of {device} to {UnderlayResolver.Text(asked)}"));
            result = result == PhysicalCheckResult.Found ? PhysicalCheckResult.MtuTooSmall : result;
        }

        return result;
    }

    private static string Good(PhysicalNetwork network, Underlay underlay, PhysicalCheckResult result) =>
        result == PhysicalCheckResult.ToBeMade
            ? underlay.Bridge.Length == 0
                ? $"{network.Label} is here; Apply would set its MTU"
                : $"{network.Label} is not complete yet; Apply would put {underlay.Uplink} under it"
            : underlay.Bridge.Length == 0
                ? $"{network.Label} is an uplink without a bridge, and up"
                : $"{network.Label} is here with the uplink {underlay.Uplink}, and up";
}
