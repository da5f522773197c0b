import Bytes
import Compression
import KafkaRecords
import Testing

/// What Kafka 3.9 wrote is read as Kafka's own tools print it, and written again byte for byte.
@Suite struct GoldenTests {
    static let segments = [
        "mix", "orders", "payments", "audit", "users", "users-compacted", "consumer-offsets", "transaction-state",
        "cluster-metadata",
    ]

    @Test(arguments: segments)
    func `every batch is found, is valid and can be read`(name: String) throws {
        let bytes = try fixture("\(name).log")
        let batches = try locatedBatches(bytes)
        #expect(!batches.isEmpty)
        var previous: Int64 = -1
        for batch in batches {
            let span = bytes.span.bytes.extracting(batch.range)
            let isValid = BatchChecksum.isValid(span)
            #expect(isValid)
            #expect(batch.header.baseOffset > previous)
            previous = batch.header.lastOffset
            let records = try plainRecords(span)
            #expect(records.count == Int(batch.header.recordCount))
            #expect(records.last?.offset ?? previous <= previous)
        }
    }

    @Test(arguments: [("mix", true), ("orders", true), ("payments", false)])
    func `what is read prints as dump-log prints it`(name: String, printsData: Bool) throws {
        let expected = String(decoding: try fixture("\(name).txt"), as: UTF8.self).split(separator: "\n").dropFirst(2)
        let bytes = try fixture("\(name).log")
        var printed: [String] = []
        for batch in try locatedBatches(bytes) {
            printed.append(batch.dumpLine)
            for record in try plainRecords(bytes.span.bytes.extracting(batch.range)) {
                printed.append(try record.dumpLine(of: batch.header, printsData: printsData))
            }
        }
        #expect(printed.count == expected.count)
        for (ours, kafkas) in zip(printed, expected) { #expect(ours == String(kafkas)) }
    }

    /// Only where the producer's timestamps are kept: a batch stamped by the broker has lost them.
    @Test(arguments: segments.filter { $0 != "audit" })
    func `an uncompressed batch is built again byte for byte`(name: String) throws {
        let bytes = try fixture("\(name).log")
        for batch in try locatedBatches(bytes) where !batch.header.isCompressed {
            let original = Array(bytes[batch.range])
            #expect(try rebuilt(original) == original)
            #expect(try copied(original) == original)
        }
    }

    @Test func `a compressed batch is built again with the same records and header`() throws {
        let bytes = try fixture("mix.log")
        var codecs: Set<CompressionType> = []
        for batch in try locatedBatches(bytes) where batch.header.isCompressed {
            let original = Array(bytes[batch.range])
            let again = try rebuilt(original)
            #expect(try plainRecords(again) == plainRecords(original))
            var header = try BatchHeader(again.span.bytes)
            header.batchLength = batch.header.batchLength
            header.crc = batch.header.crc
            #expect(header == batch.header)
            if let codec = header.compression { codecs.insert(codec) }
        }
        #expect(codecs == [.gzip, .snappy, .lz4, .zstd])
    }

    @Test func `batches stamped by the broker give every record that time`() throws {
        let bytes = try fixture("audit.log")
        let batches = try locatedBatches(bytes)
        for batch in batches {
            #expect(batch.header.timestampType == .logAppendTime)
            for record in try plainRecords(bytes.span.bytes.extracting(batch.range)) {
                #expect(record.timestamp == batch.header.maxTimestamp)
            }
        }
    }

    @Test func `stamping a producer's batch gives the bytes the broker wrote`() throws {
        let bytes = try fixture("audit.log")
        for batch in try locatedBatches(bytes) where !batch.header.isCompressed {
            let stored = Array(bytes[batch.range])
            var sent = stored
            sent.replace(batch.header.attributes & ~BatchAttributes.logAppendTime, at: RecordBatchLayout.attributes)
            sent.replace(batch.header.baseTimestamp, at: RecordBatchLayout.maxTimestamp)
            sent = signed(sent)
            var span = sent.mutableSpan
            var batchBytes = span.mutableBytes
            BatchAssignment.stampLogAppendTime(&batchBytes, batch.header.maxTimestamp)
            #expect(sent == stored)
        }
    }

    @Test func `transaction markers and leader changes are control records`() throws {
        let payments = try fixture("payments.log")
        var ends: [EndTransactionMarker] = []
        for batch in try locatedBatches(payments) where batch.header.isControl {
            let original = Array(payments[batch.range])
            let record = try #require(try plainRecords(original).first)
            let (key, value) = (try #require(record.key), try #require(record.value))
            let marker = try EndTransactionMarker(key: key.span.bytes, value: value.span.bytes)
            ends.append(try #require(marker))
            var writer = ByteWriter()
            try ends.last?.writeBatch(
                baseOffset: batch.header.baseOffset, timestamp: record.timestamp,
                leaderEpoch: batch.header.partitionLeaderEpoch, producerID: batch.header.producerID,
                producerEpoch: batch.header.producerEpoch, into: &writer)
            let written = Array(writer.bytes)
            #expect(written == original)
        }
        #expect(Set(ends.map(\.type)) == [.commit, .abort])

        let metadata = try fixture("cluster-metadata.log")
        let first = try #require(try locatedBatches(metadata).first)
        let record = try #require(try plainRecords(Array(metadata[first.range])).first)
        let key = try #require(record.key)
        let type = try ControlRecordType.parse(key: key.span.bytes)
        #expect(first.header.isControl)
        #expect(type == .leaderChange)
    }

    private func rebuilt(_ batch: [UInt8]) throws -> [UInt8] {
        var builder = RecordBatchBuilder(RecordBatchBuilder.Fields(try BatchHeader(batch.span.bytes)))
        for record in try plainRecords(batch) {
            try builder.append(
                offset: record.offset, timestamp: record.timestamp, key: record.key, value: record.value,
                headers: record.headers)
        }
        return try builder.finish()
    }

    private func copied(_ batch: [UInt8]) throws -> [UInt8] {
        var builder = RecordBatchBuilder(RecordBatchBuilder.Fields(try BatchHeader(batch.span.bytes)))
        var scratch = ByteWriter()
        var records = try RecordIterator(batch.span.bytes, scratch: &scratch)
        while let record = try records.next() { try builder.append(copying: record, from: records.bytes) }
        return try builder.finish()
    }
}

extension LocatedBatch {
    fileprivate var dumpLine: String {
        let horizon = header.deleteHorizon.map { "OptionalLong[\($0)]" } ?? "OptionalLong.empty"
        return "baseOffset: \(header.baseOffset) lastOffset: \(header.lastOffset) count: \(header.recordCount)"
            + " baseSequence: \(header.baseSequence) lastSequence: \(header.lastSequence)"
            + " producerId: \(header.producerID) producerEpoch: \(header.producerEpoch)"
            + " partitionLeaderEpoch: \(header.partitionLeaderEpoch) isTransactional: \(header.isTransactional)"
            + " isControl: \(header.isControl) deleteHorizonMs: \(horizon) position: \(range.lowerBound)"
            + " \(header.timestampType.name): \(header.maxTimestamp) size: \(header.sizeInBytes)"
            + " magic: \(header.magic) compresscodec: \(header.compression?.name ?? "?") crc: \(header.crc)"
            + " isvalid: true"
    }
}

extension PlainRecord {
    fileprivate func dumpLine(of header: BatchHeader, printsData: Bool) throws -> String {
        var line =
            "| offset: \(offset) \(header.timestampType.name): \(timestamp) keySize: \(key?.count ?? -1)"
            + " valueSize: \(value?.count ?? -1) sequence: \(sequence)"
            + " headerKeys: [\(headers.map(\.key).joined(separator: ","))]"
        if header.isControl {
            let (key, value) = (key ?? [], value ?? [])
            let marker = try EndTransactionMarker(key: key.span.bytes, value: value.span.bytes)
            line += " endTxnMarker: \(marker?.type.name ?? "?") coordinatorEpoch: \(marker?.coordinatorEpoch ?? -1)"
        } else if printsData {
            if let key { line += " key: \(String(decoding: key, as: UTF8.self))" }
            if let value { line += " payload: \(String(decoding: value, as: UTF8.self))" }
        }
        return line
    }
}
