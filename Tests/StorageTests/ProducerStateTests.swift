import KafkaModel
import KafkaRecords
import Posix
import Testing
import Timing

@testable import Storage

/// Transcripts of what producers send and what they are told.
@Suite struct ProducerStateTests {
    private let bench = Bench()

    /// Sends one batch and tells the answer as `base..last`, `again base..last` or the name of the error.
    private func send(
        _ log: PartitionLog, _ producer: Int64, _ epoch: Int16, _ sequence: Int32, count: Int = 2,
        transactional: Bool = false
    ) throws -> String {
        let bytes = try batch(
            count: count, producer: producer, epoch: epoch, sequence: sequence, transactional: transactional)
        do {
            let result = try log.append(bytes)
            return (result.isDuplicate ? "again " : "") + "\(result.baseOffset)..\(result.lastOffset)"
        } catch {
            return error.code.name
        }
    }

    private func end(
        _ log: PartitionLog, _ type: ControlRecordType, _ producer: Int64, _ epoch: Int16, coordinator: Int32 = 0
    ) throws -> String {
        let bytes = try marker(type, producer: producer, epoch: epoch, coordinatorEpoch: coordinator)
        do {
            let result = try log.append(bytes, .coordinator)
            return "\(result.baseOffset)..\(result.lastOffset)"
        } catch {
            return error.code.name
        }
    }

    @Test func `the last five batches may come again`() throws {
        let log = try bench.create()
        var transcript: [String] = []
        for sequence in stride(from: Int32(0), to: 12, by: 2) { transcript.append(try send(log, 7, 0, sequence)) }
        #expect(transcript == ["0..1", "2..3", "4..5", "6..7", "8..9", "10..11"])
        #expect(try send(log, 7, 0, 10) == "again 10..11")
        #expect(try send(log, 7, 0, 2) == "again 2..3")
        #expect(try send(log, 7, 0, 0) == "OUT_OF_ORDER_SEQUENCE_NUMBER")
        #expect(try send(log, 7, 0, 10, count: 3) == "OUT_OF_ORDER_SEQUENCE_NUMBER")
        #expect(try send(log, 7, 0, 12) == "12..13")
        #expect(log.logEndOffset == 14)
    }

    @Test func `a gap is refused and an old epoch too`() throws {
        let log = try bench.create()
        #expect(try send(log, 7, 3, 0) == "0..1")
        #expect(try send(log, 7, 3, 3) == "OUT_OF_ORDER_SEQUENCE_NUMBER")
        #expect(try send(log, 7, 2, 2) == "INVALID_PRODUCER_EPOCH")
        #expect(try send(log, 7, 4, 2) == "OUT_OF_ORDER_SEQUENCE_NUMBER")
        #expect(try send(log, 7, 4, 0) == "2..3")
        #expect(try send(log, 7, 3, 2) == "INVALID_PRODUCER_EPOCH")
        #expect(try send(log, 7, 4, 0) == "again 2..3")
    }

    @Test func `a producer of which nothing is known goes on where it was`() throws {
        let log = try bench.create()
        #expect(try send(log, 7, 0, 40) == "0..1")
        #expect(try send(log, 7, 0, 42) == "2..3")
        #expect(try send(log, 8, 5, 0) == "4..5")
    }

    @Test func `sequences go round behind the largest`() throws {
        let log = try bench.create()
        #expect(try send(log, 7, 0, .max - 2) == "0..1")
        #expect(try send(log, 7, 0, .max, count: 3) == "2..4")
        #expect(try send(log, 7, 0, .max, count: 3) == "again 2..4")
        #expect(try log.producers[7]?.lastSequence == 1)
        #expect(try send(log, 7, 0, 2) == "5..6")
        #expect(Sequence.subtracting(3, from: 1) == Int32.max - 1)
    }

    @Test func `an open transaction holds readers of committed records back`() throws {
        let log = try bench.create()
        #expect(try send(log, 7, 0, 0, transactional: true) == "0..1")
        #expect(try send(log, 8, 0, 0, transactional: true) == "2..3")
        #expect(try send(log, 9, 0, 0) == "4..5")
        #expect(try log.lastStableOffset(highWatermark: 6) == 0)
        #expect(try send(log, 7, 0, 2) == "INVALID_TXN_STATE")
        #expect(try end(log, .commit, 7, 0, coordinator: 4) == "6..6")
        #expect(try log.lastStableOffset(highWatermark: 6) == 0)
        #expect(try log.lastStableOffset(highWatermark: 7) == 2)
        #expect(try end(log, .abort, 7, 0, coordinator: 3) == "TRANSACTION_COORDINATOR_FENCED")
        #expect(try end(log, .abort, 8, 0, coordinator: 4) == "7..7")
        #expect(try log.lastStableOffset(highWatermark: 8) == 8)
        #expect(
            try log.abortedTransactions(from: 0, upTo: 8) == [
                AbortedTransaction(producerID: 8, firstOffset: 2, lastOffset: 7, lastStableOffset: 8)
            ])
        #expect(try end(log, .commit, 9, 0) == "\(log.logEndOffset - 1)..\(log.logEndOffset - 1)")
    }

    @Test func `a transaction that is open survives a restart, and so do the batches`() throws {
        let log = try bench.create()
        #expect(try send(log, 7, 0, 0, transactional: true) == "0..1")
        #expect(try send(log, 8, 1, 0) == "2..3")
        try log.close(now: noon)
        #expect(try bench.names().contains("00000000000000000004.snapshot"))
        let again = try bench.open(recoveryPoint: 4, wasClean: true)
        #expect(try again.lastStableOffset(highWatermark: 4) == 0)
        #expect(try send(again, 8, 1, 0) == "again 2..3")
        #expect(try end(again, .abort, 7, 0) == "4..4")
        #expect(try again.lastStableOffset(highWatermark: 5) == 5)
    }

    @Test(arguments: ["missing", "garbled", "cut", "empty"])
    func `a snapshot that is no good is made anew from the log`(damage: String) throws {
        let log = try bench.create()
        for sequence in stride(from: Int32(0), to: 40, by: 2) { _ = try send(log, 7, 0, sequence) }
        try log.close(now: noon)
        for name in try bench.names() where name.hasSuffix(".snapshot") {
            var bytes = try bench.contents(name)
            switch damage {
            case "missing":
                try Disk.real.remove(bench.path + "/" + name)
                continue
            case "garbled": bytes[bytes.count - 1] ^= 1
            case "cut": bytes.removeLast(5)
            default: bytes = []
            }
            try bench.write(name, bytes)
        }
        let again = try bench.open(recoveryPoint: 40, wasClean: true)
        #expect(try send(again, 7, 0, 38) == "again 38..39")
        #expect(try send(again, 7, 0, 30) == "again 30..31")
        #expect(try send(again, 7, 0, 50) == "OUT_OF_ORDER_SEQUENCE_NUMBER")
        #expect(try send(again, 7, 0, 40) == "40..41")
    }

    @Test func `a producer that was silent for a day is forgotten, unless it has a transaction open`() throws {
        let log = try bench.create()
        _ = try send(log, 7, 0, 0)
        _ = try send(log, 8, 0, 0, transactional: true)
        log.removeExpiredProducers(now: noon.later(86_399_000))
        #expect(try log.producers.count == 2)
        log.removeExpiredProducers(now: noon.later(86_401_000))
        #expect(try log.producers.all.map(\.producerID) == [8])
        #expect(try send(log, 7, 0, 90) == "4..5")
    }

    @Test func `after all records were deleted a producer goes on without a duplicate`() throws {
        let log = try bench.create()
        _ = try send(log, 7, 0, 0)
        try log.advanceLogStart(to: 2)
        #expect(try send(log, 7, 0, 0) == "again 0..1")
        #expect(try send(log, 7, 0, 2) == "2..3")
        try log.close(now: noon)
        let again = try bench.open(recoveryPoint: 4, start: 4, wasClean: true)
        #expect(try send(again, 7, 0, 2) == "again 2..3")
        #expect(try send(again, 7, 0, 4) == "4..5")
    }

    @Test func `a follower takes what its leader took, whatever the sequence`() throws {
        let log = try bench.create()
        let first = try batch(count: 2, producer: 7, epoch: 3, sequence: 8, baseOffset: 0, leaderEpoch: 5)
        let second = try batch(count: 2, producer: 7, epoch: 3, sequence: 20, baseOffset: 2, leaderEpoch: 6)
        let part = try batch(count: 2, baseOffset: 4, leaderEpoch: 6).prefix(30)
        let result = try log.append(first + second + part, .follower, leaderEpoch: 99)
        #expect(result.baseOffset == 0 && result.lastOffset == 3)
        #expect(try log.producers[7]?.lastSequence == 21)
        #expect(
            try log.leaderEpochs.entries == [.init(epoch: 5, startOffset: 0), .init(epoch: 6, startOffset: 2)])
        #expect(throws: AppendRefusal.self) { try log.append(second, .follower) }
        #expect(log.logEndOffset == 4)
    }
}
