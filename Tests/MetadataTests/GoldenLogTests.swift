import Bytes
import KafkaModel
import KafkaProtocol
import KafkaRecords
import Posix
import TestSupport
import Testing

@testable import Metadata

/// The metadata log of Kafka 3.9, read and written again.
struct GoldenLogTests {
    private func image() throws -> ClusterImage {
        try EmbeddedStore.read(logDirectory: Fixture.directory, clusterID: Fixture.clusterID)
    }

    @Test func `the topics of Kafka's directory are there with ids, settings and partitions`() throws {
        let image = try image()
        #expect(
            image.topicNames == [
                "__consumer_offsets", "__transaction_state", "audit", "mix", "orders", "payments", "users",
            ])
        #expect(image.partitionCount == 15)
        let orders = try #require(image.topic("orders"))
        #expect(orders.id == UUID("WUj65dGUSH-2ltNh1Mu9tA"))
        #expect(orders.partitions.count == 3)
        #expect(image.topic(id: orders.id)?.name == "orders")
        #expect(image.config(.topic("orders")) == ["segment.bytes": "20000", "index.interval.bytes": "1024"])
        #expect(image.config(.topic("audit")) == ["message.timestamp.type": "LogAppendTime"])
        #expect(image.config(.topic("mix")).isEmpty)

        // Lost its leader at each of two clean stops and got it back once.
        let partition = try #require(image.partition(TopicPartition("orders", 2)))
        #expect(partition.replicas == [BrokerID(1)])
        #expect(partition.isr == [BrokerID(1)])
        #expect(partition.leader == .none)
        #expect(partition.leaderEpoch == 3)
        #expect(partition.partitionEpoch == 3)
        #expect(partition.directories == [try #require(UUID("xUDxGDfAU1JNEE-24h6udw"))])
    }

    @Test func `brokers, controllers, features and producer ids are there`() throws {
        let image = try image()
        #expect(image.controllerID == BrokerID(1))
        #expect(image.features == ["metadata.version": 21])
        #expect(image.metadataVersion.description == "3.9-IV0")
        #expect(image.nextProducerID == 2000)
        #expect(image.offset == 197)
        #expect(image.epoch == 2)
        let broker = try #require(image.brokers[BrokerID(1)])
        #expect(broker.epoch == 114)
        #expect(broker.isFenced)
        #expect(broker.isShuttingDown)
        #expect(broker.endpoint(listener: "PLAINTEXT")?.port == 9392)
        #expect(broker.features["metadata.version"] == 1...21)
        #expect(image.controllers[BrokerID(1)]?.endPoints.first?.port == 9393)
    }

    @Test func `every record of Kafka's log is encoded again to the same bytes in the same version`() throws {
        var count = 0
        let end = try BatchFile(Fixture.log, disk: .real).forEachBatch { batch, header, _ throws(MetadataError) in
            guard !header.isControl else { return }
            var scratch = ByteWriter()
            do {
                var records = try RecordIterator(batch, scratch: &scratch)
                while let view = try records.next() {
                    let value = try #require(view.value)
                    let (record, version) = try MetadataRecord.decode(records.bytes(value))
                    var writer = ByteWriter()
                    record.encode(into: &writer, version: version)
                    #expect(Array(writer.bytes) == Array(records.bytes(value)))
                    #expect(record.version(under: .formatted) == version)
                    count += 1
                }
            } catch {
                Issue.record(error)
            }
        }
        #expect(end == .clean)
        #expect(count == 196)
    }

    @Test func `every batch of Kafka's log is laid out again to the same bytes`() throws {
        let kafka = try Fixture.contents(Fixture.log)
        var ours: [UInt8] = []
        _ = try BatchFile(Fixture.log, disk: .real).forEachBatch { batch, header, _ throws(MetadataError) in
            var batches = MetadataBatchWriter(
                nextOffset: header.baseOffset, epoch: header.partitionLeaderEpoch, timestamp: header.baseTimestamp)
            if header.isControl {
                let value = Array(batch.extracting(droppingFirst: 61 + 10)).dropLast()
                try batches.appendControl([(.leaderChange, Array(value))])
            } else {
                let records = try MetadataReplay.records(of: batch, header)
                try batches.appendAtomically(records, under: .formatted)
            }
            ours += Array(batches.bytes.bytes)
        }
        #expect(ours == kafka)
    }

    @Test func `bootstrap.checkpoint is Kafka's but for the time`() throws {
        let path = Fixture.directory + "/bootstrap.checkpoint"
        let records = try #require(try Bootstrap.read(logDirectory: Fixture.directory, disk: .real))
        #expect(records.count == 1)
        func withoutTimes(_ bytes: [UInt8]) throws -> [UInt8] {
            var result = bytes
            var position = 0
            while position < bytes.count {
                let header = try BatchHeader(bytes.span.bytes.extracting(droppingFirst: position))
                for index in [17..<21, 27..<43].joined() { result[position + index] = 0 }
                position += header.sizeInBytes
            }
            return result
        }
        #expect(
            try withoutTimes(Bootstrap.encode(Bootstrap.records(.formatted), now: 1_795_170_322_304))
                == withoutTimes(Fixture.contents(path)))
    }

    @Test func `the image's own records build the same image`() throws {
        let image = try image()
        var again = ClusterImage(clusterID: image.clusterID)
        try again.apply(image.records())
        #expect(encoded(again) == encoded(image))
        #expect(again.partitionCount == image.partitionCount)
    }

    @Test func `Kafka's directory is led on, and what is written is there after the next start`() throws {
        let directory = TemporaryDirectory()
        try Fixture.copy(into: directory.path)
        let store = try EmbeddedStore.open(
            logDirectory: directory.path, nodeID: BrokerID(1), clusterID: Fixture.clusterID)
        #expect(store.image.epoch == 3)
        #expect(store.image.offset == 198)
        try store.commit([.topic(Records.topic("more", 7)), Records.partition(7, 0)])
        let state = try Fixture.contents(directory.path + "/__cluster_metadata-0/quorum-state")
        #expect(
            String(decoding: state, as: UTF8.self)
                == "{\"clusterId\":\"\",\"leaderId\":1,\"leaderEpoch\":3,\"votedId\":-1,\"appliedOffset\":0,"
                + "\"currentVoters\":[{\"voterId\":1}],\"data_version\":0}")
        let epochs = try Fixture.contents(directory.path + "/__cluster_metadata-0/leader-epoch-checkpoint")
        #expect(String(decoding: epochs, as: UTF8.self) == "0\n3\n1 0\n2 112\n3 198\n")

        let again = try EmbeddedStore.open(
            logDirectory: directory.path, nodeID: BrokerID(1), clusterID: Fixture.clusterID)
        #expect(again.image.topic("more")?.partitions.count == 1)
        #expect(again.image.topic("orders")?.partitions.count == 3)
    }

    @Test func `a log that was cut anywhere opens with what is whole, and is never a trap`() throws {
        let kafka = try Fixture.contents(Fixture.log)
        let directory = TemporaryDirectory()
        try Fixture.copy(into: directory.path)
        let path = directory.path + "/__cluster_metadata-0/00000000000000000000.log"
        var last: Int64 = -1
        for count in Array(stride(from: 0, to: kafka.count, by: 197)) + Array(kafka.count - 90...kafka.count) {
            let file = try Disk.real.open(path, .replace)
            try file.write(Array(kafka[..<count]), at: 0)
            let image = try EmbeddedStore.read(logDirectory: directory.path, clusterID: Fixture.clusterID)
            #expect(image.offset >= last)
            last = image.offset
        }
        #expect(last == 197)
    }

    @Test func `a record that is damaged anywhere is refused or read, and is never a trap`() throws {
        var random = SystemRandomNumberGenerator()
        _ = try BatchFile(Fixture.log, disk: .real).forEachBatch { batch, header, _ throws(MetadataError) in
            guard !header.isControl, header.recordCount > 1 else { return }
            let bytes = Array(batch)
            for position in 61..<bytes.count {
                var damaged = bytes
                damaged[position] ^= UInt8.random(in: 1...255, using: &random)
                do throws(MetadataError) { _ = try MetadataReplay.records(of: damaged.span.bytes, header) } catch {}
            }
        }
    }
}

/// All that an image holds, as one string of bytes.
func encoded(_ image: ClusterImage) -> [UInt8] {
    var writer = ByteWriter()
    for record in image.records() {
        record.encode(into: &writer, version: record.version(under: image.metadataVersion))
    }
    return Array(writer.bytes)
}
