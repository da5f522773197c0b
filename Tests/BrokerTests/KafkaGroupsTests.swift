import Coordination
import GroupCoordinator
import KafkaModel
import KafkaProtocol
import Posix
import TestSupport
import Testing

@testable import Broker

/// The groups of a data directory that Kafka 3.9 wrote (see Fixtures/ORIGIN).
struct KafkaGroupsTests {
    let directory = TemporaryDirectory()

    init() throws {
        let archive = #filePath.dropLast("KafkaGroupsTests.swift".count) + "Fixtures/kafka-3.9-node.tar.xz"
        try run("tar", "-C", directory.path, "-xJf", String(archive))
        try Disk.real.rename(directory.file("kraft"), to: directory.file("data"))
    }

    @Test func `groups that Kafka kept go on from their offsets`() throws {
        let server = try TestBroker(["log.retention.ms": "-1"], in: directory, unformatted: .refuse)
        let client = try server.client()
        var request = OffsetFetchRequest()
        request.groupId = "billing"
        request.topics = nil
        try eventually("the groups are loaded") { try client.call(request, version: 7).errorCode == 0 }
        let offsets = try client.call(request, version: 7).topics.flatMap { topic in
            topic.partitions.map {
                "\(topic.name)-\($0.partitionIndex) \($0.committedOffset) \($0.committedLeaderEpoch)"
            }
        }
        #expect(offsets == ["orders-1 512 2", "orders-2 600 2", "payments-0 120 2"])
        var describing = DescribeGroupsRequest()
        describing.groups = ["billing"]
        let described = try client.call(describing).groups[0]
        #expect(described.errorCode == 0)
        #expect(described.groupState == "Empty")
        #expect(described.protocolType == "consumer")
    }

    /// Monitoring tools read the topic, so the bytes are Kafka's.
    @Test func `what is loaded would be written in the same bytes`() throws {
        let server = try TestBroker(["log.retention.ms": "-1"], in: directory, unformatted: .refuse)
        let client = try server.client()
        let records = try client.seen(client.fetch("__consumer_offsets", partition: 1))
        #expect(records.count == 10)
        for record in records {
            let key = try #require(record.key)
            let value = try #require(record.value)
            let written: CoordinatorRecordBytes
            switch key[1] {
            case 1:
                let read = try OffsetCommitValue.decodeVersioned(value.span.bytes)
                let name = try OffsetCommitKey.decodeFramed(key.span.bytes)
                written = .init(name.framed, read.value.framed(version: read.version))
                #expect(read.version == 3)
            case 2:
                let read = try GroupMetadataValue.decodeVersioned(value.span.bytes)
                let name = try GroupMetadataKey.decodeFramed(key.span.bytes)
                let group = ClassicGroup(id: name.group, loading: read.value, version: read.version)
                written = .init(group.record.key, try #require(group.record.value))
            default:
                Issue.record("a record of kind \(key[1])")
                continue
            }
            #expect(written == .init(key, value))
        }
    }

    private struct CoordinatorRecordBytes: Equatable {
        let key: [UInt8]
        let value: [UInt8]

        init(_ key: [UInt8], _ value: [UInt8]) {
            self.key = key
            self.value = value
        }
    }
}
