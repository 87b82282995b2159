// Tests share nothing, so they may all run at once.

global using PropertyAttribute = FsCheck.NUnit.PropertyAttribute;

[assembly: Parallelizable(ParallelScope.All)]
[assembly: FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[assembly: LevelOfParallelism(4)]
