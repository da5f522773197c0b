import Testing
import Timing

@testable import Broker

/// Which jumps of the wall clock are believed.
struct ClockWatchTests {
    private let start = Instant(nanoseconds: 1_000_000_000)
    private let noon = Timestamp(milliseconds: 1_700_000_000_000)
    private let year: Int64 = 365 * 86_400_000

    /// So many seconds later, with the wall clock off by so many milliseconds.
    private func look(_ watch: inout ClockWatch, after seconds: Int64, off: Int64 = 0) -> ClockWatch.Judgement {
        watch.look(
            now: start + .seconds(seconds), wall: Timestamp(milliseconds: noon.milliseconds + seconds * 1000 + off))
    }

    @Test func `small corrections and the passing of time are believed`() {
        var watch = ClockWatch(lastWrite: nil, now: start, wall: noon)
        #expect(look(&watch, after: 300) == .trusted)
        #expect(look(&watch, after: 600, off: 500_000) == .trusted)
        #expect(look(&watch, after: 86_400) == .trusted)
    }

    @Test func `a jump ahead is doubted for an hour`() {
        var watch = ClockWatch(lastWrite: noon, now: start, wall: noon)
        #expect(look(&watch, after: 1, off: year) == .jumped(ahead: .milliseconds(year)))
        #expect(look(&watch, after: 300, off: year) == .doubted)
        #expect(look(&watch, after: 3500, off: year) == .doubted)
        #expect(look(&watch, after: 3601, off: year) == .trustedAgain)
        #expect(look(&watch, after: 3900, off: year) == .trusted)
    }

    @Test func `a clock that is put right is believed at once`() {
        var watch = ClockWatch(lastWrite: noon, now: start, wall: noon)
        #expect(look(&watch, after: 1, off: year) == .jumped(ahead: .milliseconds(year)))
        #expect(look(&watch, after: 300) == .trustedAgain)
        #expect(look(&watch, after: 600) == .trusted)
    }

    @Test func `a clock far ahead of the last write is doubted from the start`() {
        let before = Timestamp(milliseconds: noon.milliseconds - year)
        var watch = ClockWatch(lastWrite: before, now: start, wall: noon)
        #expect(look(&watch, after: 0) == .jumped(ahead: .milliseconds(year)))
        #expect(look(&watch, after: 300) == .doubted)
        var weekend = ClockWatch(
            lastWrite: Timestamp(milliseconds: noon.milliseconds - 3 * 86_400_000), now: start, wall: noon)
        #expect(look(&weekend, after: 0) == .trusted)
    }

    @Test func `a clock that is set back is believed`() {
        var watch = ClockWatch(lastWrite: noon, now: start, wall: noon)
        #expect(look(&watch, after: 300, off: -year) == .trusted)
        #expect(look(&watch, after: 600, off: -year) == .trusted)
    }
}
