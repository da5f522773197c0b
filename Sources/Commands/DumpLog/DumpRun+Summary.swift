import Bytes
import CommandLine
import Compression
import KafkaRecords
import Posix
import Storage
import Timing

/// Counting instead of printing.
extension DumpRun {
    /// From this average size on it is quicker to read the headers one by one than all that lies between them.
    private static let sparseBatchBytes = 8 << 10

    mutating func summarize(_ paths: [String], name: String) throws(StorageError) {
        begin(name)
        var summary = SegmentSummary()
        if request.isDeep { summary.unpackedBytes = 0 }
        for path in paths where sink.isOpen { try add(path, to: &summary) }
        if sink.isText {
            for line in Self.lines(summary) { sink.output.print(line) }
        } else {
            writeRow(summary)
        }
    }

    private mutating func add(_ path: String, to summary: inout SegmentSummary) throws(StorageError) {
        let file = try open(path)
        let size = try size(of: file)
        summary.segments += 1
        var scanner = BatchScanner(file, from: 0, to: min(size, request.maxBytes), chunkBytes: Self.chunkBytes)
        var scratch = ByteWriter()
        var previous: Int64?
        var seen = 0
        while let header = try scanner.next() {
            seen += 1
            if seen == 64, !request.isDeep, scanner.nextPosition / seen > Self.sparseBatchBytes {
                scanner.chunkBytes = RecordBatchLayout.headerSize
            }
            let verdict = request.filter.judge(header, previousOffset: previous)
            previous = header.lastOffset
            if verdict == .end { return }
            guard verdict == .take, request.filter.takesTimes(of: header) else { continue }
            summary.add(header)
            guard request.isDeep else { continue }
            try scanner.loadBatch()
            let position = Int64(scanner.position)
            if let reason = Self.unpack(scanner.batch, header, &summary, &scratch) {
                damage(path, position, damageReason(reason, header.baseOffset))
            }
        }
        guard let reason = scanner.damage, size <= request.maxBytes else { return }
        summary.invalidBytes += Int64(size - scanner.nextPosition)
        damage(path, Int64(scanner.nextPosition), reason)
    }

    /// Adds what a batch unpacks to; gives why it does not.
    private static func unpack(
        _ batch: RawSpan, _ header: BatchHeader, _ summary: inout SegmentSummary, _ scratch: inout ByteWriter
    ) -> String? {
        guard BatchChecksum.compute(batch) == header.crc else { return "its checksum is wrong" }
        do throws(RecordError) {
            var records = try RecordIterator(batch, scratch: &scratch)
            var count: Int64 = 0
            while try records.next() != nil { count += 1 }
            if header.magic < 2, header.isCompressed { summary.records += count }
            var unpacked = Int64(records.bytes.byteCount)
            if header.magic >= 2, header.isCompressed { unpacked += Int64(RecordBatchLayout.headerSize) }
            summary.unpackedBytes = (summary.unpackedBytes ?? 0) + unpacked
            return nil
        } catch {
            return error.description
        }
    }

    static func lines(_ summary: SegmentSummary) -> [String] {
        var lines: [String] = []
        func add(_ name: String, _ value: String) { lines.append("\(name): \(value)") }
        add("segments", "\(summary.segments)")
        add("batches", "\(summary.batches)")
        let isCounted = !summary.hasUncountedRecords || summary.unpackedBytes != nil
        add(
            "records",
            isCounted ? "\(summary.records)" : "\(summary.records) and those in compressed messages of old formats")
        add("bytes", "\(summary.bytes)")
        if let unpacked = summary.unpackedBytes, let ratio = summary.ratio {
            add("bytes unpacked", "\(unpacked)")
            add("compression ratio", hundredths(ratio))
        }
        if let first = summary.firstOffset, let last = summary.lastOffset { add("offsets", "\(first) to \(last)") }
        if let first = summary.minTimestamp, let last = summary.maxTimestamp {
            add("timestamps", "\(first) to \(last)")
            add(
                "times",
                "\(Timestamp(milliseconds: first).iso8601) to \(Timestamp(milliseconds: last).iso8601)")
        }
        for (id, codec) in summary.codecs.enumerated() where codec.batches > 0 {
            add("codec \(name(id))", "\(codec.batches) batches, \(codec.bytes) bytes")
        }
        for (magic, batches) in summary.magics.enumerated() where batches > 0 {
            add("magic \(magic)", "\(batches) batches")
        }
        if summary.batches > 0 {
            add("average batch", "\(summary.bytes / summary.batches) bytes")
            add("largest batch", "\(summary.largestBatch) bytes")
        }
        if let epochs = summary.epochs { add("leader epochs", "\(epochs.lowerBound) to \(epochs.upperBound)") }
        add("producers", "\(summary.producers.count)" + (isFull(summary) ? " or more" : ""))
        add("transactional batches", "\(summary.transactionalBatches)")
        add("control batches", "\(summary.controlBatches)")
        if summary.invalidBytes > 0 { add("invalid bytes", "\(summary.invalidBytes)") }
        return lines
    }

    private mutating func writeRow(_ summary: SegmentSummary) {
        sink.beginRow("summary")
        member("segments", summary.segments)
        member("batches", summary.batches)
        member("records", summary.records)
        member("bytes", summary.bytes)
        if let unpacked = summary.unpackedBytes {
            member("unpackedBytes", unpacked)
            sink.json.key("compressionRatio")
            sink.json.value(json: summary.ratio.map(Self.hundredths) ?? "null")
        }
        for (name, value) in [
            ("firstOffset", summary.firstOffset), ("lastOffset", summary.lastOffset),
            ("minTimestamp", summary.minTimestamp), ("maxTimestamp", summary.maxTimestamp),
        ] as [(StaticString, Int64?)] {
            sink.json.key(name)
            if let value { sink.json.value(value) } else { sink.json.null() }
        }
        sink.json.key("codecs")
        sink.json.beginObject()
        for (id, codec) in summary.codecs.enumerated() where codec.batches > 0 {
            sink.json.key(Self.name(id))
            sink.json.beginObject()
            member("batches", codec.batches)
            member("bytes", codec.bytes)
            sink.json.endObject()
        }
        sink.json.endObject()
        member("largestBatch", Int64(summary.largestBatch))
        member("producers", Int64(summary.producers.count))
        member("transactionalBatches", summary.transactionalBatches)
        member("controlBatches", summary.controlBatches)
        member("invalidBytes", summary.invalidBytes)
        sink.endRow()
    }

    private static func isFull(_ summary: SegmentSummary) -> Bool {
        summary.producers.count >= SegmentSummary.producersMax
    }

    private static func name(_ id: Int) -> String {
        CompressionType(rawValue: Int8(id))?.name ?? "unknown(\(id))"
    }

    /// With two digits behind the point.
    private static func hundredths(_ ratio: Double) -> String {
        let value = Int64((ratio * 100).rounded())
        let digits = String(value % 100)
        return "\(value / 100).\(digits.count == 1 ? "0" : "")\(digits)"
    }
}
