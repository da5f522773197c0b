import Bytes
import CommandLine
import KafkaClient
import KafkaModel
import KafkaRecords

/// A record as a row of data.
enum RecordRow {
    /// The members that JSON has too. Bytes that are no UTF-8 come in base64, in members named so.
    static func value(_ record: RecordView, _ batch: borrowing ConsumedBatch) -> StructuredValue {
        let numbers: [(String, Int64)] = [
            ("partition", Int64(batch.partition.partition)), ("offset", record.offset), ("timestamp", record.timestamp),
        ]
        var members = [StructuredValue.Member("topic", StructuredValue.string(batch.partition.topic))]
        for (name, number) in numbers { members.append(StructuredValue.Member(name, .int(number))) }
        members.append(StructuredValue.Member("timestampType", .string(timestampType(batch))))
        members.append(member("key", record.key, batch))
        members.append(member("value", record.value, batch))
        members.append(StructuredValue.Member("headers", .list(headers(record, batch))))
        return .object(members)
    }

    private static func headers(_ record: RecordView, _ batch: borrowing ConsumedBatch) -> [StructuredValue] {
        var headers: [StructuredValue] = []
        for header in batch.headers(of: record) {
            headers.append(.object([member("key", header.key, batch), member("value", header.value, batch)]))
        }
        return headers
    }

    private static func timestampType(_ batch: borrowing ConsumedBatch) -> String {
        batch.header.timestampType == .logAppendTime ? "LogAppendTime" : "CreateTime"
    }

    private static func member(
        _ name: String, _ range: Range<Int>?, _ batch: borrowing ConsumedBatch
    ) -> StructuredValue.Member {
        guard let range else { return StructuredValue.Member(name, .null) }
        let content = batch.bytes(range)
        if let text = validText(content) { return StructuredValue.Member(name, .string(text)) }
        return StructuredValue.Member(name + "Base64", .string(base64(content)))
    }

    private static func validText(_ content: RawSpan) -> String? {
        do throws(WireError) {
            return try String(validating: content)
        } catch {
            return nil
        }
    }

    private static func base64(_ content: RawSpan) -> String {
        var text = ByteWriter()
        text.append(base64: content)
        return String(decoding: Array(text.bytes), as: UTF8.self)
    }

    /// As `RecordWriter.csvHeading` names the columns. Null is empty, an empty text `""`.
    static func appendCSV(_ record: RecordView, _ batch: borrowing ConsumedBatch, into text: inout ByteWriter) {
        append(batch.partition.topic, to: &text)
        for number in [Int64(batch.partition.partition), record.offset, record.timestamp] {
            text.integer(UInt8(ascii: ","))
            text.append(decimal: number)
        }
        text.integer(UInt8(ascii: ","))
        text.append(utf8: timestampType(batch))
        for range in [record.key, record.value] { appendCSV(range, batch, into: &text) }
        text.integer(UInt8(ascii: ","))
        if record.headerCount > 0 { append(StructuredValue.list(headers(record, batch)).json, to: &text) }
        text.integer(UInt8(ascii: "\n"))
    }

    private static func appendCSV(
        _ range: Range<Int>?, _ batch: borrowing ConsumedBatch, into text: inout ByteWriter
    ) {
        text.integer(UInt8(ascii: ","))
        guard let range else { return text.integer(UInt8(ascii: ",")) }
        let content = batch.bytes(range)
        if let plain = validText(content) {
            append(plain, to: &text)
            text.integer(UInt8(ascii: ","))
        } else {
            text.integer(UInt8(ascii: ","))
            text.append(base64: content)
        }
    }

    private static func append(_ field: String, to text: inout ByteWriter) {
        guard field.isEmpty || field.utf8.contains(where: { [0x22, 0x2c, 0x0a, 0x0d].contains($0) }) else {
            return text.append(utf8: field)
        }
        text.integer(UInt8(ascii: "\""))
        for byte in field.utf8 {
            if byte == UInt8(ascii: "\"") { text.integer(byte) }
            text.integer(byte)
        }
        text.integer(UInt8(ascii: "\""))
    }
}
