import Bytes
import KafkaClient
import KafkaModel
import KafkaRecords
import Testing

@testable import Commands

@Suite struct ReplicaComparisonTests {
    private let partition = TopicPartition("foo", 0)

    /// Batches of one record each, with these values, from an offset on.
    private func replica(_ values: [String], from first: Int64 = 5, highWatermark: Int64 = 100) -> ReplicaRecords {
        var bytes: [UInt8] = []
        for (number, value) in values.enumerated() { bytes += batch(value, at: first + Int64(number)) }
        return ReplicaRecords(highWatermark: highWatermark, records: bytes)
    }

    /// A header is all that is compared, so the batch holds nothing else; its checksum stands for its content.
    private func batch(_ value: String, at offset: Int64) -> [UInt8] {
        var writer = ByteWriter()
        writer.int64(offset)
        writer.int32(49)
        writer.int32(0)
        writer.integer(UInt8(2))
        writer.int32(value.utf8.reduce(0) { $0 &* 31 &+ Int32($1) })
        writer.int16(0)
        writer.int32(0)
        writer.int64(0)
        writer.int64(0)
        writer.int64(-1)
        writer.int16(-1)
        writer.int32(-1)
        writer.int32(1)
        return Array(writer.bytes)
    }

    private func compare(_ replicas: [Int32: ReplicaRecords]) -> (ReplicaComparison, [String]) {
        var comparison = ReplicaComparison(from: [partition: 5])
        let findings = comparison.compare([partition: replicas])
        return (comparison, findings.map(\.text))
    }

    @Test func `replicas that are the same move on together`() {
        let (comparison, findings) = compare([
            1: replica(["a", "b", "c"]), 2: replica(["a", "b"]), 3: replica(["a", "b", "c"]),
        ])
        #expect(findings == [])
        #expect(comparison.offsets[partition] == 7)
        #expect(comparison.worst.lag == 93 && comparison.worst.offset == 7)
    }

    @Test func `nothing beyond the high watermark is compared`() {
        let (comparison, findings) = compare([
            1: replica(["a", "x"], highWatermark: 6), 2: replica(["a", "y"], highWatermark: 6),
        ])
        #expect(findings == [] && comparison.offsets[partition] == 6 && comparison.worst.lag == 0)
    }

    @Test func `another content is told`() {
        let (comparison, findings) = compare([1: replica(["a"]), 2: replica(["b"])])
        #expect(
            findings == [
                "partition foo-0 has unmatched checksum at offset 5; replica 1's checksum 97; replica 2's checksum 98"
            ])
        #expect(comparison.offsets[partition] == 6)
    }

    @Test func `other offsets are the end`() {
        let (_, findings) = compare([1: replica(["a"]), 2: replica(["a"], from: 6)])
        #expect(findings == ["partition foo-0: replica 1's offset 5 doesn't match replica 2's offset 6"])
    }

    @Test func `what is no batch is told, and a part of one is waited for`() {
        let good = replica(["a", "b"])
        let cut = ReplicaRecords(highWatermark: 100, records: Array(good.records.dropLast(3)))
        #expect(compare([1: good, 2: cut]).1 == [])
        let nonsense = ReplicaRecords(highWatermark: 100, records: [UInt8](repeating: 0xff, count: 100))
        #expect(
            compare([1: good, 2: nonsense]).1.first?
                .hasPrefix("Error in processing replica 2 in partition foo-0 at offset 5: ") == true)
    }
}
