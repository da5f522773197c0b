import Bytes
import KafkaClient
import KafkaModel
import KafkaRecords

/// What the replicas of partitions hold, compared batch by batch. It knows no cluster and no clock: it is given what each
/// replica answered and tells what does not fit.
struct ReplicaComparison {
    /// How far the replicas were found to be the same.
    private(set) var offsets: [TopicPartition: Int64]
    /// The partition with the most records that were not compared yet.
    private(set) var worst: (partition: TopicPartition?, lag: Int64, offset: Int64) = (nil, -1, -1)

    enum Finding: Equatable {
        case offset(TopicPartition, replica: Int32, Int64, other: Int32, Int64)
        case checksum(TopicPartition, at: Int64, replica: Int32, UInt32, other: Int32, UInt32)
        /// A replica sent what are no batches.
        case damage(TopicPartition, replica: Int32, at: Int64, reason: String)

        /// Nothing behind it can be compared.
        var isFinal: Bool { if case .checksum = self { false } else { true } }

        var text: String {
            switch self {
            case .offset(let partition, let replica, let offset, let other, let otherOffset):
                "partition \(partition): replica \(replica)'s offset \(offset) doesn't match replica \(other)'s offset "
                    + "\(otherOffset)"
            case .checksum(let partition, let offset, let replica, let checksum, let other, let otherChecksum):
                "partition \(partition) has unmatched checksum at offset \(offset); replica \(replica)'s checksum "
                    + "\(checksum); replica \(other)'s checksum \(otherChecksum)"
            case .damage(let partition, let replica, let offset, let reason):
                "Error in processing replica \(replica) in partition \(partition) at offset \(offset): \(reason)"
            }
        }
    }

    private struct Batch {
        let lastOffset: Int64
        let checksum: UInt32
    }

    init(from offsets: [TopicPartition: Int64]) { self.offsets = offsets }

    /// Compares what each replica answered, as far as all of them have it below their high watermarks.
    mutating func compare(_ answers: [TopicPartition: [Int32: ReplicaRecords]]) -> [Finding] {
        worst = (nil, -1, -1)
        var findings: [Finding] = []
        for (partition, replicas) in answers.sorted(by: { $0.key < $1.key }) {
            findings += compare(partition, replicas)
            let highest = replicas.values.map(\.highWatermark).max() ?? -1
            let offset = offsets[partition] ?? 0
            let lag = highest.subtractingReportingOverflow(offset).partialValue
            if lag > worst.lag { worst = (partition, lag, offset) }
        }
        return findings
    }

    private mutating func compare(_ partition: TopicPartition, _ replicas: [Int32: ReplicaRecords]) -> [Finding] {
        let ids = replicas.keys.sorted()
        var lists: [[Batch]] = []
        for id in ids {
            guard let answer = replicas[id] else { continue }
            switch Self.batches(answer) {
            case .success(let batches): lists.append(batches)
            case .failure(let problem):
                return [.damage(partition, replica: id, at: offsets[partition] ?? 0, reason: problem.description)]
            }
        }
        var findings: [Finding] = []
        let common = lists.map(\.count).min() ?? 0
        for row in 0..<common {
            let first = lists[0][row]
            for (other, list) in zip(ids, lists).dropFirst() {
                let batch = list[row]
                guard batch.lastOffset == first.lastOffset else {
                    return findings
                        + [.offset(partition, replica: ids[0], first.lastOffset, other: other, batch.lastOffset)]
                }
                if batch.checksum != first.checksum {
                    findings.append(
                        .checksum(
                            partition, at: batch.lastOffset, replica: ids[0], first.checksum, other: other,
                            batch.checksum))
                }
            }
            offsets[partition] = first.lastOffset &+ 1
        }
        return findings
    }

    /// The whole batches below the high watermark.
    private static func batches(_ answer: ReplicaRecords) -> Result<[Batch], RecordError> {
        var found: [Batch] = []
        do throws(RecordError) {
            var cursor = BatchCursor(answer.records.span.bytes)
            while let batch = try cursor.next() {
                guard batch.header.lastOffset < answer.highWatermark else { break }
                found.append(Batch(lastOffset: batch.header.lastOffset, checksum: batch.header.crc))
            }
        } catch {
            return .failure(error)
        }
        return .success(found)
    }
}
