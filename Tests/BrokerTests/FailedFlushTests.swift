import KafkaModel
import KafkaProtocol
import Posix
import Storage
import TestSupport
import Testing
import Timing

@testable import Broker

/// A device that fails a flush, or a write. Whatever it says afterwards, the directory is not used again.
struct FailedFlushTests {
    let directory = TemporaryDirectory()
    let script = ScriptedDisk()
    let properties: [String: String]

    init() {
        properties = [
            "log.dirs": directory.file("one") + "," + directory.file("two"),
            "log.flush.interval.messages": "1", "log.flush.offset.checkpoint.interval.ms": "20",
        ]
    }

    private func start(_ disk: Disk? = nil) throws -> TestBroker {
        try TestBroker(properties, in: directory, disk: disk ?? script.disk)
    }

    /// Four topics with a record each; the metadata log is in directory one.
    private func topics(_ server: TestBroker, _ client: TestClient) throws -> (inOne: [String], inTwo: [String]) {
        let names = ["a", "b", "c", "d"]
        for name in names {
            try client.createTopic(name)
            try client.produce(name, "kept")
        }
        let inOne = try names.filter { try server.partition($0).logDirectory == directory.file("one") }
        return (inOne, names.filter { !inOne.contains($0) })
    }

    private func doom(of server: TestBroker) -> Guarded<[String]> {
        let reasons = Guarded<[String]>([])
        server.broker.whenDoomed { reason in reasons.withLock { $0.append(reason) } }
        return reasons
    }

    @Test func `a failed flush ends its directory for everybody who waits there, and no other`() throws {
        let server = try start()
        let client = try server.client()
        let (inOne, inTwo) = try topics(server, client)
        let path = directory.file("two")
        server.broker.writeCheckpoints()
        let before = script.flushes.count
        script.hold()
        let producers = try (0..<4).map { _ in try server.client() }
        for (number, producer) in producers.enumerated() {
            try producer.send(producer.produceRequest(inTwo[number / 2], batch(["lost \(number)"])), version: 9)
        }
        let partitions = try inTwo.map { try server.partition($0) }
        eventually("not appended") {
            partitions.allSatisfy { partition in partition.lock.withLock { partition.waitingAnswers.count } == 2 }
        }
        // Only the first one's device fails; the other one's would still say that all is well.
        script.failFlushes(of: "/two/" + inTwo[0])
        script.release()
        for producer in producers {
            let answer = try producer.receive(ProduceRequest.self, version: 9).responses[0].partitionResponses[0]
            // The flush of the other partition may have ended before this one failed.
            if answer.errorCode != 0 {
                #expect(code(answer.errorCode) == .kafkaStorageError && answer.baseOffset == -1)
            }
        }
        eventually("it is in service") { server.broker.directories.offlineDirectories[path] != nil }
        for (index, partition) in partitions.enumerated() {
            #expect(try code(client.produce(inTwo[index], batch(["x"])).errorCode) == .kafkaStorageError)
            #expect(try code(client.fetch(inTwo[index]).errorCode) == .kafkaStorageError)
            if index == 0 {
                #expect(partition.lock.withLock { partition.log.recoveryPoint } == 1)
                #expect(
                    partition.checkpoint == PartitionCheckpoint(recoveryPoint: 1, logStartOffset: nil, highWatermark: 1)
                )
            }
        }
        // Once, and never again.
        #expect(script.flushes.dropFirst(before).count { $0.contains("/two/" + inTwo[0]) } == 1)
        #expect(try client.produce(inOne[0], batch(["on"])).errorCode == 0)

        try eventually("it is told as led") {
            try client.metadata([inTwo[0]]).topics[0].partitions[0].leaderId == -1
        }
        let told = try client.metadata(inOne + inTwo).topics
        for topic in told {
            let isGone = inTwo.contains(topic.name ?? "")
            #expect(code(topic.errorCode) == .none)
            #expect(topic.partitions[0].leaderId == (isGone ? -1 : 1))
            #expect(topic.partitions[0].offlineReplicas == (isGone ? [1] : []))
            #expect(code(topic.partitions[0].errorCode) == (isGone ? .leaderNotAvailable : .none))
        }
        #expect(try client.createTopic("new").errorCode == 0)
        #expect(try server.partition("new").logDirectory == directory.file("one"))
        #expect(try client.produce("new", batch(["x"])).errorCode == 0)

        let checkpoint = try Disk.real.contents(of: path + "/recovery-point-offset-checkpoint")
        #expect(OffsetCheckpoint.decode(String(decoding: checkpoint, as: UTF8.self))?[TopicPartition(inTwo[0], 0)] == 1)
        server.broker.writeCheckpoints()
        server.stop()
        #expect(try Disk.real.contents(of: path + "/recovery-point-offset-checkpoint") == checkpoint)
        #expect(!Disk.real.exists(path + "/.kafka_cleanshutdown"))
        #expect(Disk.real.exists(directory.file("one") + "/.kafka_cleanshutdown"))
        let again = try start(.real)
        let reader = try again.client()
        for topic in inOne + inTwo { #expect(try reader.values(topic).first == "kept") }
        #expect(try reader.produce(inTwo[0], batch(["more"])).errorCode == 0)
    }

    /// A full disk is another matter: it takes records again when there is room.
    @Test(arguments: [Errno.io, Errno(30)])
    func `a failed write ends the directory too`(_ errno: Errno) throws {
        let server = try start()
        let reasons = doom(of: server)
        let client = try server.client()
        let (inOne, inTwo) = try topics(server, client)
        script.failWrites(to: "/two/" + inTwo[0] + "-0/", errno)
        #expect(try code(client.produce(inTwo[0], batch(["lost"])).errorCode) == .kafkaStorageError)
        script.failWrites(to: "/two/" + inTwo[0] + "-0/", nil)
        for topic in inTwo { #expect(try code(client.produce(topic, batch(["x"])).errorCode) == .kafkaStorageError) }
        for topic in inOne { #expect(try client.produce(topic, batch(["x"])).errorCode == 0) }
        #expect(reasons.withLock { $0 }.isEmpty)
    }

    @Test func `a broker without its metadata log is doomed`() throws {
        let server = try start()
        let reasons = doom(of: server)
        let client = try server.client()
        let (inOne, _) = try topics(server, client)
        script.failFlushes(of: "/one/" + inOne[0])
        #expect(try code(client.produce(inOne[0], batch(["lost"])).errorCode) == .kafkaStorageError)
        eventually("it goes on") { !reasons.withLock { $0 }.isEmpty }
        #expect(reasons.withLock { $0 }[0].hasPrefix("the metadata log dir \(directory.file("one")) has failed"))
        #expect(reasons.withLock { $0 }.count == 1)
    }

    @Test func `a metadata change that cannot be flushed dooms the broker`() throws {
        let server = try start()
        let reasons = doom(of: server)
        script.failFlushes(of: "__cluster_metadata")
        #expect(try code(server.client().createTopic("t").errorCode) == .kafkaStorageError)
        eventually("it goes on") { !reasons.withLock { $0 }.isEmpty }
        #expect(reasons.withLock { $0 }[0].hasPrefix("the metadata log has failed"))
        // Who asks late is told too.
        #expect(doom(of: server).withLock { $0 }.count == 1)
    }

    @Test func `a broker that lost all its directories is doomed`() throws {
        let properties = ["log.flush.interval.messages": "1", "metadata.log.dir": directory.file("metadata")]
        let data = directory.file("data")
        let server = try TestBroker(properties, in: directory, disk: script.disk)
        let reasons = doom(of: server)
        let client = try server.client()
        try client.createTopic("t")
        script.failFlushes(of: data + "/t-0")
        #expect(try code(client.produce("t", batch(["lost"])).errorCode) == .kafkaStorageError)
        eventually("it goes on") { !reasons.withLock { $0 }.isEmpty }
        #expect(reasons.withLock { $0 } == ["all log dirs in \(data) have failed"])
    }
}
