import Bytes
import Compression
import KafkaModel
import KafkaRecords
import Posix
import TestSupport
import Testing
import Timing

@testable import Storage

func compacted() -> LogConfiguration {
    var configuration = smallSegments()
    configuration.cleanupPolicy = .compact
    configuration.deleteRetentionMs = 1000
    return configuration
}

/// A record as a test wants it: no value is a tombstone.
struct KeyValue: Equatable, Sendable {
    var key: String?
    var value: String?

    init(_ key: String?, _ value: String?) {
        self.key = key
        self.value = value
    }
}

func batch(
    of records: [KeyValue], codec: CompressionType = .none, producer: Int64 = -1, epoch: Int16 = -1,
    sequence: Int32 = -1, transactional: Bool = false, timestamp: Timestamp = noon, baseOffset: Int64 = 0
) throws -> [UInt8] {
    var fields = RecordBatchBuilder.Fields()
    fields.compression = codec
    fields.producerID = producer
    fields.producerEpoch = epoch
    fields.baseSequence = sequence
    fields.isTransactional = transactional
    fields.baseOffset = baseOffset
    var builder = RecordBatchBuilder(fields)
    for (index, record) in records.enumerated() {
        try builder.append(
            timestamp: timestamp.milliseconds + Int64(index), key: record.key.map { Array($0.utf8) },
            value: record.value.map { Array($0.utf8) }, headers: [RecordHeader(key: "h", value: [1, 2])])
    }
    return try builder.finish()
}

/// A record that is in a log, with the batch it is in.
struct Survivor: Equatable {
    var offset: Int64
    var record: KeyValue
    var timestamp: Int64
}

extension PartitionLog {
    func flushClosed() throws(StorageError) {
        guard let pending = try beginFlush(.closedSegments) else { return }
        try pending.run()
        finishFlush(pending, now: noon)
    }

    /// One cleaning of everything that may be cleaned.
    @discardableResult
    func compact(
        from checkpoint: Int64? = nil, now: Timestamp = noon, highWatermark: Int64? = nil,
        limits: CompactionLimits = CompactionLimits(mapBytes: 1 << 16, bufferBytes: 1000),
        pace: @escaping Compaction.Pace = { (_) throws(CleaningEnd) in }
    ) throws -> CompactionResult? {
        try flushClosed()
        let highWatermark = highWatermark ?? logEndOffset
        guard let range = try cleanableRange(checkpoint: checkpoint, highWatermark: highWatermark, now: now),
            range.cleanableBytes > 0
        else { return nil }
        return try Compaction(
            self, range, highWatermark: highWatermark, now: now, limits: limits,
            owner: { (body) throws(CleaningEnd) in try body(self) }, pace: pace
        ).run()
    }

    /// All records, batch by batch, control records left out.
    func survivors() throws -> [(header: BatchHeader, records: [Survivor])] {
        var found: [(BatchHeader, [Survivor])] = []
        var scratch = ByteWriter()
        try load()
        for segment in segments {
            let bytes = try Disk.real.contents(of: segment.path(LogFileName.log))
            #expect(bytes.count == segment.size)
            var cursor = BatchCursor(bytes.span.bytes)
            while let located = try cursor.next() {
                let batch = cursor.bytes(of: located)
                let isValid = BatchChecksum.isValid(batch)
                #expect(isValid)
                var records: [Survivor] = []
                var iterator = try RecordIterator(batch, scratch: &scratch)
                while let record = try iterator.next() {
                    guard !located.header.isControl else { continue }
                    let bytes = iterator.bytes
                    let key = record.key.map { text(bytes.extracting($0)) }
                    let value = record.value.map { text(bytes.extracting($0)) }
                    records.append(
                        Survivor(
                            offset: record.offset, record: KeyValue(key, value),
                            timestamp: record.timestamp))
                }
                found.append((located.header, records))
            }
        }
        return found
    }

    /// What a consumer of committed records gets, as Kafka's clients sort it out.
    func committed() throws -> [Survivor] {
        var aborted = try abortedTransactions(from: logStartOffset, upTo: logEndOffset)
            .sorted { $0.firstOffset < $1.firstOffset }[...]
        var abortedProducers: Set<Int64> = []
        var visible: [Survivor] = []
        for (header, records) in try survivors() {
            while let next = aborted.first, next.firstOffset <= header.lastOffset {
                abortedProducers.insert(next.producerID)
                aborted.removeFirst()
            }
            if header.isControl {
                abortedProducers.remove(header.producerID)
            } else if !header.isTransactional || !abortedProducers.contains(header.producerID) {
                visible += records.filter { $0.offset >= logStartOffset }
            }
        }
        return visible
    }

    /// That batches follow each other, that every offset leads to its batch by the indexes, and that no file is left.
    func checkOrder(_ comment: Comment? = nil) throws {
        var end: Int64 = 0
        for (header, records) in try survivors() {
            #expect(header.baseOffset >= end && header.lastOffset >= header.baseOffset, comment)
            #expect(
                records.allSatisfy { $0.offset >= header.baseOffset && $0.offset <= header.lastOffset }, comment)
            if header.lastOffset >= logStartOffset {
                let read = try read(
                    from: max(header.baseOffset, logStartOffset), maxBytes: 1, minOneBatch: true, upTo: logEndOffset)
                #expect(read.firstOffset == header.baseOffset, comment)
            }
            end = header.nextOffset
        }
        #expect(end <= logEndOffset, comment)
        let names = try Disk.real.list(directory).map(\.name)
        #expect(!names.contains { $0.hasSuffix(".cleaned") || $0.hasSuffix(".swap") }, comment)
    }
}

/// The last value of each key; a tombstone is none.
func table(_ records: [Survivor]) -> [String: String] {
    var table: [String: String] = [:]
    for record in records {
        if let key = record.record.key { table[key] = record.record.value }
    }
    return table
}

/// A message of magic 0 or 1, as brokers before 0.11 wrote them.
func oldMessage(_ record: KeyValue, magic: Int8, offset: Int64, timestamp: Int64 = 5000) -> [UInt8] {
    var body = ByteWriter()
    body.int8(magic)
    body.int8(0)
    if magic == 1 { body.int64(timestamp) }
    for field in [record.key, record.value] {
        body.int32(field.map { Int32($0.utf8.count) } ?? -1)
        if let field { body.append(utf8: field) }
    }
    var writer = ByteWriter()
    writer.int64(offset)
    writer.int32(Int32(body.count + 4))
    writer.uint32(CRC32.checksum(body.bytes))
    writer.append(body.bytes)
    return Array(writer.bytes)
}

func text(_ bytes: RawSpan) -> String { bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
