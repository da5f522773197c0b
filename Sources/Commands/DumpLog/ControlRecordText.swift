import Bytes
import KafkaProtocol
import KafkaRecords

/// A control record in Kafka's words, and as JSON.
struct ControlRecordText {
    let text: String
    let json: String

    init(_ record: RecordView, _ bytes: RawSpan) {
        let key = bytes.extracting(record.key ?? 0..<0)
        let value = bytes.extracting(record.value ?? 0..<0)
        do throws(RecordError) {
            let type = try ControlRecordType.parse(key: key)
            (text, json) = try Self.describe(type, key, value)
        } catch {
            text = " controlType: damaged"
            json = "{\"type\":null}"
        }
    }

    private static func describe(
        _ type: ControlRecordType?, _ key: RawSpan, _ value: RawSpan
    ) throws(RecordError) -> (String, String) {
        switch type {
        case .abort, .commit:
            guard let marker = try EndTransactionMarker(key: key, value: value) else { throw .invalidControlRecord }
            return (
                " endTxnMarker: \(marker.type.name) coordinatorEpoch: \(marker.coordinatorEpoch)",
                "{\"type\":\"\(marker.type.name)\",\"coordinatorEpoch\":\(marker.coordinatorEpoch)}"
            )
        case .leaderChange: return try message(" LeaderChange: ", "LEADER_CHANGE", value, LeaderChangeMessage.self)
        case .snapshotHeader:
            return try message(" SnapshotHeader ", "SNAPSHOT_HEADER", value, SnapshotHeaderRecord.self)
        case .snapshotFooter:
            return try message(" SnapshotFooter ", "SNAPSHOT_FOOTER", value, SnapshotFooterRecord.self)
        case .kraftVersion: return try message(" KRaftVersion ", "KRAFT_VERSION", value, KRaftVersionRecord.self)
        case .kraftVoters: return try message(" KRaftVoters ", "KRAFT_VOTERS", value, VotersRecord.self)
        case nil:
            let id = Int16(bigEndian: key.unsafeLoadUnaligned(fromByteOffset: 2, as: Int16.self))
            return (" controlType: UNKNOWN(\(id))", "{\"type\":\"UNKNOWN\",\"id\":\(id)}")
        }
    }

    /// The first field of each of these messages is the version it was written in.
    private static func message<Message: WireMessage>(
        _ label: String, _ name: String, _ value: RawSpan, _ type: Message.Type
    ) throws(RecordError) -> (String, String) {
        do throws(WireError) {
            var peek = ByteReader(value)
            let version = min(max(try peek.int16(), 0), Message.versions.upperBound)
            let json = try Message.decode(value, version: version).jsonDescription(version: version)
            return (label + json, "{\"type\":\"\(name)\",\"data\":\(json)}")
        } catch {
            throw .invalidControlRecord
        }
    }
}
