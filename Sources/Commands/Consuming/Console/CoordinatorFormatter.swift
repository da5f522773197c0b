import Bytes
import CommandLine
import KafkaClient
import KafkaProtocol
import KafkaRecords

/// Kafka's formatters for the records that its coordinators keep in internal topics: one JSON object a record, and no line
/// end behind it.
enum CoordinatorFormatter: Equatable {
    case offsets, groupMetadata, transactionLog, shareGroupState

    /// The classes that Kafka has had for them.
    init?(className: String) {
        switch className {
        case "org.apache.kafka.tools.consumer.OffsetsMessageFormatter",
            "kafka.coordinator.group.GroupMetadataManager$OffsetsMessageFormatter",
            "kafka.coordinator.group.OffsetsMessageFormatter":
            self = .offsets
        case "org.apache.kafka.tools.consumer.GroupMetadataMessageFormatter",
            "kafka.coordinator.group.GroupMetadataManager$GroupMetadataMessageFormatter",
            "kafka.coordinator.group.GroupMetadataMessageFormatter":
            self = .groupMetadata
        case "org.apache.kafka.tools.consumer.TransactionLogMessageFormatter",
            "kafka.coordinator.transaction.TransactionLog$TransactionLogMessageFormatter":
            self = .transactionLog
        case "org.apache.kafka.tools.consumer.group.share.ShareGroupStateMessageFormatter",
            "org.apache.kafka.tools.consumer.ShareGroupStateMessageFormatter":
            self = .shareGroupState
        default: return nil
        }
    }

    private var records: CoordinatorRecords {
        switch self {
        case .offsets, .groupMetadata: .groups
        case .transactionLog: .transactions
        case .shareGroupState: .shares
        }
    }

    /// Offsets are records 0 and 1 of the groups; the rest is about the groups themselves.
    private func shows(_ type: Int16) -> Bool {
        switch self {
        case .offsets: type == 0 || type == 1
        case .groupMetadata: type >= 2
        case .transactionLog, .shareGroupState: true
        }
    }

    /// Appends the record, or nothing where it is none of this kind.
    func write(
        _ record: RecordView, _ batch: borrowing ConsumedBatch, into text: inout ByteWriter
    ) throws(DefaultFormatter.Failure) {
        guard let range = record.key else { return }
        let key = batch.bytes(range)
        guard key.byteCount >= 2 else { return }
        let type = Int16(bigEndian: key.unsafeLoadUnaligned(fromByteOffset: 0, as: Int16.self))
        guard shows(type), let kind = records.kind(type) else { return }
        do throws(WireError) {
            try write(kind, key, record, batch, into: &text)
        } catch {
            throw DefaultFormatter.Failure(part: "record", reason: "\(error)")
        }
    }

    private func write<Key: CoordinatorKey>(
        _ kind: Key.Type, _ keyBytes: RawSpan, _ record: RecordView, _ batch: borrowing ConsumedBatch,
        into text: inout ByteWriter
    ) throws(WireError) {
        let key = try Key.decodeFramed(keyBytes)
        let keyJSON = key.jsonDescription(version: Key.versions.upperBound)
        var json = "{\"key\":{\"type\":\(Key.recordType),\"data\":\(keyJSON)},\"value\":"
        if let range = record.value {
            let (value, version) = try Key.Value.decodeVersioned(batch.bytes(range))
            json += "{\"version\":\(version),\"data\":\(value.jsonDescription(version: version))}}"
        } else {
            json += "null}"
        }
        text.append(utf8: json)
    }
}
