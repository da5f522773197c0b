import Bytes
import CommandLine
import KafkaRecords
import Posix
import Storage

/// How the record at an offset is found.
extension DumpRun {
    mutating func explain(_ offset: Int64, in directory: String) throws(StorageError) {
        let search = try OffsetSearch(offset, in: directory, disk: disk)
        if sink.isText {
            for line in Self.lines(search) { sink.output.print(line) }
        } else {
            writeRow(search)
        }
        if let reason = search.damage, let segment = search.segment {
            damage(path(directory, segment), search.scanPosition, reason)
        }
        guard let segment = search.segment, let batch = search.batch else {
            hasMissed()
            return
        }
        try showRecord(offset, batch, path(directory, segment))
    }

    static func lines(_ search: OffsetSearch) -> [String] {
        var lines = ["Looking for offset \(search.offset) in \(search.directory)"]
        guard let last = search.segments.last, let first = search.segments.first else {
            return lines + ["The directory holds no segment."]
        }
        lines.append(
            "Segments: \(search.segments.count), from \(first) to \(last); compared "
                + search.compared.map(String.init).joined(separator: ", "))
        guard let segment = search.segment else {
            return lines + ["All segments begin behind the offset."]
        }
        lines.append("Segment: \(LogFileName.make(segment, LogFileName.log)), base offset \(segment)")
        let relative = search.offset &- segment
        if let count = search.indexEntries {
            if let slot = search.slot, let entry = search.entry {
                lines.append(
                    "Index: relative offset \(relative) -> entry \(slot + 1) of \(count): relative offset "
                        + "\(entry.offset &- segment) (offset \(entry.offset)) at position \(entry.position)")
            } else {
                lines.append("Index: none of \(count) entries is at or before relative offset \(relative)")
            }
        } else {
            lines.append("Index: there is none")
        }
        guard let batch = search.batch else {
            lines.append(
                "Scan: from position \(search.scanPosition) over \(search.scannedBatches) batches, none of which "
                    + "reaches the offset")
            return lines
        }
        lines.append(
            "Scan: from position \(search.scanPosition) over \(search.scannedBatches) "
                + "\(search.scannedBatches == 1 ? "batch" : "batches") to position \(batch.position)")
        return lines
    }

    private mutating func writeRow(_ search: OffsetSearch) {
        sink.beginRow("explanation")
        member("offset", search.offset)
        member("directory", search.directory)
        sink.json.key("compared")
        sink.json.beginArray()
        for base in search.compared { sink.json.value(base) }
        sink.json.endArray()
        member("segments", Int64(search.segments.count))
        optional("segment", search.segment)
        optional("indexEntries", search.indexEntries.map(Int64.init))
        optional("indexEntry", search.slot.map(Int64.init))
        optional("indexOffset", search.entry?.offset)
        optional("indexPosition", search.entry.map { Int64($0.position) })
        member("scanPosition", search.scanPosition)
        member("scannedBatches", Int64(search.scannedBatches))
        optional("batchPosition", search.batch?.position)
        sink.endRow()
    }

    private mutating func optional(_ name: StaticString, _ value: Int64?) {
        sink.json.key(name)
        if let value { sink.json.value(value) } else { sink.json.null() }
    }

    /// The batch and the record, or the next one, where compaction took the record away.
    private mutating func showRecord(
        _ offset: Int64, _ batch: OffsetSearch.Located, _ path: String
    ) throws(StorageError) {
        let file = try open(path)
        var scanner = BatchScanner(
            file, from: Int(batch.position), to: Int(batch.position) + batch.header.sizeInBytes)
        guard let header = try scanner.next() else { return }
        try scanner.loadBatch()
        let isValid = BatchChecksum.isValid(scanner.batch)
        sink.line("Batch:")
        writeBatch(header, Int(batch.position), isValid: isValid)
        if !isValid { damage(path, batch.position, "the checksum of the batch is wrong") }
        var scratch = ByteWriter()
        var isFound = false
        do throws(RecordError) {
            var records = try RecordIterator(scanner.batch, scratch: &scratch)
            while let record = try records.next() {
                guard record.offset >= offset else { continue }
                isFound = record.offset == offset
                sink.line(
                    isFound
                        ? "Record, number \(record.index + 1) of the batch:"
                        : "The offset is not in the log; the next record:")
                if sink.isText {
                    try writeLine(record, header, records)
                } else {
                    try writeRow(record, header, records)
                }
                break
            }
        } catch {
            damage(path, batch.position, damageReason(error.description, header.baseOffset))
            return
        }
        if !isFound { hasMissed() }
    }
}
