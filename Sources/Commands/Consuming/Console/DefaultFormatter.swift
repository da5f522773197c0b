import Bytes
import CommandLine
import KafkaClient
import KafkaModel
import KafkaRecords

/// How Kafka's console consumer prints a record: the columns that were asked for, between separators.
struct DefaultFormatter: Equatable {
    enum Column: CaseIterable {
        case timestamp, partition, offset, delivery, epoch, headers, key, value
    }

    /// In the order in which they are printed.
    private(set) var columns: [Column] = [.value]
    private(set) var separator = Array("\t".utf8)
    private(set) var lineEnd = Array("\n".utf8)
    private(set) var headerSeparator = Array(",".utf8)
    private(set) var null = Array("null".utf8)
    private(set) var keyDeserializer: Deserializer?
    private(set) var valueDeserializer: Deserializer?
    private(set) var headerDeserializer: Deserializer?
    /// How times are printed; nil prints what the record has, milliseconds.
    var times: TimeForm?
    /// Colours for people; none for programs.
    var ink = TextInk.none

    init() {}

    /// What its properties say. What it does not know is for other formatters and passed over, as Kafka does.
    init(_ properties: [String: String]) throws(UsageError) {
        func isSet(_ name: String, _ value: Bool) -> Bool {
            guard let text = properties[name] else { return value }
            return text.trimmed.lowercased() == "true"
        }
        let wanted: [(Column, Bool)] = [
            (.timestamp, isSet("print.timestamp", false)), (.partition, isSet("print.partition", false)),
            (.offset, isSet("print.offset", false)), (.delivery, isSet("print.delivery", false)),
            (.epoch, isSet("print.epoch", false)), (.headers, isSet("print.headers", false)),
            (.key, isSet("print.key", false)), (.value, isSet("print.value", true)),
        ]
        columns = wanted.filter(\.1).map(\.0)
        if let text = properties["key.separator"] { separator = Array(text.utf8) }
        if let text = properties["line.separator"] { lineEnd = Array(text.utf8) }
        if let text = properties["headers.separator"] { headerSeparator = Array(text.utf8) }
        if let text = properties["null.literal"] { null = Array(text.utf8) }
        keyDeserializer = try Self.deserializer(properties, "key.deserializer")
        valueDeserializer = try Self.deserializer(properties, "value.deserializer")
        headerDeserializer = try Self.deserializer(properties, "headers.deserializer")
    }

    private static func deserializer(
        _ properties: [String: String], _ name: String
    ) throws(UsageError) -> Deserializer? {
        guard let word = properties[name], !word.isEmpty else { return nil }
        guard let deserializer = Deserializer(name: word) else {
            throw UsageError(
                "\(name): '\(word)' is no deserializer this program knows",
                hint: "It knows those of org.apache.kafka.common.serialization, and the short names "
                    + Deserializer.names.joined(separator: ", ") + ".")
        }
        return deserializer == .bytes ? nil : deserializer
    }

    /// The one byte behind a value, where nothing but values is printed, as they are.
    var plainLineEnd: UInt8? {
        columns == [.value] && valueDeserializer == nil && lineEnd.count == 1 ? lineEnd[0] : nil
    }

    /// Appends the record. On a failure the text is as it was before.
    func write(_ record: RecordView, _ batch: borrowing ConsumedBatch, into text: inout ByteWriter) throws(Failure) {
        let start = text.count
        do throws(Failure) {
            for (place, column) in columns.enumerated() {
                try write(column, record, batch, into: &text)
                text.append(place == columns.count - 1 ? lineEnd : separator)
            }
        } catch {
            text.truncate(to: start)
            throw error
        }
    }

    /// Which part of a record cannot be printed, and why.
    struct Failure: Error, Equatable {
        let part: String
        let reason: String
    }

    private func write(
        _ column: Column, _ record: RecordView, _ batch: borrowing ConsumedBatch, into text: inout ByteWriter
    ) throws(Failure) {
        switch column {
        case .timestamp: writeTimestamp(record, batch, into: &text)
        case .partition:
            text.append(literal: "Partition:")
            text.append(decimal: batch.partition.partition)
        case .offset:
            text.append(literal: "Offset:")
            text.append(decimal: record.offset)
        case .delivery: text.append(literal: "Delivery:NOT_PRESENT")
        case .epoch:
            text.append(literal: "Epoch:")
            let epoch = batch.header.partitionLeaderEpoch
            if epoch < 0 { text.append(literal: "NOT_PRESENT") } else { text.append(decimal: epoch) }
        case .headers: try writeHeaders(record, batch, into: &text)
        case .key:
            ink.begin(.key, &text)
            try write(record.key, batch, keyDeserializer, "key", into: &text)
            ink.end(&text)
        case .value: try write(record.value, batch, valueDeserializer, "value", into: &text)
        }
    }

    private func writeTimestamp(_ record: RecordView, _ batch: borrowing ConsumedBatch, into text: inout ByteWriter) {
        guard batch.header.magic > 0 else { return text.append(literal: "NO_TIMESTAMP") }
        switch batch.header.timestampType {
        case .createTime: text.append(literal: "CreateTime:")
        case .logAppendTime: text.append(literal: "LogAppendTime:")
        }
        if let times {
            times.append(record.timestamp, to: &text)
        } else {
            text.append(decimal: record.timestamp)
        }
    }

    private func writeHeaders(
        _ record: RecordView, _ batch: borrowing ConsumedBatch, into text: inout ByteWriter
    ) throws(Failure) {
        guard record.headerCount > 0 else { return text.append(literal: "NO_HEADERS") }
        ink.begin(.header, &text)
        for (place, header) in batch.headers(of: record).enumerated() {
            if place > 0 { text.append(headerSeparator) }
            text.append(batch.bytes(header.key))
            text.integer(UInt8(ascii: ":"))
            try write(header.value, batch, headerDeserializer, "header", into: &text)
        }
        ink.end(&text)
    }

    @inline(__always)
    private func write(
        _ range: Range<Int>?, _ batch: borrowing ConsumedBatch, _ deserializer: Deserializer?, _ part: String,
        into text: inout ByteWriter
    ) throws(Failure) {
        guard let range else { return text.append(null) }
        guard let deserializer else { return text.append(batch.bytes(range)) }
        do throws(Deserializer.Failure) {
            try deserializer.append(batch.bytes(range), to: &text)
        } catch {
            throw Failure(part: part, reason: error.reason)
        }
    }
}

extension String {
    /// Without spaces and tabs at both ends.
    var trimmed: String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r" }
        return String(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}
