import Bytes
import KafkaRecords
import Timing

/// Decides for each batch of a log, in order, what compaction keeps of it, and writes that.
///
/// - The last record of a key stays, by the map of the dirty part; what lies behind the map stays.
/// - A tombstone stays until its delete horizon (KIP-534): set when a cleaning first covers it, in an attribute bit and
///   the base timestamp of its batch. Markers of transactions that have no records left follow the same rule.
/// - Records of aborted transactions go, and what lies below the start of the log.
/// - The last batch of each producer that is known stays, empty if need be, so that its epoch and sequence survive; so
///   does the batch in front of the high watermark.
/// - Messages of magic 0 and 1 are written as batches of magic 2.
struct BatchFilter: ~Copyable {
    /// What the cleaning knows of the log.
    struct Rules {
        var logStartOffset: Int64
        var highWatermark: Int64
        /// Records at or behind it are not in the map.
        var mapEndOffset: Int64
        var now: Int64
        var deleteRetentionMs: Int64
        var producers: [Int64: LastWritten]
        var levels: CompressionLevels
    }

    /// What a producer wrote last.
    struct LastWritten: Equatable {
        /// Nil if only a marker is known.
        var dataOffset: Int64?
        var epoch: Int16
    }

    enum Outcome: Equatable {
        case dropped
        /// The batch is to be copied as it is.
        case unchanged
        /// The batch was written anew.
        case rewritten(BatchHeader)
    }

    struct Counts: Equatable {
        var recordsRead = 0
        var recordsKept = 0
        /// Records without a key, which cannot be compacted and went.
        var keyless = 0
    }

    private let map: KeyMap
    private let rules: Rules
    private var transactions: CleanedTransactions
    private(set) var counts = Counts()
    /// A transaction whose marker was in the last batch and which readers must still know as aborted.
    private(set) var abortedAtMarker: AbortedTransaction?
    private var remainder = BatchThinning.Remainder()
    private var packing = ByteWriter(capacity: 1 << 16)

    init(map: consuming KeyMap, rules: Rules, transactions: CleanedTransactions) {
        self.map = map
        self.rules = rules
        self.transactions = transactions
    }

    /// What changes from batch to batch, so that a caller can go back.
    var progress: (CleanedTransactions, Counts) {
        get { (transactions, counts) }
        set { (transactions, counts) = newValue }
    }

    /// - Parameters:
    ///   - keepsOldTombstones: whether tombstones of magic 0 and 1, which have no horizon, stay.
    ///   - scratch: holds what the batch unpacks to.
    mutating func filter(
        _ batch: RawSpan, _ header: BatchHeader, keepsOldTombstones: Bool, scratch: inout ByteWriter,
        into output: inout ByteWriter
    ) throws(RecordError) -> Outcome {
        let verdict = try verdict(batch, header, &scratch)
        let mayGo = verdict == .mayGo
        var isLast = header.nextOffset == rules.highWatermark
        var isLastMarker = false
        if header.hasProducerID, let last = rules.producers[header.producerID] {
            if let offset = last.dataOffset {
                isLast = isLast || header.lastOffset == offset
            } else {
                isLastMarker = header.isControl && header.producerEpoch == last.epoch
            }
        }
        let isBelowStart = header.lastOffset < rules.logStartOffset
        let hasExpired = header.deleteHorizon.map { $0 <= rules.now } ?? false
        let discards = !isLastMarker && (isBelowStart || (mayGo && (!header.isControl || hasExpired)))
        abortedAtMarker = nil
        if case .staysAborted(let transaction) = verdict, !discards { abortedAtMarker = transaction }
        if discards {
            counts.recordsRead += max(0, Int(header.recordCount))
            return isLast ? try empty(header, &output) : .dropped
        }
        var needsHorizon = mayGo && header.isControl && header.deleteHorizon == nil
        let firstOffset = try choose(batch, header, keepsOldTombstones, &scratch, &needsHorizon)
        if remainder.count == 0 {
            guard isLast || isLastMarker else { return .dropped }
            return header.recordCount == 0 ? .unchanged : try empty(header, &output)
        }
        if header.magic < 2 || needsHorizon {
            return .rewritten(try recode(batch, header, firstOffset, needsHorizon, &scratch, &output))
        }
        if remainder.count == header.recordCount { return .unchanged }
        return try thin(batch, header, &scratch, &output)
    }

    private mutating func verdict(
        _ batch: RawSpan, _ header: BatchHeader, _ scratch: inout ByteWriter
    ) throws(RecordError) -> CleanedTransactions.Verdict {
        guard header.isControl else { return transactions.batch(header) }
        var records = try RecordIterator(batch, scratch: &scratch)
        var type: ControlRecordType?
        if let key = try records.next()?.key { type = try ControlRecordType.parse(key: records.bytes(key)) }
        return transactions.controlBatch(header, type: type)
    }

    /// Walks the records and notes in `remainder` which stay. Returns the offset of the first that does.
    private mutating func choose(
        _ batch: RawSpan, _ header: BatchHeader, _ keepsOldTombstones: Bool, _ scratch: inout ByteWriter,
        _ needsHorizon: inout Bool
    ) throws(RecordError) -> Int64 {
        remainder.removeAll()
        var firstOffset = header.baseOffset
        let isControl = header.isControl
        let mapEnd = rules.mapEndOffset
        let horizon = header.deleteHorizon
        let keepsTombstones = header.magic < 2 ? keepsOldTombstones : horizon.map { rules.now < $0 } ?? true
        var records = try RecordIterator(batch, scratch: &scratch)
        while let record = try records.next() {
            counts.recordsRead &+= 1
            if !isControl && record.offset < mapEnd {
                guard let key = record.key else {
                    counts.keyless &+= 1
                    continue
                }
                guard record.offset >= map.offset(of: records.bytes(key)) else { continue }
                if record.value == nil {
                    guard keepsTombstones else { continue }
                    needsHorizon = needsHorizon || horizon == nil
                }
            }
            if remainder.count == 0 { firstOffset = record.offset }
            remainder.add(record)
        }
        counts.recordsKept += Int(remainder.count)
        return firstOffset
    }

    /// Nothing but a header, which keeps the last offset, the epoch and the sequence.
    private func empty(_ header: BatchHeader, _ output: inout ByteWriter) throws(RecordError) -> Outcome {
        // Only magic 2 has producers; of older messages in front of the high watermark nothing need be kept.
        guard header.magic >= 2 else { return .dropped }
        let builder = RecordBatchBuilder(RecordBatchBuilder.Fields(header), capacity: 16)
        return .rewritten(try builder.finish(into: &output))
    }

    private mutating func thin(
        _ batch: RawSpan, _ header: BatchHeader, _ scratch: inout ByteWriter, _ output: inout ByteWriter
    ) throws(RecordError) -> Outcome {
        // The scratch still holds what the batch unpacked to.
        let level = rules.levels.level(for: header.compression)
        if header.isCompressed {
            return .rewritten(
                try BatchThinning.write(
                    header, keeping: remainder, of: scratch.bytes, level: level, scratch: &packing, into: &output))
        }
        return .rewritten(
            try BatchThinning.write(
                header, keeping: remainder, of: batch, level: level, scratch: &packing, into: &output))
    }

    /// Writes the records that stay one by one, because their timestamps count from another base now.
    private func recode(
        _ batch: RawSpan, _ header: BatchHeader, _ firstOffset: Int64, _ setsHorizon: Bool,
        _ scratch: inout ByteWriter, _ output: inout ByteWriter
    ) throws(RecordError) -> BatchHeader {
        var fields = RecordBatchBuilder.Fields(header)
        fields.compressionLevel = rules.levels.level(for: header.compression)
        if header.magic < 2 {
            fields.baseOffset = firstOffset
            fields.lastOffset = nil
        }
        if setsHorizon { fields.deleteHorizon = rules.now.addingClamped(rules.deleteRetentionMs) }
        var builder = RecordBatchBuilder(fields, capacity: batch.byteCount + batch.byteCount / 4)
        var records = try RecordIterator(batch, scratch: &scratch)
        var run = 0
        while var record = try records.next() {
            let start = record.range.lowerBound
            while run < remainder.runs.count, remainder.runs[run].upperBound <= start { run += 1 }
            guard run < remainder.runs.count, remainder.runs[run].contains(start) else { continue }
            record.timestamp = max(-1, record.timestamp)
            try builder.append(copying: record, from: records.bytes)
        }
        return try builder.finish(into: &output)
    }
}
