import KafkaModel
public import KafkaRecords

/// The producers that wrote to a partition with a producer id: what tells a batch that comes again from a new one, and
/// a gap from a right sequence. It also knows the transactions that are open, and so how far a reader of committed
/// records may read.
///
/// `check` decides before the bytes are written, `apply` notes them after; both look at one batch.
public struct ProducerStateTable: Sendable {
    /// A transaction in the order of its first offset.
    private struct Transaction {
        var producerID: Int64
        var firstOffset: Int64
        /// Of the marker; `Int64.max` while it is open.
        var lastOffset: Int64 = .max
    }

    public enum Verdict: Sendable, Equatable {
        case new
        /// This very batch is in the log already.
        case duplicate(ProducerBatch)
    }

    private var states: [Int64: ProducerState] = [:]
    private var open: [Transaction] = []
    /// Ended, but the marker may not be replicated yet, so that readers must not see it.
    private var ended: [Transaction] = []
    /// The table knows every batch below this offset.
    public internal(set) var endOffset: Int64

    public init(endOffset: Int64 = 0) { self.endOffset = endOffset }

    public var count: Int { states.count }
    public var isEmpty: Bool { states.isEmpty && open.isEmpty && ended.isEmpty }
    public subscript(producerID: Int64) -> ProducerState? { states[producerID] }
    /// In the order of producer ids.
    public var all: [ProducerState] { states.values.sorted { $0.producerID < $1.producerID } }
    public var hasOpenTransactions: Bool { !open.isEmpty }

    /// The first offset of the oldest transaction that is open.
    public var firstUndecidedOffset: Int64? { open.first?.firstOffset }

    /// Readers of committed records stop here: at the oldest transaction that is open, or whose marker lies at or
    /// above the high watermark, else at the high watermark.
    public func lastStableOffset(highWatermark: Int64) -> Int64 {
        var offset = highWatermark
        if let first = open.first { offset = min(offset, first.firstOffset) }
        for transaction in ended where transaction.lastOffset >= highWatermark {
            offset = min(offset, transaction.firstOffset)
        }
        return offset
    }

    /// Judges a batch before it is written.
    public func check(
        _ header: BatchHeader, marker: TransactionMarker?, origin: AppendOrigin
    ) throws(AppendRefusal) -> Verdict {
        guard !origin.isFollower, let state = states[header.producerID] else { return .new }
        if origin.isClient, header.producerEpoch == state.epoch,
            let known = state.batch(firstSequence: header.baseSequence, lastSequence: header.lastSequence)
        {
            return .duplicate(known)
        }
        if header.producerEpoch < state.epoch {
            throw refusal(
                .invalidProducerEpoch,
                "the epoch \(header.producerEpoch) of producer \(header.producerID) is older than \(state.epoch), "
                    + "the last one seen")
        }
        if let marker {
            if marker.coordinatorEpoch < state.coordinatorEpoch {
                throw refusal(
                    .transactionCoordinatorFenced,
                    "the coordinator epoch \(marker.coordinatorEpoch) for producer \(header.producerID) is older "
                        + "than \(state.coordinatorEpoch)")
            }
            return .new
        }
        if origin.isClient { try checkSequence(header, state) }
        if state.hasOpenTransaction && !header.isTransactional {
            throw refusal(
                .invalidTxnState,
                "producer \(header.producerID) has a transaction open and sent a batch outside of it")
        }
        return .new
    }

    private func checkSequence(_ header: BatchHeader, _ state: ProducerState) throws(AppendRefusal) {
        if header.producerEpoch != state.epoch {
            // The first batch of a new epoch starts again at 0. A producer of which nothing is known any more
            // (KIP-360: retention took its records) may go on where it was.
            guard header.baseSequence == 0 || state.epoch == -1 else {
                throw refusal(
                    .outOfOrderSequenceNumber,
                    "producer \(header.producerID) begins the epoch \(header.producerEpoch) with sequence "
                        + "\(header.baseSequence); the epoch before was \(state.epoch)")
            }
            return
        }
        guard state.epoch == -1 || Sequence.isNext(header.baseSequence, after: state.lastSequence) else {
            throw refusal(
                .outOfOrderSequenceNumber,
                "producer \(header.producerID) sent sequence \(header.baseSequence) behind \(state.lastSequence)")
        }
    }

    private func refusal(_ code: ErrorCode, _ message: String) -> AppendRefusal {
        .refused(code, message: message, recordIndex: nil)
    }

    /// Notes a batch that is in the log. An aborted transaction is returned when the batch is its marker.
    public mutating func apply(_ header: BatchHeader, marker: TransactionMarker?) -> AbortedTransaction? {
        guard header.hasProducerID else { return nil }
        let id = header.producerID
        if header.isControl {
            guard let marker else { return nil }
            return end(marker, header)
        }
        states[id, default: ProducerState(producerID: id)].adopt(epoch: header.producerEpoch)
        var firstOffset: Int64?
        withState(id) { state in
            state.add(
                ProducerBatch(
                    lastSequence: header.lastSequence, lastOffset: header.lastOffset,
                    offsetDelta: header.lastOffsetDelta, timestamp: header.maxTimestamp))
            state.lastTimestamp = header.maxTimestamp
            if header.isTransactional && !state.hasOpenTransaction {
                state.transactionFirstOffset = header.baseOffset
                firstOffset = header.baseOffset
            }
        }
        if let firstOffset { open.append(Transaction(producerID: id, firstOffset: firstOffset)) }
        return nil
    }

    private mutating func end(_ marker: TransactionMarker, _ header: BatchHeader) -> AbortedTransaction? {
        let id = header.producerID
        var state = states[id] ?? ProducerState(producerID: id)
        let firstOffset = state.transactionFirstOffset
        state.adopt(epoch: header.producerEpoch)
        state.coordinatorEpoch = marker.coordinatorEpoch
        state.lastTimestamp = marker.timestamp
        state.transactionFirstOffset = -1
        states[id] = state
        // A marker without records before it changes nothing for readers.
        guard firstOffset >= 0, let slot = open.firstIndex(where: { $0.firstOffset == firstOffset }) else { return nil }
        let next = open.first { $0.producerID != id }
        var transaction = open.remove(at: slot)
        transaction.lastOffset = header.baseOffset
        ended.append(transaction)
        guard marker.isAbort else { return nil }
        return AbortedTransaction(
            producerID: id, firstOffset: firstOffset, lastOffset: header.baseOffset,
            lastStableOffset: next?.firstOffset ?? header.baseOffset + 1)
    }

    private mutating func withState(_ id: Int64, _ body: (inout ProducerState) -> Void) {
        guard let slot = states.index(forKey: id) else { return }
        body(&states.values[slot])
    }

    /// Ended transactions below this offset no longer hold anybody back.
    public mutating func highWatermarkAdvanced(to offset: Int64) {
        guard !ended.isEmpty else { return }
        ended.removeAll { $0.lastOffset < offset }
    }

    /// Forgets producers that wrote nothing for so long, unless they have a transaction open.
    public mutating func removeExpired(now: Int64, after expirationMs: Int64) {
        states = states.filter { !$0.value.isExpired(now: now, after: expirationMs) }
    }

    mutating func load(_ state: ProducerState) {
        states[state.producerID] = state
        guard state.hasOpenTransaction else { return }
        let transaction = Transaction(producerID: state.producerID, firstOffset: state.transactionFirstOffset)
        let slot = open.firstIndex { $0.firstOffset > transaction.firstOffset } ?? open.endIndex
        open.insert(transaction, at: slot)
    }
}

extension ProducerState {
    func isExpired(now: Int64, after expirationMs: Int64) -> Bool {
        let (age, overflow) = now.subtractingReportingOverflow(lastTimestamp)
        return !hasOpenTransaction && !overflow && age >= expirationMs
    }
}
