import Testing

@testable import Storage

/// Decisions about cleaning, on outlines of logs.
@Suite struct CleanPlanTests {
    /// Four closed segments of 100 offsets and 1000 bytes each, and the active one from 400 to 450.
    private func outline() -> LogOutline {
        LogOutline(
            startOffset: 0, endOffset: 450, recoveryPoint: 450, lastStableOffset: 450, activeBaseOffset: 400,
            segments: (0..<4).map {
                .init(baseOffset: $0 * 100, endOffset: ($0 + 1) * 100, bytes: 1000, maxTimestamp: $0 * 10)
            })
    }

    private func range(
        _ outline: LogOutline, checkpoint: Int64? = nil, now: Int64 = 1000,
        _ change: (inout LogConfiguration) -> Void = { _ in }
    ) -> CleanableRange {
        var settings = LogConfiguration()
        change(&settings)
        return CleanableRange(outline, checkpoint: checkpoint, settings: settings, now: now)
    }

    @Test func `a log that was never cleaned is dirty up to its active segment`() {
        let range = range(outline())
        #expect(range.firstDirtyOffset == 0 && range.firstUncleanableOffset == 400)
        #expect(range.cleanBytes == 0 && range.cleanableBytes == 4000 && range.dirtyRatio == 1)
        #expect(range.reset == nil)
    }

    @Test func `what lies before the checkpoint is clean`() {
        let range = range(outline(), checkpoint: 300)
        #expect(range.cleanBytes == 3000 && range.cleanableBytes == 1000 && range.dirtyRatio == 0.25)
        #expect(!range.isDue(minDirtyRatio: 0.5) && range.isDue(minDirtyRatio: 0.2))
    }

    @Test func `a ratio must be exceeded, so that 0 with nothing dirty is not due`() {
        #expect(!range(outline(), checkpoint: 400).isDue(minDirtyRatio: 0))
        #expect(range(outline(), checkpoint: 200).dirtyRatio == 0.5)
        #expect(!range(outline(), checkpoint: 200).isDue(minDirtyRatio: 0.5))
    }

    @Test func `a segment that is dirty in part counts as dirty`() {
        let range = range(outline(), checkpoint: 250)
        #expect(range.cleanBytes == 2000 && range.cleanableBytes == 2000)
    }

    @Test(arguments: [(Int64(-5), CleanableRange.Reset.belowStart(checkpoint: -5)), (451, .beyondEnd(checkpoint: 451))])
    func `a checkpoint outside of the log starts again`(checkpoint: Int64, reset: CleanableRange.Reset) {
        let range = range(outline(), checkpoint: checkpoint)
        #expect(range.firstDirtyOffset == 0 && range.reset == reset && range.dirtyRatio == 1)
    }

    @Test func `a checkpoint inside the active segment leaves nothing to do`() {
        let range = range(outline(), checkpoint: 450)
        #expect(range.reset == nil && range.cleanableBytes == 0 && range.cleanBytes == 4000)
    }

    @Test func `transactions that are open, the high watermark and the device set a limit`() {
        for (limit, expected) in [(Int64(400), Int64(400)), (399, 300), (300, 300), (250, 200), (0, 0)] {
            var open = outline()
            open.lastStableOffset = limit
            #expect(range(open).firstUncleanableOffset == expected)
            var unflushed = outline()
            unflushed.recoveryPoint = limit
            #expect(range(unflushed).firstUncleanableOffset == expected)
        }
        var open = outline()
        open.lastStableOffset = 250
        #expect(range(open, checkpoint: 100).cleanableBytes == 1000)
        #expect(range(open, checkpoint: 300).cleanableBytes == 0)
    }

    @Test func `young segments wait for min.compaction.lag.ms`() {
        let range = range(outline(), now: 120) { $0.minCompactionLagMs = 100 }
        #expect(range.firstUncleanableOffset == 300)
        #expect(self.range(outline(), now: 500) { $0.minCompactionLagMs = 100 }.firstUncleanableOffset == 400)
        #expect(self.range(outline(), now: 90) { $0.minCompactionLagMs = 100 }.cleanableBytes == 0)
    }

    @Test func `a record that waited longer than max.compaction.lag.ms makes the log due`() {
        var log = outline()
        for index in log.segments.indices { log.segments[index].firstTimestamp = Int64(index) * 100 + 1 }
        let due = range(log, checkpoint: 300, now: 1000) { $0.maxCompactionLagMs = 600 }
        #expect(due.overdueMs == 99 && due.isDue(minDirtyRatio: 1))
        let early = range(log, checkpoint: 300, now: 900) { $0.maxCompactionLagMs = 600 }
        #expect(early.overdueMs == 0 && !early.isDue(minDirtyRatio: 1))
        // Without timestamps nobody knows how long they wait.
        for index in log.segments.indices { log.segments[index].firstTimestamp = -1 }
        #expect(range(log, now: 10_000) { $0.maxCompactionLagMs = 1 }.overdueMs == 0)
    }

    private func groups(
        _ sizes: [Int64], endOffset: Int64 = .max, indexBytes: Int64 = 8,
        _ change: (inout LogConfiguration) -> Void = { _ in }
    ) -> [Range<Int>] {
        var settings = LogConfiguration()
        settings.segmentBytes = 1000
        settings.indexBytesMax = 100
        change(&settings)
        let segments = sizes.enumerated().map { index, bytes in
            LogOutline.ClosedSegment(
                baseOffset: Int64(index) * 10, endOffset: Int64(index) * 10 + 10, bytes: bytes,
                offsetIndexBytes: indexBytes, timeIndexBytes: indexBytes)
        }
        return CleanPlan(segments, endOffset: endOffset, settings: settings).groups
    }

    @Test func `small segments are put together up to the size of one`() {
        #expect(groups([400, 400, 400, 1000, 1, 1]) == [0..<2, 2..<3, 3..<4, 4..<6])
        #expect(groups([2000, 2000]) == [0..<1, 1..<2])
        #expect(groups([]) == [])
    }

    @Test func `the sizes of the indexes limit a group too`() {
        #expect(groups([1, 1, 1, 1, 1], indexBytes: 40) == [0..<2, 2..<4, 4..<5])
    }

    @Test func `segments behind the end of the map are left alone`() {
        #expect(groups([1, 1, 1, 1], endOffset: 20) == [0..<2])
        #expect(groups([1, 1, 1, 1], endOffset: 21) == [0..<3])
    }

    @Test func `offsets further apart than 2^31 never share a segment`() {
        let far = Int64(Int32.max)
        func segment(_ base: Int64, _ end: Int64, bytes: Int64 = 1) -> LogOutline.ClosedSegment {
            .init(baseOffset: base, endOffset: end, bytes: bytes)
        }
        func groups(_ segments: [LogOutline.ClosedSegment]) -> [Range<Int>] {
            CleanPlan(segments, endOffset: .max, settings: LogConfiguration()).groups
        }
        #expect(groups([segment(0, 10), segment(10, far + 1)]) == [0..<2])
        #expect(groups([segment(0, 10), segment(10, far + 2)]) == [0..<1, 1..<2])
        #expect(groups([segment(5, 10), segment(10, far + 6)]) == [0..<2])
        // An empty one has no offset at all and must not stay for ever.
        #expect(
            groups([segment(0, 10), segment(10, far + 9, bytes: 0), segment(far + 9, far + 10)]) == [0..<2, 2..<3])
    }
}
