import Bytes
import Compression
import KafkaModel
import KafkaRecords
import Posix
import Synchronization
import TestSupport
import Testing
import Timing

@testable import Storage

@Suite struct CompactionTests {
    let bench = Bench()

    private func log(_ change: (inout LogConfiguration) -> Void = { _ in }) throws -> PartitionLog {
        var configuration = compacted()
        change(&configuration)
        return try bench.create(configuration)
    }

    /// Batches of one record each, so that what is left is easy to say; then a roll.
    private func write(_ log: PartitionLog, _ records: [(String?, String?)], now: Timestamp = noon) throws {
        for (key, value) in records {
            try log.append(try batch(of: [KeyValue(key, value)]), .coordinator, now: now)
        }
        try log.roll(now: now)
    }

    private func offsets(_ log: PartitionLog) throws -> [Int64] { try log.survivors().flatMap(\.records).map(\.offset) }

    @Test func `the last value of each key stays, at its offset`() throws {
        let log = try log()
        try write(log, [("a", "1"), ("b", "2"), ("a", "3"), ("c", "4"), ("b", "5")])
        let result = try #require(try log.compact())
        #expect(result.endOffset == 5 && result.keys == 3)
        #expect(result.recordsRead == 5 && result.recordsKept == 3)
        #expect(try offsets(log) == [2, 3, 4])
        #expect(try table(log.committed()) == ["a": "3", "b": "5", "c": "4"])
        try log.checkOrder()
        #expect(log.logEndOffset == 5 && log.logStartOffset == 0)
        #expect(try log.append(try batch(of: [KeyValue("d", "6")])).baseOffset == 5)
    }

    @Test func `the active segment is never touched`() throws {
        let log = try log()
        try write(log, [("a", "1")])
        try log.append(try batch(of: [KeyValue("a", "2"), KeyValue("a", "3")]))
        try log.compact()
        #expect(try offsets(log) == [0, 1, 2])
        #expect(try log.compact(from: 1) == nil)
    }

    @Test func `a batch without a loss is copied byte for byte`() throws {
        for codec in CompressionType.allCases {
            let bench = Bench()
            let log = try bench.create(compacted())
            let bytes = try batch(of: [KeyValue("a", "1"), KeyValue("b", "2")], codec: codec)
            try log.append(bytes)
            try log.append(try batch(of: [KeyValue("c", "1")]))
            try log.append(try batch(of: [KeyValue("c", "2")]))
            try log.roll(now: noon)
            let before = try Disk.real.contents(of: log.segments[0].path("log"))
            try log.compact()
            let after = try Disk.real.contents(of: log.segments[0].path("log"))
            #expect(Array(after.prefix(bytes.count)) == Array(before.prefix(bytes.count)))
            #expect(after.count < before.count)
        }
    }

    @Test(arguments: CompressionType.allCases)
    func `a batch with a loss keeps its codec, its offsets, its headers and timestamps`(codec: CompressionType) throws {
        let log = try log()
        let records = (0..<20).map { KeyValue("k\($0 % 7)", String(repeating: "v", count: 20)) }
        try log.append(try batch(of: records, codec: codec, producer: 5, epoch: 2, sequence: 40), .coordinator)
        try log.roll(now: noon)
        try log.compact()
        let (header, left) = try log.survivors()[0]
        #expect(header.baseOffset == 0 && header.lastOffset == 19 && header.recordCount == 7)
        #expect(header.compression == codec && header.producerID == 5 && header.producerEpoch == 2)
        #expect(header.baseSequence == 40 && header.lastSequence == 59 && header.partitionLeaderEpoch == 0)
        #expect(left.map(\.offset) == Array(13..<20))
        #expect(left.map(\.timestamp) == (13..<20).map { noon.milliseconds + $0 })
        #expect(header.maxTimestamp == noon.milliseconds + 19)
        try log.checkOrder()
    }

    @Test func `a batch that was stamped on append keeps its stamp`() throws {
        let log = try log { $0.timestampType = .logAppendTime }
        try log.append(try batch(of: [KeyValue("a", "1"), KeyValue("a", "2")]), now: noon.later(77))
        try log.roll(now: noon)
        try log.compact()
        let (header, left) = try log.survivors()[0]
        #expect(header.timestampType == .logAppendTime && header.maxTimestamp == noon.milliseconds + 77)
        #expect(left.map(\.timestamp) == [noon.milliseconds + 77])
    }

    @Test func `small segments become one, and their files wait for their removal`() throws {
        let log = try log()
        for round in 0..<4 { try write(log, [("a", "\(round)"), ("b\(round)", "x")]) }
        #expect(log.segmentBaseOffsets == [0, 2, 4, 6, 8])
        let region = try #require(try log.read(from: 2, maxBytes: 1000, minOneBatch: true, upTo: 8).region)
        let bytes = try region.file.read(count: region.count, at: region.offset)
        let result = try #require(try log.compact())
        #expect(result.segmentsBefore == 4 && result.segmentsAfter == 1)
        #expect(log.segmentBaseOffsets == [0, 8])
        #expect(try bench.names().contains("00000000000000000002.log.deleted"))
        // A reader that was about to send still can.
        #expect(try region.file.read(count: region.count, at: region.offset) == bytes)
        try log.deleteScheduled(now: noon.later(60_000))
        #expect(try !bench.names().contains { $0.hasSuffix(".deleted") })
        #expect(try region.file.read(count: region.count, at: region.offset) == bytes)
        #expect(try offsets(log) == [1, 3, 5, 6, 7])
        try log.checkOrder()
    }

    @Test func `a segment that would not change is left alone`() throws {
        let log = try log()
        try write(log, (0..<8).map { ("k\($0)", String(repeating: "x", count: 200)) })
        let before = try Disk.real.information(log.segments[0].path("log"))
        let result = try #require(try log.compact())
        #expect(result.bytesWritten == 0 && result.bytesBefore == result.bytesAfter)
        #expect(try Disk.real.information(log.segments[0].path("log")) == before)
        #expect(try !bench.names().contains { $0.hasSuffix(".deleted") })
    }

    @Test func `a tombstone stays for delete.retention.ms from the cleaning that first saw it`() throws {
        let log = try log()
        try write(log, [("a", "1"), ("b", "2"), ("a", nil)])
        try log.compact(now: noon)
        #expect(try offsets(log) == [1, 2])
        let tombstone = try log.survivors()[1]
        #expect(tombstone.header.deleteHorizon == noon.milliseconds + 1000)
        #expect(tombstone.records[0].timestamp == noon.milliseconds)
        // Something new must be there for another cleaning.
        try write(log, [("c", "1")])
        try log.compact(from: 3, now: noon.later(999))
        #expect(try offsets(log) == [1, 2, 3])
        #expect(try log.survivors()[1].header.deleteHorizon == noon.milliseconds + 1000)
        try write(log, [("c", "2")])
        try log.compact(from: 4, now: noon.later(1000))
        #expect(try offsets(log) == [1, 4])
        #expect(try table(log.committed()) == ["b": "2", "c": "2"])
    }

    @Test func `a tombstone that a value replaced goes with the rest`() throws {
        let log = try log()
        try write(log, [("a", "1"), ("a", nil), ("a", "2")])
        try log.compact()
        #expect(try offsets(log) == [2])
    }

    @Test func `records without a key go, and are counted`() throws {
        let log = try log()
        try write(log, [("a", "1"), (nil, "2"), ("b", "3"), (nil, nil)])
        let result = try #require(try log.compact())
        #expect(result.keylessRecords == 2)
        #expect(try offsets(log) == [0, 2])
    }

    @Test func `an empty key is a key`() throws {
        let log = try log()
        try write(log, [("", "1"), ("", "2")])
        try log.compact()
        #expect(try offsets(log) == [1])
    }

    @Test func `what lies below the start of the log goes`() throws {
        let log = try log()
        try write(log, [("a", "1"), ("b", "2"), ("c", "3")])
        try log.advanceLogStart(to: 2)
        try write(log, [("d", "1")])
        try log.compact(from: 2)
        #expect(try offsets(log) == [2, 3])
        #expect(log.logStartOffset == 2)
    }

    @Test func `a map that is too small leaves the rest to the next cleaning`() throws {
        let log = try log()
        try write(log, (0..<30).map { ("k\($0 % 15)", "\($0)") })
        let small = CompactionLimits(mapBytes: 24 * 10, mapLoadFactor: 0.5, bufferBytes: 1000)
        var checkpoint: Int64 = 0
        var rounds = 0
        while checkpoint < 30 {
            let result = try #require(try log.compact(from: checkpoint, limits: small))
            #expect(result.endOffset > checkpoint)
            checkpoint = result.endOffset
            rounds += 1
        }
        #expect(rounds > 3)
        #expect(try offsets(log) == Array(15..<30))
    }

    @Test func `a batch with more keys than the map holds is learnt in parts`() throws {
        let log = try log()
        try log.append(try batch(of: (0..<20).map { KeyValue("k\($0)", "1") }))
        try write(log, (0..<20).map { ("k\($0)", "2") })
        let small = CompactionLimits(mapBytes: 24 * 10, mapLoadFactor: 0.5, bufferBytes: 1000)
        var checkpoint: Int64 = 0
        while checkpoint < 40 {
            checkpoint = try #require(try log.compact(from: checkpoint, limits: small)).endOffset
        }
        #expect(try offsets(log) == Array(20..<40))
    }

    @Test func `offsets far apart stay in segments of their own`() throws {
        let log = try log()
        let far = Int64(Int32.max)
        for base in [0, 10, far, far + 1, 2 * far + 9] {
            try log.append(try batch(of: [KeyValue("k\(base)", "1")], baseOffset: base), .follower)
        }
        try log.roll(now: noon)
        #expect(log.segmentBaseOffsets == [0, far + 1, 2 * far + 9, 2 * far + 10])
        try log.compact()
        #expect(log.segmentBaseOffsets == [0, far + 1, 2 * far + 9, 2 * far + 10])
        #expect(try offsets(log) == [0, 10, far, far + 1, 2 * far + 9])
        try log.checkOrder()
    }

    @Test func `messages of magic 0 and 1 become batches of magic 2`() throws {
        let log = try log()
        for (offset, record) in [("a", "1"), ("b", "2"), ("a", "3"), ("b", nil), ("c", "4")].enumerated() {
            let message = oldMessage(
                KeyValue(record.0, record.1), magic: offset < 3 ? 0 : 1, offset: Int64(offset))
            try log.append(message, .follower)
        }
        try log.roll(now: noon)
        try log.compact()
        let left = try log.survivors()
        #expect(left.map(\.header.magic) == [2, 2, 2])
        #expect(left.flatMap(\.records).map(\.offset) == [2, 3, 4])
        #expect(left.map { $0.records[0].timestamp } == [-1, 5000, 5000])
        #expect(try table(log.committed()) == ["a": "3", "c": "4"])
        #expect(left[1].header.deleteHorizon == noon.milliseconds + 1000)
        try log.checkOrder()
    }

    @Test func `an old wrapper of packed messages is unpacked and packed again`() throws {
        let log = try log()
        var inner = ByteWriter()
        for index in 0..<4 {
            inner.append(oldMessage(KeyValue("k\(index % 3)", "\(index)"), magic: 1, offset: Int64(index)))
        }
        var packed = ByteWriter()
        try Compression.compress(inner.bytes, .gzip, into: &packed)
        var body = ByteWriter()
        body.int8(1)
        body.int8(1)
        body.int64(5000)
        body.int32(-1)
        body.int32(Int32(packed.count))
        body.append(packed.bytes)
        var wrapper = ByteWriter()
        wrapper.int64(13)
        wrapper.int32(Int32(body.count + 4))
        wrapper.uint32(CRC32.checksum(body.bytes))
        wrapper.append(body.bytes)
        try log.append(Array(wrapper.bytes), .follower)
        try log.roll(now: noon)
        try log.compact()
        let (header, records) = try log.survivors()[0]
        #expect(header.magic == 2 && header.compression == .gzip && header.baseOffset == 11)
        #expect(records.map(\.offset) == [11, 12, 13])
        #expect(records.map(\.record.value) == ["1", "2", "3"])
    }

    // Transactions.

    private func transaction(
        _ log: PartitionLog, _ records: [KeyValue], _ end: ControlRecordType?, producer: Int64 = 7, sequence: Int32 = 0
    ) throws {
        if !records.isEmpty {
            try log.append(
                try batch(of: records, producer: producer, epoch: 0, sequence: sequence, transactional: true),
                .coordinator)
        }
        if let end { try log.append(try marker(end, producer: producer, epoch: 0), .coordinator) }
    }

    @Test func `records of an aborted transaction go, and its marker after the horizon`() throws {
        let log = try log()
        try transaction(log, [KeyValue("a", "1")], .commit)
        try transaction(log, [KeyValue("a", "2"), KeyValue("b", "2")], .abort, sequence: 1)
        try transaction(log, [KeyValue("c", "1")], .commit, sequence: 3)
        try log.roll(now: noon)
        #expect(try log.committed().map(\.offset) == [0, 5])
        // The batches are seen once more by this cleaning, so the index keeps its entry.
        try log.compact(now: noon)
        #expect(try log.committed().map(\.offset) == [0, 5])
        #expect(try offsets(log) == [0, 5])
        func markers() throws -> [Int64] { try log.survivors().map(\.header).filter(\.isControl).map(\.baseOffset) }
        #expect(try markers() == [1, 4, 6])
        #expect(try log.abortedTransactions(from: 0, upTo: 7).count == 1)

        try write(log, [("d", "1")])
        try log.compact(from: 7, now: noon.later(10))
        #expect(try markers() == [1, 4, 6])
        #expect(try log.abortedTransactions(from: 0, upTo: 8).isEmpty)
        try write(log, [("d", "2")])
        try log.compact(from: 8, now: noon.later(1009))
        #expect(try markers() == [1, 4, 6])
        try write(log, [("d", "3")])
        try log.compact(from: 9, now: noon.later(1010))
        #expect(try markers() == [1, 6])
        #expect(try table(log.committed()) == ["a": "1", "c": "1", "d": "3"])
    }

    @Test func `a transaction that is open holds the cleaning back`() throws {
        let log = try log()
        try write(log, [("a", "1"), ("a", "2")])
        try transaction(log, [KeyValue("a", "3")], nil)
        try log.roll(now: noon)
        try write(log, [("a", "4")])
        #expect(try log.compact()?.endOffset == 2)
        #expect(try offsets(log) == [1, 2, 3])
        try transaction(log, [], .abort)
        try log.roll(now: noon)
        try log.compact()
        #expect(try table(log.committed()) == ["a": "4"])
    }

    @Test func `nothing at or above the high watermark is cleaned`() throws {
        let log = try log()
        try write(log, [("a", "1"), ("a", "2")])
        try write(log, [("a", "3"), ("a", "4")])
        #expect(try log.compact(highWatermark: 3)?.endOffset == 2)
        #expect(try offsets(log) == [1, 2, 3])
    }

    @Test func `the batch in front of the high watermark stays, if only as a header`() throws {
        let log = try log()
        try write(log, [("a", "1"), (nil, "2")])
        try log.compact()
        #expect(try offsets(log) == [0])
        #expect(try log.survivors().last?.header.lastOffset == 1)
        #expect(try log.survivors().last?.header.recordCount == 0)
        try log.compact()
        #expect(try log.survivors().last?.header.lastOffset == 1)
    }

    @Test func `the last sequence of each producer survives`() throws {
        let log = try log()
        for index in 0..<3 {
            let bytes = try batch(of: [KeyValue("a", "\(index)")], producer: 3, epoch: 1, sequence: Int32(index))
            try log.append(bytes, .coordinator)
        }
        try write(log, [("a", "9"), ("b", "1")])
        try log.compact()
        #expect(try offsets(log) == [3, 4])
        let kept = try log.survivors().map(\.header).filter { $0.producerID == 3 }
        #expect(kept.map(\.baseOffset) == [2] && kept[0].recordCount == 0 && kept[0].lastSequence == 2)
        // No snapshot helps: the table is made from what is left.
        for snapshot in try bench.names() where snapshot.hasSuffix(".snapshot") {
            try Disk.real.remove(bench.path + "/" + snapshot)
        }
        let again = try bench.open(compacted(), recoveryPoint: 0)
        #expect(try again.producers[3]?.lastSequence == 2)
        #expect(try again.producers[3]?.epoch == 1)
        let repeated = try batch(of: [KeyValue("a", "2")], producer: 3, epoch: 1, sequence: 2)
        #expect(try again.append(repeated).isDuplicate)
    }

    // Ends.

    @Test func `a cleaning that is ended leaves the log and no file`() throws {
        let log = try log()
        for round in 0..<5 { try write(log, (0..<20).map { ("k\($0 % 5)", "\(round)") }) }
        let before = try offsets(log)
        for stop in 0..<6 {
            let calls = Atomic(0)
            let outcome = Result {
                try log.compact(pace: { (_) throws(CleaningEnd) in
                    if calls.add(1, ordering: .relaxed).oldValue == stop { throw .aborted }
                })
            }
            #expect(throws: CleaningEnd.self) { try outcome.get() }
            #expect(try offsets(log) == before)
            try log.checkOrder()
        }
        try log.compact()
        #expect(try offsets(log) == Array(95..<100))
    }

    @Test func `a log that is cut meanwhile keeps what the cut left`() throws {
        let log = try log()
        for round in 0..<3 { try write(log, (0..<4).map { ("k\($0)", "\(round)") }) }
        let calls = Atomic(0)
        #expect(throws: CleaningEnd.self) {
            try log.compact(pace: { (bytes) throws(CleaningEnd) in
                // The last question before the swap.
                guard bytes == 0, calls.add(1, ordering: .relaxed).oldValue == 0 else { return }
                do { try log.truncate(to: 5, now: noon) } catch {
                    throw .failed(.offline(path: "", reason: "\(error)"))
                }
            })
        }
        #expect(log.logEndOffset == 5)
        #expect(try offsets(log) == [0, 1, 2, 3, 4])
        try log.checkOrder()
    }

    @Test func `a log that is deleted meanwhile takes its files along`() throws {
        let log = try log()
        try write(log, (0..<20).map { ("k\($0 % 4)", "1") })
        let target = bench.directory.file("gone")
        let calls = Atomic(0)
        #expect(throws: CleaningEnd.self) {
            try log.compact(pace: { (_) throws(CleaningEnd) in
                guard calls.add(1, ordering: .relaxed).oldValue == 2 else { return }
                log.retire()
                do throws(SystemError) {
                    try Disk.real.rename(bench.path, to: target)
                } catch {
                    throw .failed(.io(error))
                }
            })
        }
        #expect(!Disk.real.exists(bench.path))
    }

    @Test func `a full disk is no failure of the directory`() throws {
        let path = bench.path + "/00000000000000000000.log.cleaned"
        let full = OneFailingWrite(path)
        let log = try bench.create(compacted(), disk: full.disk)
        try write(log, (0..<20).map { ("k\($0 % 4)", "1") })
        full.arm()
        let outcome = Result { try log.compact() }
        guard case .failure(let error) = outcome, case .noRoom = error as? CleaningEnd else {
            Issue.record("\(outcome)")
            return
        }
        #expect(try offsets(log) == Array(0..<20))
        try log.checkOrder()
        try log.compact()
        #expect(try offsets(log) == Array(16..<20))
    }

    @Test func `a damaged batch ends the cleaning and is not signed anew`() throws {
        let log = try log()
        try write(log, [("a", "1"), ("a", "2"), ("b", "3")])
        let path = log.segments[0].path("log")
        var bytes = try Disk.real.contents(of: path)
        bytes[bytes.count - 3] ^= 1
        try bench.write("00000000000000000000.log", bytes)
        let outcome = Result { try log.compact() }
        guard case .failure(let error) = outcome, case .failed(.corrupt) = error as? CleaningEnd else {
            Issue.record("\(outcome)")
            return
        }
        #expect(try Disk.real.contents(of: path) == bytes)
    }

    @Test func `a flush that began before a swap does not stumble over it`() throws {
        let log = try log()
        try write(log, [("a", "1"), ("b", "1")])
        try write(log, [("a", "2"), ("b", "2")])
        let early = try #require(try log.beginFlush(.everything))
        try log.compact()
        try early.run()
        log.finishFlush(early, now: noon)
        #expect(try offsets(log) == [2, 3])
        try log.checkOrder()
    }

    @Test func `compacted segments are found again by time`() throws {
        let log = try log()
        for index in 0..<60 {
            let bytes = try batch(
                of: [KeyValue("k\(index % 20)", "x"), KeyValue("j\(index % 20)", "y")],
                timestamp: noon.later(Int64(index) * 100))
            try log.append(bytes)
        }
        try log.roll(now: noon)
        try log.compact(limits: CompactionLimits(mapBytes: 1 << 16, bufferBytes: 300))
        #expect(try log.offset(forTimestamp: 0)?.offset == 80)
        #expect(try log.offset(forTimestamp: noon.milliseconds + 5500)?.offset == 110)
        #expect(try log.maxTimestampOffset()?.offset == 119)
        try log.close(now: noon)
        let again = try bench.open(compacted(), recoveryPoint: 120, wasClean: true)
        #expect(try again.offset(forTimestamp: noon.milliseconds + 5500)?.offset == 110)
        #expect(try again.maxTimestampOffset()?.offset == 119)
    }

    @Test func `a cut between the records that are left keeps the end through a restart`() throws {
        let log = try log()
        try write(log, [("a", "1"), ("b", "1"), ("a", "2"), ("a", "3"), ("b", "2")])
        try log.compact()
        #expect(try offsets(log) == [3, 4])
        try log.truncate(to: 2, now: noon)
        #expect(log.logEndOffset == 2)
        try log.flush(now: noon)
        let point = log.recoveryPoint
        try log.close(now: noon)
        for wasClean in [true, false] {
            let again = try bench.open(compacted(), recoveryPoint: point, wasClean: wasClean)
            try again.load()
            #expect(again.logEndOffset == 2)
        }
    }
}
