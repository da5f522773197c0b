import KafkaRecords
import Posix
import TestSupport
import Testing
import Timing

@testable import Storage

@Suite struct RetentionTests {
    private let bench = Bench()
    private let hour: Int64 = 3_600_000

    /// Ten segments of one batch, an hour apart.
    private func hourly(_ change: (inout LogConfiguration) -> Void = { _ in }) throws -> PartitionLog {
        var configuration = smallSegments()
        configuration.segmentMs = 1
        configuration.retentionMs = -1
        change(&configuration)
        let log = try bench.create(configuration)
        for index in 0..<10 { try log.append(try batch(count: 2, timestamp: noon.later(Int64(index) * hour))) }
        #expect(log.segmentBaseOffsets == Array(stride(from: 0, to: 20, by: 2)))
        return log
    }

    @Test func `segments whose newest record is too old go`() throws {
        let log = try hourly { $0.retentionMs = 3 * 3_600_000 }
        let deleted = try log.deleteExpired(now: noon.later(5 * hour), highWatermark: 20)
        #expect(deleted.map(\.reason) == [.time])
        #expect(deleted.first?.baseOffsets == [0, 2])
        #expect(log.logStartOffset == 4)
        #expect(throws: StorageError.self) { try log.read(from: 3, maxBytes: 10, minOneBatch: true, upTo: 20) }
        #expect(try log.everything().count == 8)
        #expect(try bench.names().filter { $0.hasSuffix(".log.deleted") }.count == 2)
        #expect(log.checkpoint(highWatermark: 20).logStartOffset == nil)
    }

    @Test func `all of it may go, the active segment too, and offsets go on`() throws {
        let log = try hourly { $0.retentionMs = 1 }
        let deleted = try log.deleteExpired(now: noon.later(100 * hour), highWatermark: 20)
        #expect(deleted.first?.baseOffsets.count == 10)
        #expect(log.logStartOffset == 20 && log.logEndOffset == 20)
        #expect(try log.deleteExpired(now: noon.later(200 * hour), highWatermark: 20).isEmpty)
        #expect(try log.append(try batch()).baseOffset == 20)
        #expect(try bench.open(recoveryPoint: 20).logEndOffset == 23)
    }

    @Test func `nothing at or above the high watermark goes`() throws {
        let log = try hourly { $0.retentionMs = 1 }
        _ = try log.deleteExpired(now: noon.later(100 * hour), highWatermark: 7)
        #expect(log.logStartOffset == 6)
    }

    @Test func `what is more than the size allowed goes`() throws {
        let log = try hourly()
        let each = try log.size / 10
        var configuration = log.configuration
        configuration.retentionBytes = each * 4 + 1
        log.reconfigure(configuration)
        let deleted = try log.deleteExpired(now: noon, highWatermark: 20)
        #expect(deleted.map(\.reason) == [.size])
        #expect(deleted.first?.bytes == each * 5)
        #expect(log.logStartOffset == 10)
    }

    @Test func `records deleted by request go with their segment, whatever the policy`() throws {
        let log = try hourly { $0.cleanupPolicy = .compact }
        try log.advanceLogStart(to: 7)
        #expect(log.checkpoint(highWatermark: 20).logStartOffset == 7)
        let deleted = try log.deleteExpired(now: noon, highWatermark: 20)
        #expect(deleted.map(\.reason) == [.logStartOffset])
        #expect(log.segmentBaseOffsets.first == 6)
        #expect(try log.read(from: 7, maxBytes: 1, minOneBatch: true, upTo: 20).firstOffset == 6)
        #expect(throws: StorageError.self) { try log.advanceLogStart(to: 21) }
        // The start survives by its checkpoint.
        #expect(try bench.open(recoveryPoint: 0, start: 7).logStartOffset == 7)
    }

    @Test func `a timestamp a year ahead does not keep a segment for ever`() throws {
        var configuration = smallSegments()
        configuration.retentionMs = 1000
        let log = try bench.create(configuration)
        let now = Clock.system.timestamp
        try log.append(try batch(timestamp: now.later(365 * 24 * hour)))
        #expect(try log.deleteExpired(now: now, highWatermark: 3).isEmpty)
        let deleted = try log.deleteExpired(now: now.later(60_000), highWatermark: 3)
        #expect(deleted.first?.baseOffsets == [0])
        #expect(log.logStartOffset == 3)
    }

    @Test func `a reader keeps the file it was given`() throws {
        let log = try hourly { $0.retentionMs = 1 }
        let region = try #require(try log.read(from: 0, maxBytes: 1000, minOneBatch: true, upTo: 20).region)
        _ = try log.deleteExpired(now: noon.later(100 * hour), highWatermark: 20)
        #expect(log.nextDeletion == noon.later(100 * hour + 60_000))
        try log.deleteScheduled(now: noon.later(200 * hour))
        #expect(log.nextDeletion == nil)
        let bytes = try region.file.read(count: region.count, at: region.offset)
        let isValid = BatchChecksum.isValid(bytes.span.bytes)
        #expect(isValid)
    }

    @Test func `a log is cut in the middle and goes on there`() throws {
        let log = try hourly()
        try log.flush(now: noon)
        try log.truncate(to: 9, now: noon)
        #expect(log.logEndOffset == 9 && log.recoveryPoint == 9)
        // The cut took a whole batch; the name of a segment keeps the end.
        #expect(log.segmentBaseOffsets == [0, 2, 4, 6, 8, 9])
        #expect(try log.everything().count == 4)
        try log.truncate(to: 8, now: noon)
        #expect(try log.append(try batch(count: 2, timestamp: noon)).baseOffset == 8)
        #expect(try log.everything().count == 5)
        #expect(try log.maxTimestampOffset()?.timestamp == noon.later(3 * hour + 1).milliseconds)
        #expect(try bench.open(recoveryPoint: 8).everything().count == 5)
    }

    @Test func `cutting within a segment keeps the indexes right`() throws {
        var configuration = smallSegments()
        configuration.segmentBytes = 100_000
        let log = try bench.create(configuration)
        for index in 0..<40 {
            try log.append(
                try batch(timestamp: noon.later(Int64(index) * 10), producer: 7, epoch: 0, sequence: Int32(index * 3)))
        }
        try log.roll(now: noon)
        for index in 40..<60 {
            try log.append(
                try batch(timestamp: noon.later(Int64(index) * 10), producer: 7, epoch: 0, sequence: Int32(index * 3)))
        }
        for end in [Int64(150), 120, 60, 3] {
            try log.truncate(to: end, now: noon)
            #expect(log.logEndOffset == end)
            #expect(try log.producers[7]?.lastSequence == Int32(end - 1))
            #expect(try log.everything().count == Int(end / 3))
            for offset in stride(from: Int64(0), to: end, by: 5) {
                #expect(
                    try log.read(from: offset, maxBytes: 1, minOneBatch: true, upTo: end).firstOffset == offset / 3 * 3)
            }
            let newest = noon.later((end / 3 - 1) * 10 + 2).milliseconds
            #expect(try log.maxTimestampOffset()?.timestamp == newest)
        }
        try log.close(now: noon)
        let again = try bench.open(configuration, recoveryPoint: 3, wasClean: true)
        #expect(try again.everything().count == 1)
    }

    @Test func `a log that is emptied goes on where it is told`() throws {
        let log = try hourly()
        try log.truncateFully(startingAt: 100, now: noon)
        #expect(log.logStartOffset == 100 && log.logEndOffset == 100)
        #expect(try log.append(try batch()).baseOffset == 100)
        #expect(try log.producers.isEmpty)
        try log.truncateFully(startingAt: 100, now: noon)
        #expect(try log.everything().isEmpty)
        #expect(try bench.open(recoveryPoint: 100, start: 100).logEndOffset == 100)
    }
}
