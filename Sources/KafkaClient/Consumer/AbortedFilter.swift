import KafkaRecords

/// Tells the batches that a reader of committed records sees from those of aborted transactions, and from the markers
/// between them. It is shown every batch of a stretch in order.
struct AbortedFilter {
    private var coming: ArraySlice<FetchedStretch.AbortedTransaction>
    /// Producers that are in a transaction that was aborted.
    private var producers: Set<Int64> = []

    init(_ aborted: [FetchedStretch.AbortedTransaction]) {
        coming = aborted.sorted { $0.firstOffset < $1.firstOffset }[...]
    }

    mutating func shows(_ header: BatchHeader) -> Bool {
        // A reader of everything gets no list, and sees all but the markers.
        guard !coming.isEmpty || !producers.isEmpty else { return !header.isControl }
        while let next = coming.first, next.firstOffset <= header.lastOffset {
            producers.insert(next.producerID)
            coming.removeFirst()
        }
        if header.isControl {
            // Either marker ends the transaction.
            producers.remove(header.producerID)
            return false
        }
        return !(header.isTransactional && producers.contains(header.producerID))
    }
}
