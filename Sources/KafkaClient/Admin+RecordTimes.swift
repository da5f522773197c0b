import Bytes
public import KafkaModel
import KafkaProtocol
import KafkaRecords
public import Timing

/// When records were written.
extension Admin {
    /// What of each partition is read at first. A batch that is larger is asked for alone: then it comes whole.
    private static let batchBytes: Int32 = 64 << 10
    private static let partitionsAtOnce = 64

    /// The times of the first records at or behind offsets. A partition that cannot be read, or has no such record, or one
    /// without a time, is left out.
    public func recordTimes(
        at offsets: [TopicPartition: Int64]
    ) throws(ClientError) -> [TopicPartition: Timestamp] {
        guard !offsets.isEmpty else { return [:] }
        let topicIDs = Dictionary(
            try metadata(topics: Set(offsets.keys.map(\.topic)).sorted()).map { ($0.name, $0.id) },
            uniquingKeysWith: { first, _ in first })
        let results = try onLeaders(offsets.keys.sorted()) { (leader, own, _) throws(ClientError) in
            let positions = own.map {
                ReplicaPosition($0, topicID: topicIDs[$0.topic] ?? .zero, offset: offsets[$0] ?? 0)
            }
            var times: [TopicPartition: Result<Timestamp?, ClientError>] = [:]
            for start in stride(from: 0, to: positions.count, by: Self.partitionsAtOnce) {
                let part = Array(positions[start..<min(start + Self.partitionsAtOnce, positions.count)])
                let found = try fetchReplicas(of: leader, part, bytesMax: Self.batchBytes, waitMilliseconds: 0)
                for position in part {
                    var records = found[position.partition]
                    if records?.error == ErrorCode.none, records?.records.isEmpty == true {
                        records = try fetchReplicas(of: leader, [position], bytesMax: 1, waitMilliseconds: 0)[
                            position.partition]
                    }
                    let code = records?.error ?? .unknownServerError
                    times[position.partition] =
                        code == .none
                        ? .success(Self.time(of: position.offset, in: records?.records ?? []))
                        : .failure(refused(leader, .fetch, code))
                }
            }
            return times
        }
        var times: [TopicPartition: Timestamp] = [:]
        for (partition, result) in results { if case .success(let time?) = result { times[partition] = time } }
        return times
    }

    /// Nil where no record is found, or the bytes are none.
    static func time(of offset: Int64, in bytes: [UInt8]) -> Timestamp? {
        var scratch = ByteWriter()
        var rest = bytes.span.bytes
        do throws(RecordError) {
            while !rest.isEmpty {
                let header = try BatchHeader(rest)
                guard header.sizeInBytes <= rest.byteCount else { return nil }
                if !header.isControl, header.lastOffset >= offset {
                    var records = try RecordIterator(rest, scratch: &scratch)
                    while let record = try records.next() {
                        guard record.offset >= offset else { continue }
                        return record.timestamp < 0 ? nil : Timestamp(milliseconds: record.timestamp)
                    }
                }
                rest = rest.extracting(droppingFirst: header.sizeInBytes)
            }
            return nil
        } catch {
            return nil
        }
    }
}
