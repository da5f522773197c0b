import Testing
import Timing

@testable import Network

struct LineLimiterTests {
    @Test func `the lines of one port scan are all there, those of a flood are counted`() {
        let limiter = LineLimiter()
        var lines: [String] = []
        let start = Instant(nanoseconds: 5_000_000_000)
        for number in 0..<25 {
            limiter.admit(start + .milliseconds(number)) { lines.append("\(number)\($0)") }
        }
        #expect(lines == (0..<LineLimiter.linesPerSecond).map { "\($0)" })
        limiter.admit(start + .seconds(1)) { lines.append("later\($0)") }
        #expect(lines.last == "later (15 more such lines were not shown)")
        limiter.admit(start + .seconds(1)) { lines.append("again\($0)") }
        #expect(lines.last == "again")
    }
}
