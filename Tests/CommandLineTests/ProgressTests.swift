import Testing

@testable import CommandLine

struct ProgressTests {
    private let progress = Progress("Checking", total: 4_000_000_000)

    @Test func `the line says how far it is, how fast, and how long yet`() {
        #expect(
            progress.line(done: 1_000_000_000, elapsed: .seconds(2), width: 100)
                == "Checking  25 % ███████▌                        1.0 GB of 4.0 GB  500 MB/s  6 s left")
        #expect(
            progress.line(done: 4_000_000_000, elapsed: .seconds(8), width: 100)
                == "Checking 100 % ██████████████████████████████  4.0 GB of 4.0 GB  500 MB/s")
    }

    @Test func `work that is soon over, or has no size, shows nothing`() {
        #expect(progress.line(done: 1, elapsed: .milliseconds(999), width: 80) == nil)
        #expect(Progress("Checking", total: 0).line(done: 0, elapsed: .seconds(9), width: 80) == nil)
        #expect(progress.line(done: 1, elapsed: .seconds(2), width: 0) == nil)
    }

    @Test func `no line is wider than the terminal`() {
        for width in 1..<120 {
            for done in [Int64(-1), 0, 1, 1_234_567_890, 4_000_000_000, .max] {
                let line = progress.line(done: done, elapsed: .seconds(4000), width: width)
                #expect((line?.count ?? 0) < width)
            }
        }
        #expect(
            progress.line(done: 1_000_000_000, elapsed: .seconds(2), width: 55)
                == "Checking  25 %  1.0 GB of 4.0 GB  500 MB/s  6 s left")
    }

    @Test(arguments: [
        (Int64(0), "0 B"), (999, "999 B"), (1000, "1.0 kB"), (9949, "9.9 kB"), (9951, "10 kB"), (999_499, "999 kB"),
        (999_500, "1.0 MB"), (123_456_789, "123 MB"), (Int64.max, "9.2 EB"),
    ])
    func `sizes have two or three digits`(bytes: Int64, text: String) { #expect(Progress.size(bytes) == text) }

    @Test func `times have at most two units`() {
        #expect(Progress.time(0.2) == "1 s")
        #expect(Progress.time(60) == "1 min 0 s")
        #expect(Progress.time(3599.5) == "1 h 0 min")
        #expect(Progress.time(.infinity) == "277777 h 46 min")
    }
}

struct TableTests {
    @Test func `columns are as wide as their widest cell`() {
        var table = Table([("NAME", .left), ("SIZE", .right), ("STATE", .left)])
        table.add(["a", "12345", "ok"])
        table.add(["orders", "", "so far"])
        #expect(
            table.text == """
                NAME     SIZE  STATE
                a       12345  ok
                orders      -  so far

                """)
    }
}
