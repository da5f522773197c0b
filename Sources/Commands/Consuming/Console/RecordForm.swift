import Bytes
import CommandLine
import KafkaClient
import KafkaModel
import KafkaRecords

/// How records are printed.
enum RecordForm: Equatable {
    case kafka(DefaultFormatter)
    /// The same, and a line of the log.
    case logging(DefaultFormatter)
    case nothing
    case coordinator(CoordinatorFormatter)
    case pieces(RecordFormat)
    case json, jsonl, csv, yaml
}

/// Prints records one after the other in a form.
struct RecordWriter: ~Copyable {
    private let form: RecordForm
    private let pieceTimes: TimeForm?
    private var json = JSONText()
    private var printed = 0
    /// Whether each record also gets a line of the log.
    let logs: Bool
    /// What ends a line of nothing but the value, as it is: the usual case, in which a record costs two copies.
    private let plainEnd: UInt8?

    /// - Parameter times: how the form of pieces prints times; nil leaves it what the form itself says.
    init(_ form: RecordForm, times: TimeForm? = nil) {
        self.form = form
        pieceTimes = times
        if case .logging = form { logs = true } else { logs = false }
        if case .kafka(let formatter) = form { plainEnd = formatter.plainLineEnd } else { plainEnd = nil }
    }

    static let csvHeading = "topic,partition,offset,timestamp,timestampType,key,keyBase64,value,valueBase64,headers\n"

    func begin(_ text: inout ByteWriter) {
        switch form {
        case .json: text.append(literal: "[")
        case .csv: text.append(utf8: Self.csvHeading)
        case .kafka, .logging, .nothing, .coordinator, .pieces, .jsonl, .yaml: break
        }
    }

    func end(_ text: inout ByteWriter) {
        switch form {
        case .json: text.append(literal: "]\n")
        case .yaml: if printed == 0 { text.append(literal: "[]\n") }
        case .kafka, .logging, .nothing, .coordinator, .pieces, .jsonl, .csv: break
        }
    }

    /// Appends a record. On a failure the text is as it was before.
    @inline(__always)
    mutating func write(
        _ record: RecordView, _ batch: borrowing ConsumedBatch, into text: inout ByteWriter
    ) throws(DefaultFormatter.Failure) {
        if let plainEnd, let value = record.value {
            text.append(batch.bytes(value))
            text.integer(plainEnd)
            return
        }
        let start = text.count
        separate(&text)
        do throws(DefaultFormatter.Failure) {
            try compose(record, batch, into: &text)
        } catch {
            text.truncate(to: start)
            throw error
        }
    }

    /// What stands between two records, in front of one that is printed now.
    private mutating func separate(_ text: inout ByteWriter) {
        if form == .json, printed > 0 { text.append(literal: ",\n") }
        printed += 1
    }

    /// Prints what was composed before and kept.
    mutating func write(composed record: [UInt8], into text: inout ByteWriter) {
        separate(&text)
        text.append(record)
    }

    /// Appends the text of a record alone: whether and behind what it is printed is not known yet.
    mutating func compose(
        _ record: RecordView, _ batch: borrowing ConsumedBatch, into text: inout ByteWriter
    ) throws(DefaultFormatter.Failure) {
        switch form {
        case .kafka(let formatter), .logging(let formatter): try formatter.write(record, batch, into: &text)
        case .nothing: break
        case .coordinator(let formatter): try formatter.write(record, batch, into: &text)
        case .pieces, .json, .jsonl, .csv, .yaml: try composeOther(record, batch, into: &text)
        }
    }

    private mutating func composeOther(
        _ record: RecordView, _ batch: borrowing ConsumedBatch, into text: inout ByteWriter
    ) throws(DefaultFormatter.Failure) {
        do throws(RecordError) {
            switch form {
            case .pieces(let format):
                try format.write(record, batch.records, batch.partition, times: pieceTimes, into: &text)
            case .json, .jsonl:
                json.clear()
                try RecordFormat.write(record, batch.records, batch.partition, into: &json)
                json.copy(into: &text)
                if form == .jsonl { text.append(literal: "\n") }
            case .csv: RecordRow.appendCSV(record, batch, into: &text)
            case .yaml:
                let row = RecordRow.value(record, batch)
                text.append(utf8: StructuredValue.rendered([row], as: .yaml, style: .plain))
            case .kafka, .logging, .nothing, .coordinator: break
            }
        } catch {
            throw DefaultFormatter.Failure(part: "record", reason: "\(error)")
        }
    }

    /// What a formatter that logs has to say about a record.
    func logLine(_ record: RecordView, _ batch: borrowing ConsumedBatch) -> String? {
        guard case .logging = form else { return nil }
        func text(_ range: Range<Int>) -> String { String(decoding: Array(batch.bytes(range)), as: UTF8.self) }
        let name = batch.header.timestampType == .logAppendTime ? "LogAppendTime" : "CreateTime"
        let time = batch.header.magic > 0 ? "\(name):\(record.timestamp), " : ""
        let key = record.key.map { text($0) + ", " } ?? "null "
        let value = record.value.map { text($0) } ?? "null"
        return "\(time)key:\(key)value:\(value)"
    }
}
