import Bytes
import KafkaModel
import KafkaRecords
import Posix
import TestSupport
import Testing
import Timing

@testable import Storage

/// What is found after a crash.
@Suite struct RecoveryTests {
    private let bench = Bench()

    private func fill(_ log: PartitionLog, _ count: Int) throws {
        for index in 0..<count {
            try log.append(
                try batch(count: 3, timestamp: noon.later(Int64(index) * 10), tag: UInt8(truncatingIfNeeded: index)),
                leaderEpoch: Int32(index / 10))
        }
    }

    @Test func `a tail cut at every byte of the last two batches loses just what is cut`() throws {
        let log = try bench.create()
        try fill(log, 6)
        let file = "00000000000000000000.log"
        let whole = try bench.contents(file)
        let headers = try log.everything()
        let sizes = headers.map(\.sizeInBytes)
        let lastStart = sizes.dropLast().reduce(0, +)
        let firstStart = lastStart - sizes[4]
        for length in firstStart...whole.count {
            try bench.write(file, Array(whole[..<length]))
            let again = try bench.open(recoveryPoint: 12)
            let kept = length == whole.count ? 6 : length >= lastStart ? 5 : 4
            #expect(again.logEndOffset == Int64(kept * 3))
            #expect(try again.size == Int64(sizes[..<kept].reduce(0, +)))
            if length % 37 == 0 {
                #expect(try again.append(try batch(count: 1)).baseOffset == Int64(kept * 3))
                #expect(try again.everything().count == kept + 1)
            }
        }
    }

    @Test func `a bit that flipped in the unflushed tail cuts the log there`() throws {
        let log = try bench.create()
        try fill(log, 6)
        let file = "00000000000000000000.log"
        let whole = try bench.contents(file)
        let lastStart = try log.everything().dropLast().reduce(0) { $0 + $1.sizeInBytes }
        for position in stride(from: lastStart, to: whole.count, by: 5) {
            var flipped = whole
            flipped[position] ^= 0x10
            try bench.write(file, flipped)
            let end = try bench.open(recoveryPoint: 15).logEndOffset
            // No checksum covers the base offset, where any larger one will do, and the leader epoch.
            let isUncovered = (0..<8).contains(position - lastStart) || (12..<16).contains(position - lastStart)
            #expect(end == 15 || (isUncovered && end > 15), "byte \(position - lastStart)")
        }
    }

    @Test func `damage below the recovery point is told, not cut off`() throws {
        let log = try bench.create()
        try fill(log, 6)
        try log.flush(now: noon)
        let file = "00000000000000000000.log"
        var bytes = try bench.contents(file)
        bytes[bytes.count / 2] ^= 1
        try log.append(try batch())
        bytes += try bench.contents(file)[bytes.count...]
        try bench.write(file, bytes)
        #expect(throws: StorageError.self) { try bench.open(recoveryPoint: 18) }
        #expect(try bench.contents(file).count == bytes.count)
        // A log that ends too early is damage too.
        try bench.write(file, Array(bytes.prefix(bytes.count / 2)))
        let error = #expect(throws: StorageError.self) { try bench.open(recoveryPoint: 18) }
        #expect("\(error!)".contains("recovery point"))
    }

    @Test func `damage in a middle segment takes the later ones away`() throws {
        let log = try bench.create()
        try fill(log, 30)
        let bases = log.segmentBaseOffsets
        #expect(bases.count >= 3)
        let file = LogFileName.make(bases[1], LogFileName.log)
        var bytes = try bench.contents(file)
        bytes[bytes.count - 3] ^= 1
        try bench.write(file, bytes)
        let again = try bench.open(recoveryPoint: 2)
        #expect(again.segmentBaseOffsets == Array(bases[...1]))
        #expect(again.logEndOffset == bases[2] - 3)
        #expect(try bench.names().contains(LogFileName.make(bases[2], LogFileName.log) + ".deleted"))
        #expect(try again.deleteScheduled(now: noon.later(59_999)) == 0)
        #expect(try again.deleteScheduled(now: noon.later(60_000)) > 0)
        #expect(try !bench.names().contains { $0.hasSuffix(".deleted") })
    }

    @Test(arguments: ["missing", "zeroed", "garbled", "preallocated", "cut"], [true, false])
    func `indexes that lie are made anew`(damage: String, wasClean: Bool) throws {
        let log = try bench.create()
        try fill(log, 40)
        let bases = log.segmentBaseOffsets
        let times = try (0..<40).map { try log.offset(forTimestamp: noon.later(Int64($0) * 10).milliseconds)?.offset }
        let newest = try log.maxTimestampOffset()
        try log.close(now: noon)
        for name in try bench.names() where name.hasSuffix("index") {
            var bytes = try bench.contents(name)
            switch damage {
            case "missing":
                try Disk.real.remove(bench.path + "/" + name)
                continue
            case "zeroed": bytes = [UInt8](repeating: 0, count: bytes.count)
            case "garbled": for slot in bytes.indices { bytes[slot] = UInt8(truncatingIfNeeded: slot &* 37 &+ 11) }
            case "preallocated": bytes += [UInt8](repeating: 0, count: 9600)
            default: bytes.removeLast(min(5, bytes.count))
            }
            try bench.write(name, bytes)
        }
        let again = try bench.open(recoveryPoint: 120, wasClean: wasClean)
        #expect(again.logEndOffset == 120)
        #expect(again.segmentBaseOffsets == bases)
        for offset in Int64(0)..<120 {
            let read = try again.read(from: offset, maxBytes: 1, minOneBatch: true, upTo: 120)
            #expect(read.firstOffset == offset / 3 * 3)
        }
        #expect(
            try (0..<40).map { try again.offset(forTimestamp: noon.later(Int64($0) * 10).milliseconds)?.offset }
                == times)
        #expect(try again.maxTimestampOffset() == newest)
        try again.append(try batch(timestamp: noon.later(1000)))
        #expect(try again.everything().count == 41)
    }

    @Test func `an intact log is not read again`() throws {
        let log = try bench.create()
        try fill(log, 4)
        try log.close(now: noon)
        // A checksum nobody looks at: everything is below the recovery point.
        var bytes = try bench.contents("00000000000000000000.log")
        bytes[100] ^= 1
        try bench.write("00000000000000000000.log", bytes)
        #expect(try bench.open(recoveryPoint: 12).logEndOffset == 12)
    }

    @Test func `leader epochs are found in the log`() throws {
        let log = try bench.create()
        try fill(log, 25)
        #expect(try !bench.names().contains(LeaderEpochCache.fileName))
        let again = try bench.open(recoveryPoint: 0)
        #expect(
            try again.leaderEpochs.entries == [
                .init(epoch: 0, startOffset: 0), .init(epoch: 1, startOffset: 30), .init(epoch: 2, startOffset: 60),
            ])
        try again.flush(now: noon)
        #expect(try bench.names().contains(LeaderEpochCache.fileName))
        #expect(try bench.open(recoveryPoint: 75).leaderEpochs == again.leaderEpochs)
    }

    @Test func `an aborted transaction is indexed again`() throws {
        let log = try bench.create()
        try log.append(try batch(producer: 7, epoch: 0, sequence: 0, transactional: true))
        try log.append(try marker(.abort, producer: 7, epoch: 0), .coordinator)
        let aborted = try log.abortedTransactions(from: 0, upTo: 4)
        #expect(aborted.count == 1)
        try bench.write("00000000000000000000.txnindex", [])
        #expect(try bench.open().abortedTransactions(from: 0, upTo: 4) == aborted)
        #expect(try bench.open().abortedTransactions(from: 0, upTo: 4) == aborted)
    }

    @Test func `a swap that was interrupted is finished, one that was not complete is given up`() throws {
        let log = try bench.create()
        try fill(log, 20)
        let bases = log.segmentBaseOffsets
        try log.close(now: noon)
        let first = LogFileName.make(0, LogFileName.log)
        let compacted = Array(try bench.contents(first))
        for kind in ["log", "index", "timeindex"] {
            let name = LogFileName.make(0, kind)
            try bench.write(name + ".swap", try bench.contents(name))
        }
        try bench.write(LogFileName.make(bases[1], "log") + ".cleaned", [1, 2, 3])
        try Disk.real.remove(bench.path + "/" + first)
        let again = try bench.open(recoveryPoint: 60, wasClean: true)
        #expect(again.segmentBaseOffsets == bases)
        #expect(try bench.contents(first) == compacted)
        #expect(try again.everything().count == 20)
        #expect(try !bench.names().contains { $0.hasSuffix(".swap") || $0.hasSuffix(".cleaned") })
    }

    @Test func `an empty directory is an empty log, and an empty partition metadata file none`() throws {
        try Disk.real.makeDirectory(bench.path)
        try bench.write(PartitionMetadata.fileName, [])
        try bench.write("notes.txt", [1])
        let log = try bench.open()
        #expect(log.topicID == nil)
        #expect(log.logEndOffset == 0)
        try log.assign(topicID: UUID(high: 3, low: 4))
        try log.append(try batch())
        #expect(try bench.open().topicID == UUID(high: 3, low: 4))
        #expect(try bench.names().contains("notes.txt"))
    }

    @Test func `records that were deleted stay deleted after a crash took the log's end`() throws {
        let log = try bench.create()
        try fill(log, 4)
        try bench.write("00000000000000000000.log", [])
        let again = try bench.open(recoveryPoint: 0, start: 12)
        #expect(again.logStartOffset == 12 && again.logEndOffset == 12)
        #expect(try again.append(try batch()).baseOffset == 12)
    }
}
