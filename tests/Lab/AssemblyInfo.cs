// Guests are processes of one CPU each; two at once keep a small machine busy without starving either.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(2)]
