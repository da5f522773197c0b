import Bytes
import KafkaProtocol
import KafkaRecords

/// Records of `__remote_log_metadata`, which have no keys; as text they are printed in the form of Kafka's classes.
enum RemoteLogDecoder {
    static func decode(_ record: RecordView, _ bytes: RawSpan) -> DecodedRecord {
        guard let range = record.value else { return skipping(record, "the record has no value") }
        do throws(WireError) {
            return DecodedRecord(key: nil, value: .text(try text(bytes.extracting(range))))
        } catch {
            return skipping(record, "the record cannot be decoded: \(error)")
        }
    }

    private static func skipping(_ record: RecordView, _ reason: String) -> DecodedRecord {
        DecodedRecord(key: nil, value: .text("Error at offset \(record.offset), skipping. \(reason)"))
    }

    /// The frame is that of the metadata log: its version, the record's type and version as unsigned varints.
    private static func text(_ bytes: RawSpan) throws(WireError) -> String {
        var reader = ByteReader(bytes)
        guard try reader.unsignedVarint() == 1 else { throw .unsupportedVersion }
        let type = try reader.unsignedVarint()
        guard let version = Int16(exactly: try reader.unsignedVarint()) else { throw .unsupportedVersion }
        let text: String
        switch UInt16(truncatingIfNeeded: type) {
        case RemoteLogSegmentMetadataRecord.recordType:
            text = describe(try RemoteLogSegmentMetadataRecord.decode(&reader, version: version))
        case RemoteLogSegmentMetadataUpdateRecord.recordType:
            text = describe(try RemoteLogSegmentMetadataUpdateRecord.decode(&reader, version: version))
        case RemotePartitionDeleteMetadataRecord.recordType:
            text = describe(try RemotePartitionDeleteMetadataRecord.decode(&reader, version: version))
        case RemoteLogSegmentMetadataSnapshotRecord.recordType:
            text = describe(try RemoteLogSegmentMetadataSnapshotRecord.decode(&reader, version: version))
        default: throw .invalidValue
        }
        guard reader.isAtEnd else { throw .trailingBytes }
        return text
    }

    private static func describe(_ record: RemoteLogSegmentMetadataRecord) -> String {
        let id = record.remoteLogSegmentId
        let epochs = record.segmentLeaderEpochs.map { ($0.leaderEpoch, $0.offset) }
        return "RemoteLogSegmentMetadata{remoteLogSegmentId=RemoteLogSegmentId{topicIdPartition="
            + "\(id.topicIdPartition.id):\(id.topicIdPartition.name)-\(id.topicIdPartition.partition), id=\(id.id)}, "
            + "startOffset=\(record.startOffset), endOffset=\(record.endOffset), brokerId=\(record.brokerId), "
            + "maxTimestampMs=\(record.maxTimestampMs), eventTimestampMs=\(record.eventTimestampMs), "
            + "segmentLeaderEpochs=\(map(epochs)), segmentSizeInBytes=\(record.segmentSizeInBytes), "
            + "customMetadata=\(custom(record.customMetadata)), state=\(segmentState(record.remoteLogSegmentState)), "
            + "txnIdxEmpty=\(record.txnIndexEmpty)}"
    }

    private static func describe(_ record: RemoteLogSegmentMetadataUpdateRecord) -> String {
        let id = record.remoteLogSegmentId
        return "RemoteLogSegmentMetadataUpdate{remoteLogSegmentId=RemoteLogSegmentId{topicIdPartition="
            + "\(id.topicIdPartition.id):\(id.topicIdPartition.name)-\(id.topicIdPartition.partition), id=\(id.id)}, "
            + "customMetadata=\(custom(record.customMetadata)), state=\(segmentState(record.remoteLogSegmentState)), "
            + "eventTimestampMs=\(record.eventTimestampMs), brokerId=\(record.brokerId)}"
    }

    private static func describe(_ record: RemotePartitionDeleteMetadataRecord) -> String {
        let partition = record.topicIdPartition
        return "RemotePartitionDeleteMetadata{topicPartition=\(partition.id):\(partition.name)-\(partition.partition), "
            + "state=\(name(record.remotePartitionDeleteState, partitionStates)), "
            + "eventTimestampMs=\(record.eventTimestampMs), brokerId=\(record.brokerId)}"
    }

    private static func describe(_ record: RemoteLogSegmentMetadataSnapshotRecord) -> String {
        let epochs = record.segmentLeaderEpochs.map { ($0.leaderEpoch, $0.offset) }
        return "RemoteLogSegmentMetadataSnapshot{segmentId=\(record.segmentId), startOffset=\(record.startOffset), "
            + "endOffset=\(record.endOffset), maxTimestampMs=\(record.maxTimestampMs), "
            + "segmentLeaderEpochs=\(map(epochs)), segmentSizeInBytes=\(record.segmentSizeInBytes), "
            + "customMetadata=\(custom(record.customMetadata)), state=\(segmentState(record.remoteLogSegmentState)), "
            + "txnIdxEmpty=\(record.txnIndexEmpty)}"
    }

    private static func map(_ epochs: [(Int32, Int64)]) -> String {
        "{" + epochs.map { "\($0.0)=\($0.1)" }.joined(separator: ", ") + "}"
    }

    private static func custom(_ metadata: [UInt8]?) -> String {
        metadata.map { "Optional[CustomMetadata{\($0.count) bytes}]" } ?? "Optional.empty"
    }

    private static func segmentState(_ state: Int8) -> String { name(state, segmentStates) }

    private static func name(_ state: Int8, _ names: [String]) -> String {
        names.indices.contains(Int(state)) ? names[Int(state)] : String(state)
    }

    private static let segmentStates = [
        "COPY_SEGMENT_STARTED", "COPY_SEGMENT_FINISHED", "DELETE_SEGMENT_STARTED", "DELETE_SEGMENT_FINISHED",
    ]
    private static let partitionStates = [
        "DELETE_PARTITION_MARKED", "DELETE_PARTITION_STARTED", "DELETE_PARTITION_FINISHED",
    ]
}
