import KafkaModel
import KafkaRecords
import Posix
import TestSupport
import Testing
import Timing

@testable import Storage

@Suite struct AppendTests {
    private let bench = Bench()

    @Test func `a batch gets its offsets and the leader's epoch, and leaves in one write`() throws {
        let faulty = FaultyDisk(after: .max)
        let log = try bench.create(disk: faulty.disk)
        #expect(try log.append(try batch(), leaderEpoch: 4).baseOffset == 0)
        let before = faulty.operations
        let result = try log.append(try batch(count: 5), leaderEpoch: 4)
        #expect(faulty.operations == before + 1)
        #expect(
            result
                == AppendResult(
                    baseOffset: 3, lastOffset: 7, logAppendTime: .none, logStartOffset: 0, isDuplicate: false))
        let headers = try log.everything()
        #expect(headers.map(\.baseOffset) == [0, 3])
        #expect(headers.map(\.partitionLeaderEpoch) == [4, 4])
        #expect(try log.leaderEpochs.entries == [.init(epoch: 4, startOffset: 0)])
    }

    @Test func `what a client must not send is refused and changes nothing`() throws {
        let log = try bench.create()
        try log.append(try batch())
        var wrongChecksum = try batch()
        wrongChecksum[wrongChecksum.count - 1] ^= 1
        let refusals: [([UInt8], ErrorCode)] = [
            (wrongChecksum, .corruptMessage),
            (Array(try batch().dropLast()), .invalidRecord),
            (try batch() + (try batch()), .invalidRecord),
            (try marker(.commit, producer: 7, epoch: 0), .invalidRecord),
            (try batch(count: 50, size: 50), .recordListTooLarge),
            ([], .invalidRecord),
        ]
        for (bytes, code) in refusals {
            let error = #expect(throws: AppendRefusal.self) { try log.append(bytes) }
            #expect(error?.code == code)
        }
        #expect(log.logEndOffset == 3)
        #expect(try log.everything().count == 1)
        var small = smallSegments()
        small.messageBytesMax = 100
        log.reconfigure(small)
        let error = #expect(throws: AppendRefusal.self) { try log.append(try batch()) }
        #expect(error?.code == .messageTooLarge)
        small.messageBytesMax = 10000
        small.cleanupPolicy = .compact
        log.reconfigure(small)
        var builder = RecordBatchBuilder()
        try builder.append(timestamp: noon.milliseconds, key: nil, value: [1])
        let keyless = try builder.finish()
        let keyError = #expect(throws: AppendRefusal.self) { try log.append(keyless) }
        #expect(keyError?.code == .invalidRecord && keyError?.recordIndex == 0)
    }

    @Test func `the time of the append replaces that of the producer`() throws {
        var configuration = smallSegments()
        configuration.timestampType = .logAppendTime
        let log = try bench.create(configuration)
        let result = try log.append(try batch(timestamp: Timestamp(milliseconds: 5)), now: noon.later(77))
        #expect(result.logAppendTime == noon.later(77))
        let header = try #require(try log.everything().first)
        #expect(header.timestampType == .logAppendTime)
        #expect(header.maxTimestamp == noon.later(77).milliseconds)
        #expect(try log.offset(forTimestamp: noon.later(77).milliseconds)?.offset == 0)
    }

    @Test func `the log rolls by size, by time and by index`() throws {
        var configuration = smallSegments()
        configuration.segmentMs = 1000
        let log = try bench.create(configuration)
        for index in 0..<12 { try log.append(try batch(count: 5, tag: UInt8(index))) }
        #expect(log.segmentBaseOffsets == [0, 30])
        try log.append(try batch(count: 1, timestamp: noon.later(990)))
        #expect(log.segmentBaseOffsets.count == 2)
        try log.append(try batch(count: 1, timestamp: noon.later(1001)))
        #expect(log.segmentBaseOffsets == [0, 30, 61])
        configuration.indexBytesMax = 36
        log.reconfigure(configuration)
        for _ in 0..<7 { try log.append(try batch(count: 5, timestamp: noon.later(1001))) }
        #expect(log.segmentBaseOffsets.count > 3)
        #expect(try log.everything().last?.nextOffset == log.logEndOffset)
        let names = try bench.names()
        #expect(names.contains("00000000000000000030.snapshot"))
        #expect(try bench.contents("00000000000000000000.index").count % 8 == 0)
        #expect(try bench.contents("00000000000000000000.timeindex").count % 12 == 0)
        #expect(!names.contains { $0.hasSuffix(".txnindex") })
    }

    @Test func `a follower far ahead starts a segment that can hold its offsets`() throws {
        let log = try bench.create()
        try log.append(try batch(count: 1, baseOffset: 5), .follower)
        let far = Int64(Int32.max) + 10
        try log.append(try batch(count: 1, baseOffset: far), .follower)
        #expect(log.segmentBaseOffsets == [0, far])
        #expect(log.logEndOffset == far + 1)
        #expect(try log.read(from: 7, maxBytes: 1000, minOneBatch: true, upTo: far + 1).firstOffset == far)
    }

    @Test func `a write that fails half way is taken back, and the log goes on`() throws {
        let faulty = FaultyDisk(after: .max, errno: .noSpace, tearsWrites: true)
        let log = try bench.create(disk: faulty.disk)
        try log.append(try batch(tag: 1))
        // Only the write fails, the truncation works.
        let path = bench.path + "/00000000000000000000.log"
        let size = try Disk.real.information(path).size
        let once = OneFailingWrite(path)
        let other = try bench.open(disk: once.disk)
        once.arm()
        let error = #expect(throws: AppendRefusal.self) { try other.append(try batch(tag: 2)) }
        #expect(error?.code == .kafkaStorageError)
        #expect(try Disk.real.information(path).size == size)
        #expect(try other.append(try batch(tag: 3)).baseOffset == 3)
        #expect(try other.everything().count == 2)
        #expect(try bench.open().everything().count == 2)
    }

    @Test func `a write that fails and cannot be taken back ends the log`() throws {
        let faulty = FaultyDisk(after: .max, errno: .io, tearsWrites: true)
        let log = try bench.create(disk: faulty.disk)
        try log.append(try batch())
        faulty.breakDown()
        #expect(throws: AppendRefusal.self) { try log.append(try batch()) }
        faulty.heal()
        let error = #expect(throws: AppendRefusal.self) { try log.append(try batch()) }
        guard case .storage(.offline) = error else { return #expect(Bool(false), "the log must be offline: \(error!)") }
        #expect(try bench.open().everything().count == 1)
    }

    @Test func `a flush that fails is never tried again`() throws {
        let log = try bench.create()
        try log.append(try batch())
        try log.flush(now: noon)
        #expect(log.recoveryPoint == 3)
        let failing = FailingFlush()
        let other = try bench.open(recoveryPoint: 3, disk: failing.disk)
        try other.append(try batch())
        let error = #expect(throws: StorageError.self) { try other.flush(now: noon) }
        #expect(error?.endsDirectory == true)
        #expect(other.recoveryPoint == 3)
        #expect(throws: StorageError.self) { try other.flush(now: noon) }
        #expect(failing.attempts == 1)
    }

    @Test func `an append that makes a flush due asks for it and does not wait`() throws {
        var configuration = smallSegments()
        configuration.flushMessages = 1
        let counted = CountedFlushes()
        let log = try bench.create(configuration, disk: counted.disk)
        let before = counted.count
        try log.append(try batch())
        #expect(counted.count == before)
        #expect(log.demandsFlush && log.flushDemand == 3 && log.recoveryPoint == 0 && log.committableEnd == 0)
        let pending = try #require(try log.beginFlush())
        try log.append(try batch())
        try pending.run()
        log.finishFlush(pending, now: noon)
        #expect(log.demandsFlush && log.recoveryPoint == 3 && log.committableEnd == 3)
        try log.flush(now: noon)
        #expect(!log.demandsFlush && log.committableEnd == 6)
    }

    @Test func `with flush.messages=4 every fourth record asks, counted from what was last asked for`() throws {
        var configuration = smallSegments()
        configuration.flushMessages = 4
        let log = try bench.create(configuration)
        try log.append(try batch(count: 3))
        #expect(!log.demandsFlush && log.committableEnd == 3)
        try log.append(try batch(count: 3))
        #expect(log.flushDemand == 6 && log.committableEnd == 0)
        try log.append(try batch(count: 3))
        #expect(log.flushDemand == 6)
        try log.append(try batch(count: 1))
        #expect(log.flushDemand == 10)
        try log.truncate(to: 6, now: noon)
        #expect(log.flushDemand == 6 && log.demandsFlush)
        try log.flush(now: noon)
        #expect(!log.demandsFlush && log.committableEnd == 6)
    }

    @Test func `a flush that began before a truncation vouches for nothing, one from before a roll does`() throws {
        var configuration = smallSegments()
        configuration.flushMessages = 1
        let log = try bench.create(configuration)
        try log.append(try batch())
        try log.append(try batch())
        let cut = try #require(try log.beginFlush())
        try log.truncate(to: 3, now: noon)
        try log.append(try batch())
        try cut.run()
        log.finishFlush(cut, now: noon)
        #expect(log.recoveryPoint == 0 && log.demandsFlush)
        let rolled = try #require(try log.beginFlush())
        try log.roll(now: noon)
        try log.append(try batch())
        try rolled.run()
        log.finishFlush(rolled, now: noon)
        #expect(log.recoveryPoint == 6 && log.demandsFlush)
        let last = try #require(try log.beginFlush())
        try last.run()
        log.finishFlush(last, now: noon)
        #expect(log.recoveryPoint == 9 && !log.demandsFlush)
    }

    @Test func `a flush does not mind that retention takes a segment away under it`() throws {
        let log = try bench.create()
        for _ in 0..<3 {
            try log.append(try batch())
            try log.roll(now: noon)
        }
        let pending = try #require(try log.beginFlush())
        try log.advanceLogStart(to: 6)
        _ = try log.deleteExpired(now: noon, highWatermark: 9)
        try log.deleteScheduled(now: noon.later(1_000_000))
        #expect(log.segmentBaseOffsets == [6, 9])
        try pending.run()
        log.finishFlush(pending, now: noon)
        #expect(log.recoveryPoint == 9)
    }

    @Test func `a flush without the lock vouches only for what it began with`() throws {
        let log = try bench.create()
        try log.append(try batch())
        let pending = try #require(try log.beginFlush())
        try log.append(try batch())
        try pending.run()
        log.finishFlush(pending, now: noon)
        #expect(log.recoveryPoint == 3)
        let second = try #require(try log.beginFlush())
        try log.truncate(to: 3, now: noon)
        log.finishFlush(second, now: noon)
        #expect(log.recoveryPoint == 3)
        #expect(try log.beginFlush() == nil)
        #expect(!log.hasUnflushedSegments)
        try log.append(try batch())
        try log.roll(now: noon)
        #expect(log.hasUnflushedSegments)
        let closed = try #require(try log.beginFlush(.closedSegments))
        try closed.run()
        log.finishFlush(closed, now: noon)
        #expect(!log.hasUnflushedSegments && log.recoveryPoint == 6)
    }

    @Test func `a log is flushed when its time has come`() throws {
        var configuration = smallSegments()
        configuration.flushMs = 500
        let log = try bench.create(configuration)
        #expect(!log.isFlushDue(now: noon.later(1000)))
        try log.append(try batch())
        #expect(!log.isFlushDue(now: noon.later(499)))
        #expect(log.isFlushDue(now: noon.later(500)))
        try log.flush(now: noon.later(500))
        try log.append(try batch())
        #expect(!log.isFlushDue(now: noon.later(999)))
    }
}
