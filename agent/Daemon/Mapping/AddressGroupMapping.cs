using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Validation;
using Google.Protobuf.Collections;

namespace Cloudbr.Agent.Daemon.Mapping;

internal static class AddressGroupMapping
{
    /// <param name="groups">What to read.</param>
    /// <param name="path">Where the list stands, with a point after it if it is in something.</param>
    /// <param name="errors">Where what is wrong is added.</param>
    public static AddressGroup[] ToModels(RepeatedField<V1.AddressGroup> groups, string path, RequestErrors errors)
    {
        var models = new AddressGroup[groups.Count];
        var list = $"{path}address_groups";
        for (var i = 0; i < models.Length; i++)
        {
            models[i] = new AddressGroup(groups[i].Name, PrefixMapping.ToModel(groups[i].Members, new FieldPath(list, i), "members", errors));
        }

        return models;
    }

    public static V1.AddressGroup ToMessage(AddressGroup group)
    {
        var message = new V1.AddressGroup { Name = group.Name };
        PrefixMapping.Add(group.Members, message.Members);
        return message;
    }
}
