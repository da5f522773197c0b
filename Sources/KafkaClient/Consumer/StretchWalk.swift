import Bytes
import KafkaModel
import KafkaRecords

/// Goes through the batches of a stretch and hands out those that the reader is to see.
struct StretchWalk {
    let stretch: FetchedStretch
    let partition: TopicPartition
    let checksBatches: Bool

    /// - Parameters:
    ///   - position: the first offset that is wanted; it moves behind what was handed out.
    ///   - epoch: becomes the leader epoch of what was handed out last.
    ///   - scratch: for what a batch unpacks to.
    func run(
        _ position: inout Int64, _ epoch: inout Int32?, _ scratch: inout ByteWriter,
        _ body: (inout ConsumedBatch) -> Consumer.Flow
    ) throws(RecordError) -> Consumer.Flow {
        var filter = AbortedFilter(stretch.aborted)
        let answer = stretch.answer
        var cursor = BatchCursor(answer.bytes.extracting(stretch.records))
        while let batch = try cursor.next() {
            let isShown = filter.shows(batch.header)
            guard batch.header.lastOffset >= position else { continue }
            epoch = batch.header.partitionLeaderEpoch
            if isShown {
                let flow = try handOut(cursor.bytes(of: batch), &position, &scratch, body)
                if flow == .stop { return .stop }
            }
            position = max(position, batch.header.nextOffset)
        }
        return .goOn
    }

    private func handOut(
        _ bytes: RawSpan, _ position: inout Int64, _ scratch: inout ByteWriter,
        _ body: (inout ConsumedBatch) -> Consumer.Flow
    ) throws(RecordError) -> Consumer.Flow {
        if checksBatches { try BatchChecksum.check(bytes) }
        let records = try RecordIterator(bytes, scratch: &scratch)
        var batch = ConsumedBatch(records, slot: stretch.slot, partition, from: position)
        let flow = body(&batch)
        position = batch.position
        if let failure = batch.failure { throw failure }
        return flow
    }
}
