import Bytes
import KafkaRecords
import Metadata

/// Records of `__cluster_metadata`, which have no keys.
enum MetadataDecoder {
    static func decode(_ record: RecordView, _ bytes: RawSpan) -> DecodedRecord {
        guard let range = record.value else { return skipping(record, "the record has no value") }
        do throws(MetadataError) {
            let (message, version) = try MetadataRecord.decode(bytes.extracting(range))
            return DecodedRecord(key: nil, value: .json(message.jsonDescription(version: version)))
        } catch {
            return skipping(record, error.description)
        }
    }

    private static func skipping(_ record: RecordView, _ reason: String) -> DecodedRecord {
        DecodedRecord(key: nil, value: .text("Error at \(record.offset), skipping. \(reason)"))
    }
}
