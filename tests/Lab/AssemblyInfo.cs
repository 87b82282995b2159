// Guests are processes of one CPU each, and wait half of their time; three at once keep a small machine busy.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(3)]
