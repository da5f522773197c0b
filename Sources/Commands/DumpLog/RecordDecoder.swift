import Bytes
import KafkaProtocol
import KafkaRecords

/// What turns the keys and values of records into text.
enum RecordDecoder: Sendable {
    case plain(key: PlainDecoder, value: PlainDecoder)
    case coordinator(CoordinatorDecoder)
    case clusterMetadata
    case remoteLogMetadata

    func decode(_ record: RecordView, _ bytes: RawSpan) -> DecodedRecord {
        switch self {
        case .plain(let keys, let values):
            DecodedRecord(
                key: record.key.map { .text(keys.text(bytes.extracting($0))) },
                value: record.value.map { .text(values.text(bytes.extracting($0))) })
        case .coordinator(let decoder): decoder.decode(record, bytes)
        case .clusterMetadata: MetadataDecoder.decode(record, bytes)
        case .remoteLogMetadata: RemoteLogDecoder.decode(record, bytes)
        }
    }
}

/// A record in words.
struct DecodedRecord {
    enum Part {
        case text(String)
        case json(String)
        /// A tombstone, where its value is not simply missing.
        case deleted

        var text: String {
            switch self {
            case .text(let text), .json(let text): text
            case .deleted: "<DELETE>"
            }
        }
    }

    var key: Part?
    var value: Part?
}
