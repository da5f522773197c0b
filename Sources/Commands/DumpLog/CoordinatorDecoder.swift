import Bytes
import KafkaProtocol
import KafkaRecords

/// Records of `__consumer_offsets`, `__transaction_state` and `__share_group_state`.
struct CoordinatorDecoder: Sendable {
    private let records: CoordinatorRecords
    private let style: JSONStyle?

    static let groups = CoordinatorDecoder(records: .groups, style: nil)
    static let transactions = CoordinatorDecoder(records: .transactions, style: transactionStyle)
    static let shares = CoordinatorDecoder(records: .shares, style: shareStyle)

    func decode(_ record: RecordView, _ bytes: RawSpan) -> DecodedRecord {
        guard let key = record.key else { return skipping(record, "the record has no key") }
        let keyBytes = bytes.extracting(key)
        guard keyBytes.byteCount >= 2 else { return skipping(record, "the key has no type") }
        let type = Int16(bigEndian: keyBytes.unsafeLoadUnaligned(fromByteOffset: 0, as: Int16.self))
        guard let kind = records.kind(type) else {
            return DecodedRecord(
                key: .text("Unknown record type \(type) at offset \(record.offset), skipping."), value: nil)
        }
        do throws(WireError) {
            return try decode(kind, keyBytes, record, bytes)
        } catch {
            return skipping(record, "the record cannot be decoded: \(error)")
        }
    }

    private func skipping(_ record: RecordView, _ reason: String) -> DecodedRecord {
        DecodedRecord(key: .text("Error at offset \(record.offset), skipping. \(reason)"), value: nil)
    }

    private func decode<Key: CoordinatorKey>(
        _ kind: Key.Type, _ keyBytes: RawSpan, _ record: RecordView, _ bytes: RawSpan
    ) throws(WireError) -> DecodedRecord {
        let key = try Key.decodeFramed(keyBytes)
        let json = "{\"type\":\"\(Key.recordType)\",\"data\":\(key.jsonDescription(version: Key.versions.upperBound))}"
        guard let range = record.value else { return DecodedRecord(key: .json(json), value: .deleted) }
        let (value, version) = try Key.Value.decodeVersioned(bytes.extracting(range))
        var style = style
        if let group = value as? GroupMetadataValue, group.protocolType == ConsumerProtocol.type {
            style = ConsumerProtocol.style
        }
        let data = value.jsonDescription(version: version, style: style)
        return DecodedRecord(key: .json(json), value: .json("{\"version\":\"\(version)\",\"data\":\(data)}"))
    }

    /// The state by its name, and tagged members where Kafka's text has them.
    private static let transactionStyle = JSONStyle(order: transactionMembers) { member, leaf in
        guard member == "transactionStatus", case .int8(let status) = leaf else { return nil }
        return transactionStates.indices.contains(Int(status))
            ? "\"\(transactionStates[Int(status)])\"" : "\"\(status)\""
    }

    /// In the order in which Kafka's text has them.
    static let transactionMembers = [
        "producerId", "previousProducerId", "nextProducerId", "producerEpoch", "nextProducerEpoch",
        "transactionTimeoutMs", "transactionStatus", "transactionPartitions", "transactionLastUpdateTimestampMs",
        "transactionStartTimestampMs", "clientTransactionVersion",
    ]

    private static let transactionStates = [
        "Empty", "Ongoing", "PrepareCommit", "PrepareAbort", "CompleteCommit", "CompleteAbort", "Dead",
        "PrepareEpochFence",
    ]

    static let shareStyle = JSONStyle(order: [
        "snapshotEpoch", "stateEpoch", "leaderEpoch", "startOffset", "deliveryCompleteCount", "createTimestamp",
        "writeTimestamp", "stateBatches",
    ])
}

/// What the members of a classic group of consumers say to each other inside the records of the group.
private enum ConsumerProtocol {
    static let type = "consumer"

    static let style = JSONStyle { member, leaf in
        guard case .bytes(let bytes) = leaf else { return nil }
        switch member {
        case "subscription": return json(bytes, ConsumerProtocolSubscription.self)
        case "assignment": return json(bytes, ConsumerProtocolAssignment.self)
        default: return nil
        }
    }

    /// Nil when the bytes are something else. A version that is not known begins as the last that is.
    private static func json<Message: WireMessage>(_ bytes: [UInt8], _ type: Message.Type) -> String? {
        do throws(WireError) {
            var reader = ByteReader(bytes.span.bytes)
            let version = min(try reader.int16(), Message.versions.upperBound)
            return try Message.decode(&reader, version: version).jsonDescription(version: version)
        } catch {
            return nil
        }
    }
}
