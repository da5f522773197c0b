import Bytes
import Glibc
import KafkaModel
import KafkaProtocol
import Metadata
import Posix
import Storage
import Synchronization
import TestSupport
import Testing
import Timing

@testable import Broker

/// Partitions go from one log directory of a broker to another.
@Suite struct MoveTests {
    private static let slow = ["replica.alter.log.dirs.io.max.bytes.per.second": "1"]

    private func start(
        _ directory: TemporaryDirectory = TemporaryDirectory(), _ properties: [String: String] = [:]
    ) throws -> TestBroker {
        let defaults = [
            "log.dirs": "\(directory.file("a")),\(directory.file("b"))", "file.delete.delay.ms": "0",
            "log.segment.delete.delay.ms": "0", "log.segment.bytes": "1048576",
        ]
        return try TestBroker(defaults.merging(properties) { $1 }, in: directory)
    }

    private func alter(_ client: TestClient, _ topic: String, _ path: String, _ index: Int32 = 0) throws -> ErrorCode {
        var wanted = AlterReplicaLogDirsRequest.AlterReplicaLogDirTopic()
        wanted.name = topic
        wanted.partitions = [index]
        var directory = AlterReplicaLogDirsRequest.AlterReplicaLogDir()
        directory.path = path
        directory.topics = [wanted]
        var request = AlterReplicaLogDirsRequest()
        request.dirs = [directory]
        return code(try client.call(request).results[0].partitions[0].errorCode)
    }

    private struct Place: Equatable {
        var path: String
        var isFuture: Bool
        var lag: Int64
    }

    private func places(_ client: TestClient, _ topic: String) throws -> [Place] {
        var request = DescribeLogDirsRequest()
        request.topics = nil
        return try client.call(request).results.flatMap { directory in
            directory.topics.filter { $0.name == topic }.flatMap(\.partitions).map {
                Place(path: directory.logDir, isFuture: $0.isFutureKey, lag: $0.offsetLag)
            }
        }
    }

    private func other(_ server: TestBroker, _ topic: String) throws -> String {
        let own = try server.partition(topic).logDirectory
        return try #require(server.broker.directories.paths.first { $0 != own })
    }

    private func fill(_ client: TestClient, _ topic: String, _ count: Int, from first: Int = 0) throws {
        for number in first..<(first + count) {
            let values = (0..<5).map { "\(number * 5 + $0) " + String(repeating: "x", count: 200) }
            let answer = try client.produce(topic, batch(values))
            try #require(code(answer.errorCode) == .none)
        }
    }

    /// The numbers of the records, in their order.
    private func numbers(_ client: TestClient, _ topic: String) throws -> [Int] {
        var found: [Int] = []
        while true {
            let values = try client.values(topic, from: Int64(found.count))
            if values.isEmpty { return found }
            found += values.compactMap { Int($0.prefix { $0 != " " }) }
        }
    }

    @Test func `a partition moves to and fro while it is written`() throws {
        let server = try start()
        let client = try server.client()
        try client.createTopic("t")
        try fill(client, "t", 100)
        let stop = Atomic(false)
        let written = Guarded(100)
        let port = server.port
        let writer = Thread(name: "writer") {
            do {
                let own = try TestClient(port: port)
                while !stop.load(ordering: .relaxed) {
                    let next = written.withLock { $0 }
                    try self.fill(own, "t", 1, from: next)
                    written.withLock { $0 = next + 1 }
                }
            } catch {
                Issue.record(error)
            }
        }
        for round in 0..<6 {
            let target = try other(server, "t")
            #expect(try alter(client, "t", target) == .none)
            try eventually("round \(round) ends") { try server.partition("t").logDirectory == target }
            let id = server.broker.directories.directoryIDs[target]
            try eventually("the metadata knows") {
                server.broker.cluster.image.topic("t")?.partitions[0].directories == [try #require(id)]
            }
        }
        stop.store(true, ordering: .relaxed)
        writer.join()
        let count = written.withLock { $0 } * 5
        #expect(try numbers(client, "t") == Array(0..<count))
        #expect(try places(client, "t") == [Place(path: server.partition("t").logDirectory, isFuture: false, lag: 0)])
        // A fetch that waited all along and the offsets are those of the new log.
        #expect(try client.offset("t", at: -1).offset == Int64(count))
        server.stop()
        let again = try start(server.directory)
        #expect(try numbers(again.client(), "t") == Array(0..<count))
    }

    @Test func `a move is held back, seen, ended and begun again`() throws {
        let server = try start(properties(Self.slow))
        let client = try server.client()
        try client.createTopic("t")
        try fill(client, "t", 60)
        let (source, target) = (try server.partition("t").logDirectory, try other(server, "t"))
        #expect(try alter(client, "t", target) == .none)
        try eventually("the copy is there") { try places(client, "t").count == 2 }
        let copy = try #require(try places(client, "t").first { $0.isFuture })
        #expect(copy.path == target)
        #expect(copy.lag > 0 && copy.lag <= 300)
        #expect(try alter(client, "t", target) == .none, "asked for again it goes on")
        #expect(try entries(of: target).contains { $0.hasPrefix("t-0.") && $0.hasSuffix("-future") })
        #expect(try alter(client, "t", source) == .none, "the directory where it is ends the move")
        #expect(try places(client, "t") == [Place(path: source, isFuture: false, lag: 0)])
        #expect(try entries(of: target).contains { $0.hasSuffix("-future") } == false)
        #expect(try alter(client, "t", target) == .none)
        try setRate(client, "100000000")
        try eventually("it arrives") { try places(client, "t") == [Place(path: target, isFuture: false, lag: 0)] }
        #expect(try numbers(client, "t") == Array(0..<300))
    }

    private func properties(_ some: [String: String]) -> [String: String] { some }

    private func start(_ properties: [String: String]) throws -> TestBroker {
        try start(TemporaryDirectory(), properties)
    }

    private func setRate(_ client: TestClient, _ rate: String) throws {
        var config = IncrementalAlterConfigsRequest.AlterableConfig()
        config.name = "replica.alter.log.dirs.io.max.bytes.per.second"
        config.value = rate
        var resource = IncrementalAlterConfigsRequest.AlterConfigsResource()
        resource.resourceType = 4
        resource.resourceName = "1"
        resource.configs = [config]
        var request = IncrementalAlterConfigsRequest()
        request.resources = [resource]
        #expect(code(try client.call(request).responses[0].errorCode) == .none)
    }

    @Test func `what cannot be moved is refused as Kafka does`() throws {
        let server = try start()
        let client = try server.client()
        try client.createTopic("t", partitions: 2)
        #expect(try alter(client, "t", "/nowhere") == .logDirNotFound)
        let (a, b) = (server.broker.directories.paths[0], server.broker.directories.paths[1])
        #expect(try alter(client, "t", a, 7) == .replicaNotAvailable)
        #expect(try alter(client, String(repeating: "n", count: 240), a) == .invalidTopicException)
        // A partition that does not exist yet is made where it was asked for.
        for (topic, path) in [("x", a), ("y", b), ("z", b), ("w", b)] {
            #expect(try alter(client, topic, path) == .replicaNotAvailable)
            try client.createTopic(topic)
            #expect(try server.partition(topic).logDirectory == path)
        }
        server.broker.directoryFailed(b, .io(SystemError("write to", b, .io)))
        #expect(try alter(client, "x", b) == .kafkaStorageError)
        #expect(try alter(client, "y", a) == .kafkaStorageError)
        var request = DescribeLogDirsRequest()
        request.topics = nil
        let described = try client.call(request).results
        #expect(described.map { code($0.errorCode) } == [.none, .kafkaStorageError])
        #expect(described[0].totalBytes > 0 && described[0].usableBytes > 0)
        #expect(described[1].totalBytes == -1 && described[1].topics.isEmpty)
        var wanted = DescribeLogDirsRequest.DescribableLogDirTopic()
        wanted.topic = "x"
        wanted.partitions = [0, 5]
        request.topics = [wanted]
        for version in Int16(0)...4 {
            let one = try client.call(request, version: version).results[0]
            #expect(one.topics.map(\.name) == ["x"])
            #expect(one.topics[0].partitions.map(\.partitionIndex) == [0])
        }
        request.topics = []
        #expect(try client.call(request).results[0].topics.isEmpty)
    }

    @Test func `a move goes on after a restart and after a crash`() throws {
        let server = try start(properties(Self.slow))
        let client = try server.client()
        try client.createTopic("t")
        try fill(client, "t", 60)
        let target = try other(server, "t")
        #expect(try alter(client, "t", target) == .none)
        try eventually("something is copied") {
            try places(client, "t").contains { $0.isFuture && $0.lag < 300 }
        }
        // What a crash leaves.
        let crashed = TemporaryDirectory()
        for name in ["a", "b"] { try copy(server.directory.file(name), to: crashed.file(name)) }
        server.stop()
        for directory in [server.directory, crashed] {
            let again = try start(directory)
            let path = directory.file(target.hasSuffix("/a") ? "a" : "b")
            try eventually("it arrives") { try again.partition("t").logDirectory == path }
            #expect(try numbers(again.client(), "t") == Array(0..<300))
            again.stop()
        }
    }

    @Test func `a topic is deleted in the middle of a move`() throws {
        let server = try start(properties(Self.slow))
        let client = try server.client()
        try client.createTopic("t")
        try fill(client, "t", 30)
        let target = try other(server, "t")
        #expect(try alter(client, "t", target) == .none)
        var request = DeleteTopicsRequest()
        var state = DeleteTopicsRequest.DeleteTopicState()
        state.name = "t"
        request.topics = [state]
        #expect(code(try client.call(request).responses[0].errorCode) == .none)
        #expect(try entries(of: target).contains { $0.hasSuffix("-future") } == false)
        #expect(server.broker.directories.futures.isEmpty)
        try client.createTopic("t")
        #expect(try client.produce("t", "new").baseOffset == 0)
        server.stop()
        let again = try start(server.directory)
        #expect(try again.client().values("t") == ["new"])
    }

    @Test func `the directory a partition goes to fails`() throws {
        let server = try start(properties(Self.slow))
        let client = try server.client()
        try client.createTopic("t")
        try fill(client, "t", 30)
        let (source, target) = (try server.partition("t").logDirectory, try other(server, "t"))
        // The metadata log lies in the first directory, without which there is no broker.
        guard target == server.broker.directories.paths[1] else { return }
        #expect(try alter(client, "t", target) == .none)
        server.broker.directoryFailed(target, .io(SystemError("write to", target, .io)))
        #expect(try places(client, "t") == [Place(path: source, isFuture: false, lag: 0)])
        try fill(client, "t", 1, from: 30)
        #expect(try numbers(client, "t") == Array(0..<155))
    }

    @Test func `durable answers come while a partition moves`() throws {
        let server = try start()
        let client = try server.client()
        try client.createTopic("t", configs: ["flush.messages": "1"])
        try fill(client, "t", 20)
        for round in 0..<4 {
            let target = try other(server, "t")
            #expect(try alter(client, "t", target) == .none)
            try fill(client, "t", 20, from: 20 + round * 20)
            try eventually("it arrives") { try server.partition("t").logDirectory == target }
        }
        #expect(try numbers(client, "t") == Array(0..<500))
        let partition = try server.partition("t")
        #expect(partition.lock.withLock { partition.log.recoveryPoint } == 500)
    }
}
