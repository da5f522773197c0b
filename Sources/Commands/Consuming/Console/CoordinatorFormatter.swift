import Bytes
import CommandLine
import KafkaClient
import KafkaProtocol
import KafkaRecords

/// Kafka's formatters for the records that its coordinators keep in internal topics: one JSON object a record, and no line
/// end behind it.
enum CoordinatorFormatter: Equatable {
    case offsets, groupMetadata, shareGroups, transactionLog, shareGroupState

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
        case "org.apache.kafka.tools.consumer.ShareGroupMessageFormatter": self = .shareGroups
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
        case .offsets, .groupMetadata, .shareGroups: .groups
        case .transactionLog: .transactions
        case .shareGroupState: .shares
        }
    }

    /// Offsets are records 0 and 1 of the groups; of the rest Kafka's formatters show the metadata of classic groups, and
    /// what is about share groups.
    private func shows(_ type: Int16) -> Bool {
        switch self {
        case .offsets: type == 0 || type == 1
        case .groupMetadata: type == GroupMetadataKey.recordType
        case .shareGroups: (10...15).contains(type)
        case .transactionLog, .shareGroupState: true
        }
    }

    /// Appends the record, or nothing where it is none of this kind.
    func write(
        _ record: RecordView, _ batch: borrowing ConsumedBatch, into text: inout ByteWriter
    ) throws(DefaultFormatter.Failure) {
        guard let key = record.key else { return }
        do throws(WireError) {
            if let range = record.value {
                text.append(utf8: try json(batch.bytes(key), batch.bytes(range)) ?? "")
            } else {
                text.append(utf8: try json(batch.bytes(key), nil) ?? "")
            }
        } catch {
            throw DefaultFormatter.Failure(part: "record", reason: "\(error)")
        }
    }

    /// Where tagged members have their places.
    private var style: JSONStyle? {
        switch self {
        case .offsets, .groupMetadata, .shareGroups: nil
        case .transactionLog: Self.transactionStyle
        case .shareGroupState: CoordinatorDecoder.shareStyle
        }
    }

    private static let transactionStyle = JSONStyle(order: CoordinatorDecoder.transactionMembers)

    /// Nil for a record of another kind.
    func json(_ key: RawSpan, _ value: RawSpan?) throws(WireError) -> String? {
        guard key.byteCount >= 2 else { return nil }
        let type = Int16(bigEndian: key.unsafeLoadUnaligned(fromByteOffset: 0, as: Int16.self))
        guard shows(type), let kind = records.kind(type) else { return nil }
        return try json(kind, key, value)
    }

    private func json<Key: CoordinatorKey>(
        _ kind: Key.Type, _ keyBytes: RawSpan, _ valueBytes: RawSpan?
    ) throws(WireError) -> String {
        let key = try Key.decodeFramed(keyBytes).jsonDescription(version: Key.versions.upperBound)
        let json = "{\"key\":{\"type\":\(Key.recordType),\"data\":\(key)},\"value\":"
        guard let valueBytes else { return json + "null}" }
        let (value, version) = try Key.Value.decodeVersioned(valueBytes)
        return json + "{\"version\":\(version),\"data\":\(value.jsonDescription(version: version, style: style))}}"
    }
}
