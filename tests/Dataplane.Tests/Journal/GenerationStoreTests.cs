using System.Collections.Concurrent;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Dataplane.Journal;
using Cloudbr.Agent.Linux.Files;
using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Dataplane.Tests.Journal;

internal sealed class GenerationStoreTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Observer _observer = new();

    [Test]
    public void Kept_IsListedAndFoundByThisLifeAndTheNext()
    {
        var folder = new MemoryFolder();
        using (var store = Open(folder))
        {
            foreach (var number in new ulong[] { 1, 2, 3, 12 })
            {
                store.Keep(TextCodec.Of(number, "n"));
            }

            Assert.That(Numbers(store), Is.EqualTo(new ulong[] { 12, 3, 2, 1 }));
            Assert.That(TextCodec.Show(store.Find(3)), Is.EqualTo("3n"));
        }

        Assert.That(folder.Files.Keys.Order(), Is.EqualTo(new[] { "0000000001", "0000000002", "0000000003", "0000000012" }));
        using var next = Open(folder);
        Assert.That(Numbers(next), Is.EqualTo(new ulong[] { 12, 3, 2, 1 }));
        Assert.That(next.List(null, 9)[0], Is.EqualTo(TextCodec.Of(12, "n").Entry));
        Assert.That((TextCodec.Show(next.Find(12)), next.Find(4)), Is.EqualTo(("12n", (Generation?)null)));
        Assert.That(_observer.All, Is.Empty);
    }

    [Test]
    public void List_GivesAsManyAsAskedForFromWhereItWasAsked()
    {
        using var store = Open(new MemoryFolder());
        for (var i = 1ul; i <= 9; i++)
        {
            store.Keep(TextCodec.Of(i));
        }

        Assert.That(store.List(8, 3).Select(e => e.Generation), Is.EqualTo(new ulong[] { 7, 6, 5 }));
        Assert.That(store.List(2, 3).Select(e => e.Generation), Is.EqualTo(new ulong[] { 1 }));
        Assert.That(store.List(1, 3), Is.Empty);
        Assert.That(store.List(null, 0), Is.Empty);
    }

    [Test]
    public void Keep_TheSameNumberAgain_ReplacesIt()
    {
        var folder = new MemoryFolder();
        using (var store = Open(folder))
        {
            store.Keep(TextCodec.Of(1, "awaited"));
            Assert.That(store.List(null, 9).Single().Note, Is.EqualTo("awaited"));
            store.Keep(TextCodec.Of(1, "given"));
            Assert.That(store.List(null, 9).Single().Note, Is.EqualTo("given"));
            Assert.That(TextCodec.Show(store.Find(1)), Is.EqualTo("1given"));
        }

        using (var store = Open(folder))
        {
            Assert.That(store.List(null, 9).Single().Note, Is.EqualTo("given"));
            store.Keep(TextCodec.Of(1, "later"));
        }

        using var next = Open(folder);
        Assert.That(next.List(null, 9).Single().Note, Is.EqualTo("later"));
    }

    [Test]
    public void OldestOfTooMany_AreRemoved()
    {
        var folder = new MemoryFolder();
        using (var store = Open(folder, kept: 3))
        {
            for (var i = 1ul; i <= 7; i++)
            {
                store.Keep(TextCodec.Of(i));
            }
        }

        Assert.That(folder.Files.Keys.Order(), Is.EqualTo(new[] { "0000000005", "0000000006", "0000000007" }));
        using var next = Open(folder, kept: 2);
        next.Keep(TextCodec.Of(8));
        next.Dispose();
        Assert.That(folder.Files.Keys.Order(), Is.EqualTo(new[] { "0000000007", "0000000008" }));
    }

    [Test]
    public void WhatWaits_IsSeenWhileTheDiskHangs_AndNobodyWaitsForIt()
    {
        var disk = new HangingDisk();
        using var store = Open(disk, kept: 100, mostWaiting: 3);
        using var goesOnInTheEnd = disk;
        store.Keep(TextCodec.Of(1));
        disk.WaitUntilAsked();
        foreach (var number in new ulong[] { 2, 3, 4 })
        {
            store.Keep(TextCodec.Of(number));
        }

        Assert.That(Numbers(store), Is.EqualTo(new ulong[] { 4, 3, 2, 1 }));
        Assert.That(TextCodec.Show(store.Find(1)), Is.EqualTo("1"));
        Assert.That(_observer.All, Is.Empty);

        store.Keep(TextCodec.Of(4, "confirmed"));
        Assert.That(_observer.All, Is.Empty, "the same number needs no room");
        store.Keep(TextCodec.Of(5));
        store.Keep(TextCodec.Of(6));
        Assert.That(Numbers(store), Is.EqualTo(new ulong[] { 6, 5, 4, 1 }), "the oldest that wait make room");
        Assert.That(_observer.All, Is.EqualTo(new[] { "failing HISTORY_BEHIND" }));

        disk.GoOn();
        _observer.WaitFor("working, lost 2");
        Assert.That(disk.Memory.Files.Keys.Order(), Is.EqualTo(new[] { "0000000001", "0000000004", "0000000005", "0000000006" }));
        Assert.That(TextCodec.Show(store.Find(4)), Is.EqualTo("4confirmed"));
    }

    [TestCase(28)]
    [TestCase(30)]
    [TestCase(5)]
    public void FailingDisk_IsToldOnceAndWhatWaitedIsWrittenWhenItWorks(int number)
    {
        using var tried = new SemaphoreSlim(0);
        var folder = new MemoryFolder
        {
            Fails = (operation, _) =>
            {
                if (operation == "write")
                {
                    tried.Release();
                    return number;
                }

                return null;
            },
        };
        using var store = Open(folder);
        foreach (var kept in new ulong[] { 1, 2, 3 })
        {
            store.Keep(TextCodec.Of(kept));
            Assert.That(tried.Wait(Limit), "it is tried each time that there is something new");
        }

        Assert.That(Numbers(store), Is.EqualTo(new ulong[] { 3, 2, 1 }));

        folder.Fails = null;
        store.Keep(TextCodec.Of(4));
        _observer.WaitFor("working, lost 0");
        Assert.That(_observer.All, Is.EqualTo(new[] { "failing HISTORY_NOT_WRITABLE", "working, lost 0" }));
        store.Dispose();
        Assert.That(folder.Files.Keys.Order(), Is.EqualTo(new[] { "0000000001", "0000000002", "0000000003", "0000000004" }));
    }

    [Test]
    public void Dispose_OfADiskThatWorksAgain_WritesWhatWaited()
    {
        var folder = new MemoryFolder { Fails = (operation, _) => operation == "write" ? 28 : null };
        var store = Open(folder);
        store.Keep(TextCodec.Of(1));
        _observer.WaitFor("failing HISTORY_NOT_WRITABLE");
        folder.Fails = null;
        store.Dispose();
        Assert.That(folder.Files.Keys, Is.EqualTo(new[] { "0000000001" }));
    }

    [Test]
    public void Dispose_OfAFailingDisk_GivesUp()
    {
        var folder = new MemoryFolder { Fails = (operation, _) => operation == "fsync" ? 28 : null };
        var store = Open(folder);
        store.Keep(TextCodec.Of(1));
        store.Dispose();
        Assert.That(folder.Files, Is.Empty);
        Assert.That(() => store.Keep(TextCodec.Of(2)), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void Damaged_EveryBitFlipAndTruncation_IsLeftOutAndToldOnce()
    {
        var whole = Written(TextCodec.Of(2, "n"));
        var spoiled = Enumerable.Range(0, whole.Length * 8).Select(bit =>
        {
            var flipped = whole.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            return flipped;
        }).Concat(Enumerable.Range(0, whole.Length).Select(length => whole[..length]));
        foreach (var bytes in spoiled)
        {
            var observer = new Observer();
            var folder = new MemoryFolder();
            folder.Put("0000000001", Written(TextCodec.Of(1)));
            folder.Put("0000000002", bytes);
            using var store = new GenerationStore(folder, new TextCodec(), 10, 10, observer);
            if (store.Find(2) is not null || Numbers(store) is not [1] || observer.All is not ["unreadable HISTORY_DAMAGED"])
            {
                Assert.Fail($"not found to be damaged: {Convert.ToHexString(bytes)}");
            }
        }
    }

    [Test]
    public void Damaged_KeptAgain_IsWholeAgain()
    {
        var folder = new MemoryFolder();
        folder.Put("0000000002", []);
        using (var store = Open(folder))
        {
            Assert.That(Numbers(store), Is.Empty);
            store.Keep(TextCodec.Of(2));
        }

        using var next = Open(folder);
        Assert.That(Numbers(next), Is.EqualTo(new ulong[] { 2 }));
    }

    [Test]
    public void File_OfAnotherGeneration_IsLeftOut()
    {
        var folder = new MemoryFolder();
        folder.Put("0000000002", Written(TextCodec.Of(3)));
        using var store = Open(folder);
        Assert.That((store.Find(2), Numbers(store).Count), Is.EqualTo(((Generation?)null, 0)));
    }

    [Test]
    public void Unreadable_IsToldOnceAndReadWhenItCanBe()
    {
        var folder = new MemoryFolder();
        folder.Put("0000000002", Written(TextCodec.Of(2)));
        using var store = Open(folder);
        folder.Fails = (operation, _) => operation == "read" ? 5 : null;
        Assert.That(Numbers(store), Is.Empty);
        Assert.That(store.Find(2), Is.Null);
        Assert.That(_observer.All, Is.EqualTo(new[] { "unreadable HISTORY_NOT_READABLE" }));
        folder.Fails = null;
        Assert.That(Numbers(store), Is.EqualTo(new ulong[] { 2 }));
    }

    [Test]
    public void OtherFiles_AreLeftAloneAndHalfWrittenOnesRemoved()
    {
        var folder = new MemoryFolder();
        foreach (var name in new[] { "notes", "1", "00000000001", "0000000007.tmp" })
        {
            folder.Put(name, [1]);
        }

        using var store = Open(folder);
        Assert.That(Numbers(store), Is.Empty);
        Assert.That(folder.Files.Keys, Is.EquivalentTo(new[] { "notes", "1", "00000000001" }));
    }

    [Test]
    public void GenerationThatCannotBeEncoded_IsToldAndTheNextIsWritten()
    {
        var folder = new MemoryFolder();
        using (var store = new GenerationStore(folder, new PickyCodec(), 10, 10, _observer))
        {
            store.Keep(TextCodec.Of(13));
            _observer.WaitFor("working, lost 1");
            store.Keep(TextCodec.Of(14));
        }

        Assert.That(_observer.All, Is.EqualTo(new[] { "failing HISTORY_DEFECT", "working, lost 1" }));
        Assert.That(folder.Files.Keys, Is.EqualTo(new[] { "0000000014" }));
    }

    [Test]
    public void OnDisk_InAFolderOfTheStateFolder()
    {
        using var directory = new TempDirectory();
        using (var store = new GenerationStore(directory.Path, new TextCodec(), 10, _observer))
        {
            store.Keep(TextCodec.Of(ulong.MaxValue, "n"));
        }

        Assert.That(File.Exists(directory["generations/18446744073709551615"]));
        using var next = new GenerationStore(directory.Path, new TextCodec(), 10, _observer);
        Assert.That(TextCodec.Show(next.Find(ulong.MaxValue)), Is.EqualTo($"{ulong.MaxValue}n"));
    }

    [Test]
    public void FolderThatCannotBeMade_IsTold()
    {
        using var directory = new TempDirectory();
        directory.Write("generations", "");
        var failure = Assert.Throws<JournalException>(() => new GenerationStore(directory.Path, new TextCodec(), 10, _observer))!.Failure;
        Assert.That(failure.Evidence, Does.Contain("ENOTDIR"));
    }

    private static List<ulong> Numbers(GenerationStore store) => [.. store.List(null, 1000).Select(e => e.Generation)];

    private static byte[] Written(Generation generation)
    {
        var folder = new MemoryFolder();
        using (var store = new GenerationStore(folder, new TextCodec(), 10, 10, new Observer()))
        {
            store.Keep(generation);
        }

        return folder.Files.Values.Single();
    }

    private GenerationStore Open(IFolder folder, int kept = 100, int mostWaiting = 100) => new(folder, new TextCodec(), kept, mostWaiting, _observer);

    private sealed class PickyCodec : IGenerationCodec
    {
        private readonly TextCodec _codec = new();

        public void Encode(Generation generation, System.Buffers.IBufferWriter<byte> output)
        {
            if (generation.Number == 13)
            {
                throw new InvalidOperationException("unlucky");
            }

            _codec.Encode(generation, output);
        }

        public Generation Decode(ReadOnlyMemory<byte> bytes) => _codec.Decode(bytes);
    }

    /// <summary>A disk that takes a file and does not come back before it may.</summary>
    private sealed class HangingDisk : IFolder, IDisposable
    {
        private readonly ManualResetEventSlim _asked = new();
        private readonly ManualResetEventSlim _released = new();

        public MemoryFolder Memory { get; } = new();

        public string Path => Memory.Path;

        public void WaitUntilAsked() => Assert.That(_asked.Wait(Limit), "the disk was asked to write");

        public void GoOn() => _released.Set();

        public IReadOnlyList<string> Names() => Memory.Names();

        public byte[]? Read(string name) => Memory.Read(name);

        public IFileWriter Create(string name)
        {
            _asked.Set();
            _released.Wait();
            return Memory.Create(name);
        }

        public bool Rename(string name, string newName) => Memory.Rename(name, newName);

        public bool Link(string name, string second) => Memory.Link(name, second);

        public bool Remove(string name) => Memory.Remove(name);

        public void Sync() => Memory.Sync();

        public void Dispose() => _released.Set();
    }

    private sealed class Observer : IHistoryObserver
    {
        private readonly BlockingCollection<string> _news = [];
        private readonly List<string> _all = [];

        public IReadOnlyList<string> All
        {
            get
            {
                lock (_all)
                {
                    return [.. _all];
                }
            }
        }

        public void GenerationUnreadable(Failure failure) => Add($"unreadable {failure.Reason}");

        public void HistoryFailing(Failure failure) => Add($"failing {failure.Reason}");

        public void HistoryWorking(long lost) => Add($"working, lost {lost}");

        public void WaitFor(string news)
        {
            while (_news.TryTake(out var told, Limit))
            {
                if (told == news)
                {
                    return;
                }
            }

            Assert.Fail($"never told: {news}");
        }

        private void Add(string news)
        {
            lock (_all)
            {
                _all.Add(news);
            }

            _news.Add(news);
        }
    }
}
