/// What a log remembers of one batch of a producer, to know it again.
public struct ProducerBatch: Hashable, Sendable {
    public let lastSequence: Int32
    public let lastOffset: Int64
    public let offsetDelta: Int32
    public let timestamp: Int64

    static let none = ProducerBatch(lastSequence: -1, lastOffset: -1, offsetDelta: 0, timestamp: -1)

    public var firstOffset: Int64 { lastOffset - Int64(offsetDelta) }
    public var firstSequence: Int32 { Sequence.subtracting(offsetDelta, from: lastSequence) }
}

/// Sequence numbers run from 0 to `Int32.max` and then from 0 again.
enum Sequence {
    static func adding(_ count: Int32, to sequence: Int32) -> Int32 {
        sequence > Int32.max - count ? count - (Int32.max - sequence) - 1 : sequence + count
    }

    static func subtracting(_ count: Int32, from sequence: Int32) -> Int32 {
        sequence < count ? Int32.max - (count - sequence) + 1 : sequence - count
    }

    static func isNext(_ next: Int32, after last: Int32) -> Bool {
        last == .max ? next == 0 : next == last + 1
    }
}

/// What a log remembers of one producer: its epoch, its last batches, and the transaction it has open.
public struct ProducerState: Sendable, Equatable {
    /// So many requests a producer may have under way without an answer, so so many may come again.
    public static let batchesMax = 5

    public let producerID: Int64
    public internal(set) var epoch: Int16 = -1
    public internal(set) var coordinatorEpoch: Int32 = -1
    public internal(set) var lastTimestamp: Int64 = -1
    /// `-1` when no transaction is open.
    public internal(set) var transactionFirstOffset: Int64 = -1
    private var recent = InlineArray<5, ProducerBatch>(repeating: .none)
    public private(set) var batchCount = 0

    init(producerID: Int64) { self.producerID = producerID }

    public var lastBatch: ProducerBatch? { batchCount == 0 ? nil : recent[batchCount - 1] }
    public var lastSequence: Int32 { lastBatch?.lastSequence ?? -1 }
    /// Oldest first.
    public var batches: [ProducerBatch] { (0..<batchCount).map { recent[$0] } }
    public var hasOpenTransaction: Bool { transactionFirstOffset >= 0 }

    mutating func add(_ batch: ProducerBatch) {
        if batchCount == Self.batchesMax {
            for slot in 1..<Self.batchesMax { recent[slot - 1] = recent[slot] }
            batchCount -= 1
        }
        recent[batchCount] = batch
        batchCount += 1
    }

    /// A new epoch starts with sequence 0 and forgets the batches of the old one.
    mutating func adopt(epoch newEpoch: Int16) {
        guard epoch != newEpoch else { return }
        epoch = newEpoch
        batchCount = 0
    }

    func batch(firstSequence: Int32, lastSequence: Int32) -> ProducerBatch? {
        for slot in 0..<batchCount
        where recent[slot].lastSequence == lastSequence && recent[slot].firstSequence == firstSequence {
            return recent[slot]
        }
        return nil
    }

    public static func == (left: ProducerState, right: ProducerState) -> Bool {
        left.producerID == right.producerID && left.epoch == right.epoch
            && left.coordinatorEpoch == right.coordinatorEpoch && left.lastTimestamp == right.lastTimestamp
            && left.transactionFirstOffset == right.transactionFirstOffset && left.batches == right.batches
    }
}
