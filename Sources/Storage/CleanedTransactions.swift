import KafkaRecords

/// Walks along with the cleaning and tells which batches belong to aborted transactions, and which markers have lost
/// all their records, so that they may go too. A value: the events are the batches in the order of the log.
struct CleanedTransactions {
    private struct Aborted {
        let transaction: AbortedTransaction
        /// Whether a batch of it is still there.
        var hasBatches = false
    }

    /// In the order of first offsets; what was not reached yet.
    private var ahead: ArraySlice<AbortedTransaction>
    private var aborted: [Int64: Aborted] = [:]
    /// Producers with a transaction open that will be committed, and a batch of it still there.
    private var committed: Set<Int64> = []

    init(_ transactions: [AbortedTransaction]) {
        ahead = transactions.sorted { $0.firstOffset < $1.firstOffset }[...]
    }

    /// What becomes of a batch as far as transactions go.
    enum Verdict: Equatable {
        /// Its records count.
        case stays
        /// Its records were aborted, or it is a marker without records.
        case mayGo
        /// A marker whose aborted transaction still has batches, so its entry in the index stays too.
        case staysAborted(AbortedTransaction)
    }

    /// A batch with records.
    mutating func batch(_ header: BatchHeader) -> Verdict {
        reach(header.lastOffset)
        guard header.isTransactional else { return .stays }
        guard aborted[header.producerID] != nil else {
            committed.insert(header.producerID)
            return .stays
        }
        aborted[header.producerID]?.hasBatches = true
        return .mayGo
    }

    /// A control batch; `marker` is nil if its record was taken out before.
    mutating func controlBatch(_ header: BatchHeader, type: ControlRecordType?) -> Verdict {
        reach(header.lastOffset)
        switch type {
        case .abort:
            guard let transaction = aborted.removeValue(forKey: header.producerID), transaction.hasBatches else {
                return .mayGo
            }
            return .staysAborted(transaction.transaction)
        case .commit: return committed.remove(header.producerID) == nil ? .mayGo : .stays
        case .leaderChange, .snapshotHeader, .snapshotFooter, .kraftVersion, .kraftVoters: return .stays
        case nil: return header.recordCount == 0 ? .mayGo : .stays
        }
    }

    private mutating func reach(_ offset: Int64) {
        while let next = ahead.first, next.firstOffset <= offset {
            if aborted[next.producerID] == nil { aborted[next.producerID] = Aborted(transaction: next) }
            ahead.removeFirst()
        }
    }
}
