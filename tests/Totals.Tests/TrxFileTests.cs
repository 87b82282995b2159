using System.Xml.Linq;

namespace Cloudbr.Agent.Totals.Tests;

public class TrxFileTests
{
    private const string Sample = """
        <TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010">
          <Results>
            <UnitTestResult testId="1" testName="Passes" outcome="Passed" />
            <UnitTestResult testId="2" testName="Fails(1)" outcome="Failed">
              <Output><ErrorInfo><Message>  expected </Message><StackTrace>   at X&#10;   at NUnit.Framework.Y&#10;1)    at X&#10;   at X</StackTrace></ErrorInfo></Output>
            </UnitTestResult>
            <UnitTestResult testId="3" testName="Waits" outcome="NotExecuted">
              <Output><ErrorInfo><Message>needs 802.1Q</Message></ErrorInfo></Output>
            </UnitTestResult>
            <UnitTestResult testId="4" testName="Dies" outcome="Aborted" />
          </Results>
          <TestDefinitions>
            <UnitTest id="1"><TestMethod className="N.A" name="Passes" /></UnitTest>
            <UnitTest id="2"><TestMethod className="N.A" name="Fails" /></UnitTest>
            <UnitTest id="3"><TestMethod className="N.B" name="Waits" /></UnitTest>
            <UnitTest id="4"><TestMethod className="N.B" name="Dies" /></UnitTest>
          </TestDefinitions>
        </TestRun>
        """;

    [Test]
    public void Parse_EveryOutcome_IsUnderstood()
    {
        Assert.That(TrxFile.Parse(XDocument.Parse(Sample), "unit"), Is.EqualTo(new TestRun[]
        {
            new("unit", "N.A.Passes", Outcome.Passed),
            new("unit", "N.A.Fails(1)", Outcome.Failed, "expected\nat X"),
            new("unit", "N.B.Waits", Outcome.Skipped, "needs 802.1Q"),
            new("unit", "N.B.Dies", Outcome.Failed),
        }));
    }
}
