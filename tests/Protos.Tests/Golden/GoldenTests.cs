using System.Reflection;
using Cloudbr.Agent.Protos.Tests.Descriptors;

namespace Cloudbr.Agent.Protos.Tests.Golden;

/// <summary>
/// The contract against its golden form, contract.txt, which stands for every client out there. With
/// CLOUDBR_UPDATE_GOLDEN=1 in the environment additions are written to it; with CLOUDBR_UPDATE_GOLDEN=breaking everything
/// is, which is only for a contract that nobody uses yet.
/// </summary>
internal sealed class GoldenTests
{
    private const string Command = "CLOUDBR_UPDATE_GOLDEN=1 dotnet test tests/Protos.Tests";

    private static readonly Surface Current = Surface.Of(Contract.All);

    private Surface _golden = null!;

    [OneTimeSetUp]
    public void ReadGoldenAndUpdateItIfAsked()
    {
        _golden = Embedded();
        var mode = Environment.GetEnvironmentVariable("CLOUDBR_UPDATE_GOLDEN");
        if (mode == "breaking" || (mode == "1" && !BreakingChanges.Between(_golden, Current).Any()))
        {
            File.WriteAllText(GoldenFile, Current.ToString());
            _golden = Surface.Parse(File.ReadAllText(GoldenFile));
        }
    }

    [Test]
    public void Contract_AgainstGolden_BreaksNoClient() =>
        Assert.That(Lines(BreakingChanges.Between(_golden, Current)), Is.Empty,
            "These changes break clients. Add beside the old instead, or reserve both number and name of what goes.");

    [Test]
    public void Golden_AgainstContract_NamesEveryElement() =>
        Assert.That(Lines(Current.Entries.Except(_golden.Entries)), Is.Empty,
            $"The contract has grown. If the additions are meant to stay, run\n  {Command}\nand commit the golden file.");

    [Test]
    public void Golden_ReadAndWrittenAgain_IsTheSame()
    {
        var text = Current.ToString();
        Assert.That(Surface.Parse(text).ToString(), Is.EqualTo(text));
    }

    private static string Lines(IEnumerable<object> entries) => string.Join(Environment.NewLine, entries);

    private static string GoldenFile => typeof(GoldenTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "GoldenFile").Value!;

    private static Surface Embedded()
    {
        using var stream = typeof(GoldenTests).Assembly.GetManifestResourceStream("contract.txt")!;
        using var reader = new StreamReader(stream);
        return Surface.Parse(reader.ReadToEnd());
    }
}
