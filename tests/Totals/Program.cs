// Totals RESULTS SUITE...: reads RESULTS/SUITE/{*.trx,status}, prints what failed and what was skipped, and ends with the
// line `N passed, N failed, N skipped`.
using System.Globalization;
using Cloudbr.Agent.Totals;

if (args is not [var results, .. { Length: > 0 } names])
{
    Console.Error.WriteLine("usage: Totals RESULTS SUITE...");
    return 2;
}

var verdict = Verdict.On(names.Select(Read).ToList());
Print("SKIPPED", verdict.Skipped);
Print("FAILED", verdict.Failed);
Console.WriteLine();
Console.WriteLine(verdict.LastLine);
return verdict.Succeeded ? 0 : 1;

SuiteResult Read(string name)
{
    var status = Path.Combine(results, name, "status");
    // A suite that left no status was interrupted.
    var exitCode = File.Exists(status) ? int.Parse(File.ReadAllText(status), CultureInfo.InvariantCulture) : 1;
    string[] places = name == "lab" ? [name, Verdict.KernelInLab] : [name];
    var runs = places
        .Select(place => (Place: place, Directory: Path.Combine(results, place)))
        .Where(place => Directory.Exists(place.Directory))
        .SelectMany(place => Directory.EnumerateFiles(place.Directory, "*.trx", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .SelectMany(file => TrxFile.Read(file, place.Place)));
    return new SuiteResult(name, exitCode, runs.ToList(), IsCheck: name == "style");
}

static void Print(string word, IReadOnlyList<string> tests)
{
    foreach (var test in tests)
    {
        Console.WriteLine($"{word} {test}");
    }
}
