import Bytes
import CommandLine
import KafkaModel
import KafkaRecords

/// How `log cat` prints a record as text: pieces in the order they come.
struct RecordFormat: Equatable {
    enum Piece: Equatable {
        case literal([UInt8])
        case topic, partition, offset, timestamp, key, value, headers, keySize, valueSize, epoch, timestampType
    }

    let pieces: [Piece]
    /// What stands for null.
    let null: [UInt8]

    init(pieces: [Piece], null: [UInt8] = Array("null".utf8)) {
        self.pieces = pieces
        self.null = null
    }

    /// Reads a format as kcat has it: `%` and a letter, and escapes with a backslash. What has a letter has a name too,
    /// `{key}`; other braces stand for themselves.
    init(_ text: String, null: [UInt8] = Array("null".utf8)) throws(UsageError) {
        var pieces: [Piece] = []
        var literal: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let letter = rest.popFirst() else { throw UsageError("--format ends with %") }
                guard letter != UInt8(ascii: "%") else {
                    literal.append(letter)
                    continue
                }
                guard let piece = Self.piece(letter) else {
                    throw UsageError(
                        "--format has an unknown letter: %\(Character(Unicode.Scalar(letter)))",
                        hint: "It may be \(Self.letters).")
                }
                if !literal.isEmpty { pieces.append(.literal(literal)) }
                literal = []
                pieces.append(piece)
            case UInt8(ascii: "\\"): literal.append(try Self.escape(&rest))
            case UInt8(ascii: "{"):
                guard let (piece, length) = Self.named(rest) else {
                    literal.append(byte)
                    continue
                }
                rest.removeFirst(length)
                if !literal.isEmpty { pieces.append(.literal(literal)) }
                literal = []
                pieces.append(piece)
            default: literal.append(byte)
            }
        }
        if !literal.isEmpty { pieces.append(.literal(literal)) }
        self.init(pieces: pieces, null: null)
    }

    /// For help and complaints.
    static let letters =
        "%t topic, %p partition, %o offset, %T timestamp, %k key, %v or %s value, %h headers, %K size of the key, %V or "
        + "%S size of the value, %% a percent sign"
    static let help =
        letters + "; the same in braces: {topic}, {partition}, {offset}, {timestamp}, {timestampType}, {key}, {value}, "
        + "{headers}, {keySize}, {valueSize}, {epoch}; \\n \\t \\r \\0 \\xHH \\\\"

    /// A text with escapes, such as a separator.
    static func bytes(_ text: String) throws(UsageError) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() { bytes.append(byte == UInt8(ascii: "\\") ? try escape(&rest) : byte) }
        return bytes
    }

    private static func piece(_ letter: UInt8) -> Piece? {
        switch letter {
        case UInt8(ascii: "t"): .topic
        case UInt8(ascii: "p"): .partition
        case UInt8(ascii: "o"): .offset
        case UInt8(ascii: "T"): .timestamp
        case UInt8(ascii: "k"): .key
        // kcat calls the value payload, %s.
        case UInt8(ascii: "v"), UInt8(ascii: "s"): .value
        case UInt8(ascii: "h"): .headers
        case UInt8(ascii: "K"): .keySize
        case UInt8(ascii: "V"), UInt8(ascii: "S"): .valueSize
        default: nil
        }
    }

    /// The piece whose name stands here in front of a closing brace.
    private static func named(_ rest: ArraySlice<UInt8>) -> (Piece, length: Int)? {
        guard let end = rest.prefix(nameBytesMax + 1).firstIndex(of: UInt8(ascii: "}")) else { return nil }
        let piece: Piece? =
            switch String(decoding: rest[rest.startIndex..<end], as: UTF8.self) {
            case "topic": .topic
            case "partition": .partition
            case "offset": .offset
            case "timestamp": .timestamp
            case "timestampType": .timestampType
            case "key": .key
            case "value": .value
            case "headers": .headers
            case "keySize": .keySize
            case "valueSize": .valueSize
            case "epoch": .epoch
            default: nil
            }
        return piece.map { ($0, end - rest.startIndex + 1) }
    }

    private static let nameBytesMax = 16

    private static func escape(_ rest: inout ArraySlice<UInt8>) throws(UsageError) -> UInt8 {
        switch rest.popFirst() {
        case UInt8(ascii: "n"): return 10
        case UInt8(ascii: "t"): return 9
        case UInt8(ascii: "r"): return 13
        case UInt8(ascii: "0"): return 0
        case UInt8(ascii: "\\"): return UInt8(ascii: "\\")
        case UInt8(ascii: "x"):
            let digits = rest.prefix(2)
            guard digits.count == 2, let byte = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) else {
                throw UsageError("\\x needs two hexadecimal digits")
            }
            rest.removeFirst(2)
            return byte
        case let other?: return other
        case nil: throw UsageError("a text ends with a backslash")
        }
    }

    func write(
        _ record: RecordView, _ records: borrowing RecordIterator, _ partition: TopicPartition,
        times: TimeForm? = nil, into text: inout ByteWriter
    ) throws(RecordError) {
        for piece in pieces {
            switch piece {
            case .literal(let bytes): text.append(bytes)
            case .topic: text.append(utf8: partition.topic)
            case .partition: text.append(decimal: partition.partition)
            case .offset: text.append(decimal: record.offset)
            case .timestamp: (times ?? .milliseconds).append(record.timestamp, to: &text)
            case .timestampType:
                text.append(utf8: records.header.timestampType == .logAppendTime ? "LogAppendTime" : "CreateTime")
            case .epoch: text.append(decimal: records.header.partitionLeaderEpoch)
            case .key: if let key = record.key { text.append(records.bytes(key)) } else { text.append(null) }
            case .value: if let value = record.value { text.append(records.bytes(value)) } else { text.append(null) }
            case .keySize: text.append(decimal: record.key?.count ?? -1)
            case .valueSize: text.append(decimal: record.value?.count ?? -1)
            case .headers:
                guard record.headerCount > 0 else { continue }
                for (number, header) in try records.headers(of: record).enumerated() {
                    if number > 0 { text.integer(UInt8(ascii: ",")) }
                    text.append(records.bytes(header.key))
                    text.integer(UInt8(ascii: "="))
                    if let value = header.value { text.append(records.bytes(value)) } else { text.append(null) }
                }
            }
        }
    }

    /// The record as an object of JSON. Bytes that are no UTF-8 come in base64, in members named so.
    static func write(
        _ record: RecordView, _ records: borrowing RecordIterator, _ partition: TopicPartition,
        into json: inout JSONText
    ) throws(RecordError) {
        json.beginObject()
        json.key("topic")
        json.value(partition.topic)
        json.key("partition")
        json.value(partition.partition)
        json.key("offset")
        json.value(record.offset)
        json.key("timestamp")
        json.value(record.timestamp)
        json.key("timestampType")
        json.value(records.header.timestampType == .logAppendTime ? "LogAppendTime" : "CreateTime")
        if let key = record.key {
            json.member("key", records.bytes(key))
        } else {
            json.key("key")
            json.null()
        }
        if let value = record.value {
            json.member("value", records.bytes(value))
        } else {
            json.key("value")
            json.null()
        }
        json.key("headers")
        json.beginArray()
        for header in record.headerCount > 0 ? try records.headers(of: record) : [] {
            json.beginObject()
            json.member("key", records.bytes(header.key))
            if let value = header.value {
                json.member("value", records.bytes(value))
            } else {
                json.key("value")
                json.null()
            }
            json.endObject()
        }
        json.endArray()
        json.endObject()
    }
}
