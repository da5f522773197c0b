import Bytes
import CommandLine
import Compression
import KafkaRecords

/// One line or row a batch.
extension DumpRun {
    mutating func writeBatch(_ header: BatchHeader, _ position: Int, isValid: Bool) {
        if sink.isText {
            Self.append(header, position, isValid: isValid, to: &sink.output.text)
            sink.output.endLine()
        } else {
            sink.beginRow("batch")
            Self.append(header, position, isValid: isValid, to: &sink.json)
            sink.endRow()
        }
    }

    /// Kafka's line.
    static func append(_ header: BatchHeader, _ position: Int, isValid: Bool, to text: inout ByteWriter) {
        if header.magic >= 2 {
            text.append(literal: "baseOffset: ")
            text.append(decimal: header.baseOffset)
            text.append(literal: " lastOffset: ")
            text.append(decimal: header.lastOffset)
            text.append(literal: " count: ")
            text.append(decimal: header.recordCount)
            text.append(literal: " baseSequence: ")
            text.append(decimal: header.baseSequence)
            text.append(literal: " lastSequence: ")
            text.append(decimal: header.lastSequence)
            text.append(literal: " producerId: ")
            text.append(decimal: header.producerID)
            text.append(literal: " producerEpoch: ")
            text.append(decimal: header.producerEpoch)
            text.append(literal: " partitionLeaderEpoch: ")
            text.append(decimal: header.partitionLeaderEpoch)
            text.append(literal: " isTransactional: ")
            text.append(header.isTransactional)
            text.append(literal: " isControl: ")
            text.append(header.isControl)
            text.append(literal: " deleteHorizonMs: OptionalLong")
            if let horizon = header.deleteHorizon {
                text.append(literal: "[")
                text.append(decimal: horizon)
                text.append(literal: "]")
            } else {
                text.append(literal: ".empty")
            }
        } else {
            text.append(literal: "offset: ")
            text.append(decimal: header.lastOffset)
        }
        text.append(literal: " position: ")
        text.append(decimal: position)
        text.append(literal: " ")
        text.append(literal: timestampName(header))
        text.append(literal: ": ")
        text.append(decimal: header.maxTimestamp)
        text.append(literal: " size: ")
        text.append(decimal: header.sizeInBytes)
        text.append(literal: " magic: ")
        text.append(decimal: header.magic)
        text.append(literal: " compresscodec: ")
        text.append(utf8: codecName(header))
        text.append(literal: " crc: ")
        text.append(decimal: header.crc)
        text.append(literal: " isvalid: ")
        text.append(isValid)
    }

    /// The members of a row.
    static func append(_ header: BatchHeader, _ position: Int, isValid: Bool, to json: inout JSONText) {
        func put(_ name: StaticString, _ value: Int64, _ json: inout JSONText) {
            json.key(name)
            json.value(value)
        }
        if header.magic >= 2 {
            put("baseOffset", header.baseOffset, &json)
            put("lastOffset", header.lastOffset, &json)
            put("count", Int64(header.recordCount), &json)
            put("baseSequence", Int64(header.baseSequence), &json)
            put("lastSequence", Int64(header.lastSequence), &json)
            put("producerId", header.producerID, &json)
            put("producerEpoch", Int64(header.producerEpoch), &json)
            put("partitionLeaderEpoch", Int64(header.partitionLeaderEpoch), &json)
            json.key("isTransactional")
            json.value(header.isTransactional)
            json.key("isControl")
            json.value(header.isControl)
            json.key("deleteHorizonMs")
            if let horizon = header.deleteHorizon { json.value(horizon) } else { json.null() }
        } else {
            put("lastOffset", header.lastOffset, &json)
        }
        put("position", Int64(position), &json)
        json.key("timestampType")
        json.value(timestampName(header))
        put("maxTimestamp", header.maxTimestamp, &json)
        put("size", Int64(header.sizeInBytes), &json)
        put("magic", Int64(header.magic), &json)
        json.key("compression")
        json.value(codecName(header))
        put("crc", Int64(header.crc), &json)
        json.key("isValid")
        json.value(isValid)
    }

    static func timestampName(_ header: BatchHeader) -> StaticString {
        if header.magic == 0 { return "NoTimestampType" }
        return header.timestampType == .logAppendTime ? "LogAppendTime" : "CreateTime"
    }

    static func codecName(_ header: BatchHeader) -> String {
        header.compression?.name ?? "unknown(\(header.compressionID))"
    }
}
