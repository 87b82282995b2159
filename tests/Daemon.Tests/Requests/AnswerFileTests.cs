using Cloudbr.Agent.Daemon.Requests;
using Microsoft.Extensions.Logging;

namespace Cloudbr.Agent.Daemon.Tests.Requests;

/// <summary>What becomes of the file: cut, damaged, too long, too large, not writable.</summary>
internal sealed class AnswerFileTests : IAsyncDisposable
{
    private readonly Remembering _agent = new();

    public ValueTask DisposeAsync() => _agent.DisposeAsync();

    private IEnumerable<string> Errors => _agent.Log.Where(l => l.Level >= LogLevel.Warning).Select(l => l.Text);

    [Test]
    public async Task File_CutAnywhere_KeepsTheAnswersBeforeTheCut()
    {
        var ends = new List<long>();
        for (var i = 0; i < 4; i++)
        {
            await _agent.AnswerAsync($"{i}", Remembering.Message(new string('x', i * 7)));
            ends.Add(new FileInfo(_agent.File).Length);
        }

        await _agent.StopAsync();
        var whole = await File.ReadAllBytesAsync(_agent.File);
        for (var cut = 0; cut <= whole.Length; cut++)
        {
            await File.WriteAllBytesAsync(_agent.File, whole[..cut]);
            _agent.Log.Clear();
            await _agent.RestartAsync();
            var intact = ends.Count(e => e <= cut);
            Assert.That(_agent.Memory.Count, Is.EqualTo(intact), $"cut at {cut}");
            for (var i = 0; i < 4; i++)
            {
                Assert.That(Remembering.BytesOf(await _agent.AskAsync($"{i}"))?.Length, Is.EqualTo(i < intact ? i * 7 : (int?)null), $"cut at {cut}");
            }

            var end = intact == 0 ? 0 : ends[intact - 1];
            Assert.That(new FileInfo(_agent.File).Length, Is.EqualTo(end), $"cut at {cut}");
            Assert.That(Errors.Count(), Is.EqualTo(cut == end ? 0 : 1), $"cut at {cut}");
            if (cut != end)
            {
                Assert.That(Errors.Single(), Does.StartWith($"Cut {cut - end} bytes off the end of {_agent.File}"));
            }

            await _agent.AnswerAsync("new", Remembering.Message("new"));
            await _agent.RestartAsync();
            Assert.That(_agent.Memory.Count, Is.EqualTo(intact + 1), $"cut at {cut}, and written on");
            await _agent.StopAsync();
        }
    }

    [Test]
    public async Task File_WithAnyByteDamaged_LosesThatAnswerOnly()
    {
        var ends = new List<long>();
        for (var i = 0; i < 3; i++)
        {
            await _agent.AnswerAsync($"{i}", Remembering.Message($"answer {i}"));
            ends.Add(new FileInfo(_agent.File).Length);
        }

        await _agent.StopAsync();
        var whole = await File.ReadAllBytesAsync(_agent.File);
        for (var at = 0; at < ends[1]; at++)
        {
            var damaged = whole.ToArray();
            damaged[at] ^= 0x5A;
            await File.WriteAllBytesAsync(_agent.File, damaged);
            _agent.Log.Clear();
            await _agent.RestartAsync();
            var lost = ends.FindIndex(e => at < e);
            for (var i = 0; i < 3; i++)
            {
                Assert.That(await _agent.AskAsync($"{i}"), i == lost ? Is.Null : Is.Not.Null, $"byte {at}, answer {i}");
            }

            Assert.That(Errors.Single(), Does.Contain($" bytes in {_agent.File} are damaged and passed over"));
            await _agent.StopAsync();
        }
    }

    [Test]
    public async Task Mark_AcrossTwoBlocks_IsFound()
    {
        await _agent.AnswerAsync("last", Remembering.Message("intact"));
        await _agent.StopAsync();
        var record = await File.ReadAllBytesAsync(_agent.File);
        for (var junk = (64 * 1024) - 10; junk <= (64 * 1024) + 2; junk++)
        {
            await File.WriteAllBytesAsync(_agent.File, [.. new byte[junk], .. record]);
            await _agent.RestartAsync();
            Assert.That(Remembering.BytesOf(await _agent.AskAsync("last")), Is.EqualTo("intact"u8.ToArray()), $"after {junk} bytes");
            await _agent.StopAsync();
        }
    }

    [TestCase(0)]
    [TestCase(1_000_000)]
    public async Task Answer_OfAnySize_ComesBackAsItWas(int size)
    {
        var bytes = new byte[size];
        new Random(1).NextBytes(bytes);
        await _agent.AnswerAsync("a", new MessageAnswer(bytes));
        Assert.That(Remembering.BytesOf(await _agent.AskAsync("a")), Is.EqualTo(bytes));
        await _agent.RestartAsync();
        Assert.That(Remembering.BytesOf(await _agent.AskAsync("a")), Is.EqualTo(bytes));
    }

    [Test]
    public async Task File_ThatIsFull_IsWrittenAnewWithTheNewest()
    {
        _agent.Limits = new AnswerLimits { MostFileBytes = 10_000 };
        for (var i = 0; i < 100; i++)
        {
            await _agent.AnswerAsync($"{i}", Remembering.Message($"{i}:{new string('x', 900)}"));
            Assert.That(new FileInfo(_agent.File).Length, Is.LessThanOrEqualTo(10_000));
            Assert.That(_agent.Memory.Count, Is.EqualTo(i < 4 ? i + 1 : _agent.Memory.Count).And.InRange(i < 4 ? 1 : 4, 10));
        }

        var known = _agent.Memory.Count;
        await AssertNewestAsync();
        await _agent.RestartAsync();
        Assert.That(_agent.Memory.Count, Is.EqualTo(known));
        await AssertNewestAsync();
        Assert.That(Directory.GetFiles(_agent.Folder), Is.EqualTo(new[] { _agent.File }));

        async Task AssertNewestAsync()
        {
            for (var i = 100 - known; i < 100; i++)
            {
                Assert.That(Remembering.BytesOf(await _agent.AskAsync($"{i}")), Is.EqualTo(Remembering.Message($"{i}:{new string('x', 900)}").Message.ToArray()));
            }

            Assert.That(await _agent.AskAsync($"{99 - known}"), Is.Null);
        }
    }

    [Test]
    public async Task Answer_TooLongForTheFile_IsNotRememberedAndLeavesTheOthers()
    {
        _agent.Limits = new AnswerLimits { MostFileBytes = 10_000 };
        await _agent.AnswerAsync("a", Remembering.Message("one"));
        await _agent.AnswerAsync("long", new MessageAnswer(new byte[5_000]));
        Assert.That(Errors.Single(), Does.StartWith("The answer to long (").And.Contain("is too long to be remembered"));
        Assert.That(await _agent.AskAsync("long"), Is.Null);
        Assert.That(await _agent.AskAsync("a"), Is.Not.Null);
    }

    [Test]
    public async Task DiskFull_AnswersAreKeptInMemory_AndWrittenWhenThereIsRoom()
    {
        var full = false;
        _agent.Limits = new AnswerLimits
        {
            MostUnwrittenBytes = 2_000,
            Write = (file, bytes, offset) =>
            {
                RandomAccess.Write(file, full ? bytes[..20] : bytes, offset);
                if (full)
                {
                    throw new IOException("No space left on device");
                }
            },
        };
        await _agent.AnswerAsync("before", Remembering.Message("before"));
        var length = new FileInfo(_agent.File).Length;
        full = true;
        for (var i = 0; i < 5; i++)
        {
            await _agent.AnswerAsync($"{i}", Remembering.Message(new string('x', 500)));
        }

        Assert.That(Errors.Single(), Does.StartWith($"Answers cannot be written to {_agent.File}: No space left on device").And.Contain("Make room"));
        Assert.That(new FileInfo(_agent.File).Length, Is.EqualTo(length), "no halves stay there");
        Assert.That(await KnownAsync(), Is.EqualTo(new[] { "before", "2", "3", "4" }), "as many as memory is given for");

        full = false;
        await _agent.AnswerAsync("after", Remembering.Message("after"));
        Assert.That(_agent.Log[^1].Text, Is.EqualTo($"Answers are written to {_agent.File} again"));
        await _agent.RestartAsync();
        Assert.That(await KnownAsync(), Is.EqualTo(new[] { "before", "2", "3", "4", "after" }));

        async Task<List<string>> KnownAsync()
        {
            var known = new List<string>();
            foreach (var id in new[] { "before", "0", "1", "2", "3", "4", "after" })
            {
                if (await _agent.AskAsync(id) is not null)
                {
                    known.Add(id);
                }
            }

            return known;
        }
    }

    [Test]
    public async Task DiskFull_WhenTheFileIsToBeWrittenAnew_LosesNothing()
    {
        var full = false;
        _agent.Limits = new AnswerLimits
        {
            MostFileBytes = 4_000,
            Write = (file, bytes, offset) =>
            {
                if (full)
                {
                    throw new IOException("No space left on device");
                }

                RandomAccess.Write(file, bytes, offset);
            },
        };
        for (var i = 0; i < 3; i++)
        {
            await _agent.AnswerAsync($"{i}", Remembering.Message(new string('x', 1_000)));
        }

        full = true;
        await _agent.AnswerAsync("3", Remembering.Message(new string('x', 1_000)));
        for (var i = 0; i < 4; i++)
        {
            Assert.That(await _agent.AskAsync($"{i}"), Is.Not.Null, $"{i}");
        }

        Assert.That(Directory.GetFiles(_agent.Folder), Is.EqualTo(new[] { _agent.File }), "the half of a new file is gone");
    }

    [Test]
    public async Task Folder_ThatCannotBeMade_IsToldOnceAndAnswersAreKeptInMemory()
    {
        await File.WriteAllTextAsync(_agent.Folder, "in the way");
        await _agent.AnswerAsync("a", Remembering.Message("one"));
        await _agent.AnswerAsync("b", Remembering.Message("two"));
        Assert.That(Errors.Single(), Does.StartWith($"Answers cannot be written to {_agent.File}: "));
        File.Delete(_agent.Folder);
        await _agent.AnswerAsync("c", Remembering.Message("three"));
        await _agent.RestartAsync();
        Assert.That(_agent.Memory.Count, Is.EqualTo(3));
    }

    [Test]
    public async Task SecondAgent_InTheSameFolder_LeavesTheFileAlone()
    {
        await _agent.AnswerAsync("a", Remembering.Message("one"));
        await using var second = new AnswerMemory(_agent.Folder, _agent);
        Assert.That(second.Count, Is.Zero);
        Assert.That(Errors.Single(), Does.StartWith($"Answers cannot be written to {_agent.File}: "));
        Assert.That(await _agent.AskAsync("a"), Is.Not.Null);
    }

    [Test]
    public async Task Answer_DamagedMeanwhile_IsForgotten()
    {
        await _agent.AnswerAsync("a", Remembering.Message("one"));
        await _agent.StopAsync();
        var bytes = await File.ReadAllBytesAsync(_agent.File);
        await _agent.RestartAsync();

        // Past the lock, which only says that nobody should.
        Testing.Processes.Command.Run("truncate", "-s", $"{bytes.Length - 1}", _agent.File);
        Assert.That(await _agent.AskAsync("a"), Is.Null);
        Assert.That(Errors.Single(), Does.StartWith("The answer to a cannot be read back"));
    }

    [Test]
    public async Task File_IsForItsOwnerOnly()
    {
        await _agent.AnswerAsync("a", Remembering.Message("one"));
        Assert.That(File.GetUnixFileMode(_agent.File), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }
}
