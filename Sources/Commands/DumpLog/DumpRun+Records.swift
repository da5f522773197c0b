import Bytes
import CommandLine
import KafkaRecords

/// One line or row a record.
extension DumpRun {
    /// Dumps a batch with its records. Records that cannot be read end it, and the next batch goes on.
    mutating func dumpRecords(
        _ batch: RawSpan, _ header: BatchHeader, _ position: Int, isValid: Bool, _ walk: inout SegmentWalk,
        _ scratch: inout ByteWriter
    ) {
        // With a filter a batch is shown when the first of its records is.
        var isShown = request.filter.isEmpty
        if isShown { writeBatch(header, position, isValid: isValid) }
        do throws(RecordError) {
            var iterator = try RecordIterator(batch, scratch: &scratch)
            while sink.isOpen, let record = try iterator.next() {
                if let previous = walk.previousOffset, record.offset != previous &+ 1 {
                    findings.add(.nonConsecutive, walk.absolutePath, previous, record.offset)
                }
                walk.previousOffset = record.offset
                guard request.filter.isEmpty || request.filter.takes(record, iterator.bytes) else { continue }
                if !isShown { writeBatch(header, position, isValid: isValid) }
                isShown = true
                if sink.isText {
                    try writeLine(record, header, iterator)
                } else {
                    try writeRow(record, header, iterator)
                }
            }
        } catch {
            walk.previousOffset = max(walk.previousOffset ?? -1, header.lastOffset)
            // A wrong checksum is told by the caller, and explains this.
            if isValid { damage(walk.path, Int64(position), damageReason(error.description, header.baseOffset)) }
        }
    }

    mutating func writeLine(
        _ record: RecordView, _ header: BatchHeader, _ records: borrowing RecordIterator
    ) throws(RecordError) {
        let bytes = records.bytes
        var isFirst = true
        if !request.skipsRecordMetadata {
            try appendMetadata(record, header, records)
            isFirst = false
        }
        if request.printsContents, !header.isControl {
            switch request.decoder {
            case .plain(let keys, let values):
                if let key = record.key {
                    appendLabel(isFirst ? "| key: " : " key: ")
                    keys.append(bytes.extracting(key), to: &sink.output.text)
                    isFirst = false
                }
                if let value = record.value {
                    appendLabel(isFirst ? "| payload: " : " payload: ")
                    values.append(bytes.extracting(value), to: &sink.output.text)
                }
            default:
                let decoded = request.decoder.decode(record, bytes)
                if let key = decoded.key {
                    appendLabel(isFirst ? "| key: " : " key: ")
                    sink.output.text.append(utf8: key.text)
                    isFirst = false
                }
                if let value = decoded.value {
                    appendLabel(isFirst ? "| payload: " : " payload: ")
                    sink.output.text.append(utf8: value.text)
                }
            }
        }
        sink.output.endLine()
    }

    private mutating func appendLabel(_ text: StaticString) { sink.output.text.append(literal: text) }

    private mutating func appendMetadata(
        _ record: RecordView, _ header: BatchHeader, _ records: borrowing RecordIterator
    ) throws(RecordError) {
        appendLabel("| offset: ")
        sink.output.text.append(decimal: record.offset)
        appendLabel(" ")
        appendLabel(Self.timestampName(header))
        appendLabel(": ")
        sink.output.text.append(decimal: record.timestamp)
        appendLabel(" keySize: ")
        sink.output.text.append(decimal: record.key?.count ?? -1)
        appendLabel(" valueSize: ")
        sink.output.text.append(decimal: record.value?.count ?? -1)
        if header.magic >= 2 {
            appendLabel(" sequence: ")
            sink.output.text.append(decimal: record.sequence)
            appendLabel(" headerKeys: [")
            if record.headerCount > 0 {
                for (index, field) in try records.headers(of: record).enumerated() {
                    if index > 0 { appendLabel(",") }
                    PlainDecoder.string.append(records.bytes.extracting(field.key), to: &sink.output.text)
                }
            }
            appendLabel("]")
        } else {
            let message = records.bytes.extracting(record.range)
            let crc = message.unsafeLoadUnaligned(fromByteOffset: LegacyMessageLayout.crc, as: UInt32.self).bigEndian
            appendLabel(" isValid: ")
            sink.output.text.append(BatchChecksum.compute(message) == crc)
            appendLabel(" crc: ")
            sink.output.text.append(decimal: crc)
        }
        if header.isControl {
            sink.output.text.append(utf8: ControlRecordText(record, records.bytes).text)
        }
    }

    mutating func writeRow(
        _ record: RecordView, _ header: BatchHeader, _ records: borrowing RecordIterator
    ) throws(RecordError) {
        if request.skipsRecordMetadata, header.isControl { return }
        sink.beginRow("record")
        if !request.skipsRecordMetadata {
            member("offset", record.offset)
            sink.json.key("timestampType")
            sink.json.value(Self.timestampName(header))
            member("timestamp", record.timestamp)
            member("keySize", Int64(record.key?.count ?? -1))
            member("valueSize", Int64(record.value?.count ?? -1))
            if header.magic >= 2 {
                member("sequence", Int64(record.sequence))
                try writeHeaders(record, records)
            }
            if header.isControl {
                sink.json.key("control")
                sink.json.value(json: ControlRecordText(record, records.bytes).json)
            }
        }
        if request.printsContents, !header.isControl { writeContents(record, records.bytes) }
        sink.endRow()
    }

    private mutating func writeHeaders(
        _ record: RecordView, _ records: borrowing RecordIterator
    ) throws(RecordError) {
        sink.json.key("headers")
        sink.json.beginArray()
        if record.headerCount > 0 {
            for field in try records.headers(of: record) {
                sink.json.beginObject()
                sink.json.member("key", records.bytes.extracting(field.key))
                if let value = field.value {
                    sink.json.member("value", records.bytes.extracting(value))
                } else {
                    sink.json.key("value")
                    sink.json.null()
                }
                sink.json.endObject()
            }
        }
        sink.json.endArray()
    }

    private mutating func writeContents(_ record: RecordView, _ bytes: RawSpan) {
        switch request.decoder {
        case .plain(let keys, let values):
            writeContent("key", "keyBase64", record.key, bytes, keys)
            writeContent("value", "valueBase64", record.value, bytes, values)
        default:
            let decoded = request.decoder.decode(record, bytes)
            if let key = decoded.key { writeDecoded("key", key) }
            if let value = decoded.value { writeDecoded("value", value) }
        }
    }

    private mutating func writeContent(
        _ name: StaticString, _ packedName: StaticString, _ range: Range<Int>?, _ bytes: RawSpan,
        _ decoder: PlainDecoder
    ) {
        guard let range else {
            sink.json.key(name)
            sink.json.null()
            return
        }
        let content = bytes.extracting(range)
        if let number = decoder.number(content) {
            member(name, number)
        } else if decoder == .bytes {
            sink.json.key(packedName)
            sink.json.value(base64: content)
        } else {
            sink.json.member(name, content)
        }
    }

    private mutating func writeDecoded(_ name: StaticString, _ value: DecodedRecord.Part) {
        sink.json.key(name)
        switch value {
        case .text(let text): sink.json.value(text)
        case .json(let text): sink.json.value(json: text)
        case .deleted: sink.json.null()
        }
    }
}
