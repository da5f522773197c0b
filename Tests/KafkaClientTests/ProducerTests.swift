import Bytes
import Configuration
import KafkaModel
import KafkaProtocol
import KafkaRecords
import Posix
import Testing
import Timing

@testable import KafkaClient

/// A cluster of two scripted servers: one tells where the topic `t` is led, the other, the leader, does what the test says
/// with each produce request.
private final class ScriptedCluster: Sendable {
    enum Action: Sendable {
        case answer(ErrorCode, offset: Int64)
        case hangUp
        case silence
        case bytes([UInt8])
    }

    /// What the leader saw of a batch.
    struct Seen: Equatable, Sendable {
        let connection: Int
        let records: Int32
        let sequence: Int32
        let epoch: Int16
    }

    private let log = Guarded<[Seen]>([])
    private let leader: ScriptedServer
    private let bootstrap: ScriptedServer

    var seen: [Seen] { log.withLock { $0 } }
    var address: String { bootstrap.address }

    static let versions: [APIKey: ClosedRange<Int16>] = [
        .apiVersions: 0...4, .metadata: 0...12, .produce: 3...12, .initProducerId: 0...4,
    ]

    init(connections: Int = 4, _ actions: [Action]) throws {
        let log = log
        leader = try ScriptedServer(connections: connections) { peer, connection in
            guard peer.introduce(Self.versions) else { return }
            while let (header, body) = peer.request() {
                if header.apiKey == APIKey.initProducerId.rawValue {
                    var response = InitProducerIdResponse()
                    response.producerId = 7
                    peer.answer(response, to: header)
                    continue
                }
                guard let (acks, batch) = Self.batch(body, header.apiVersion) else { return }
                let number = log.withLock { log in
                    log.append(
                        Seen(
                            connection: connection, records: batch.recordCount, sequence: batch.baseSequence,
                            epoch: batch.producerEpoch))
                    return log.count - 1
                }
                if acks == 0 { continue }
                switch actions[min(number, actions.count - 1)] {
                case .answer(let code, let offset): peer.answer(Self.response(code, offset), to: header)
                case .hangUp: return
                case .silence: continue
                case .bytes(let bytes): peer.send(bytes)
                }
            }
        }
        let port = leader.port
        bootstrap = try ScriptedServer(connections: 3) { peer, _ in
            guard peer.introduce(Self.versions) else { return }
            while let (header, _) = peer.request() { peer.answer(Self.metadata(port), to: header) }
        }
    }

    private static func batch(_ body: [UInt8], _ version: Int16) -> (acks: Int16, batch: BatchHeader)? {
        var reader = ByteReader(body.span.bytes)
        guard let request = try? ProduceRequest.decode(&reader, version: version),
            case .range(let range)? = request.topicData.first?.partitionData.first?.records
        else { return nil }
        let bytes = body.span.bytes.extracting(range)
        guard BatchChecksum.isValid(bytes), let header = try? BatchHeader(bytes) else { return nil }
        return (request.acks, header)
    }

    private static func response(_ code: ErrorCode, _ offset: Int64) -> ProduceResponse {
        var partition = ProduceResponse.PartitionProduceResponse()
        partition.errorCode = code.rawValue
        partition.baseOffset = offset
        var topic = ProduceResponse.TopicProduceResponse()
        topic.name = "t"
        topic.partitionResponses = [partition]
        var response = ProduceResponse()
        response.responses = [topic]
        return response
    }

    private static func metadata(_ port: UInt16) -> MetadataResponse {
        var node = MetadataResponse.MetadataResponseBroker()
        node.nodeId = 1
        node.host = "127.0.0.1"
        node.port = Int32(port)
        var partition = MetadataResponse.MetadataResponsePartition()
        partition.leaderId = 1
        partition.leaderEpoch = 1
        partition.replicaNodes = [1]
        partition.isrNodes = [1]
        var topic = MetadataResponse.MetadataResponseTopic()
        topic.name = "t"
        topic.partitions = [partition]
        var response = MetadataResponse()
        response.brokers = [node]
        response.controllerId = 1
        response.topics = [topic]
        return response
    }

    func producer(_ more: [String: String] = [:]) throws -> Producer {
        var properties = [
            "bootstrap.servers": address, "request.timeout.ms": "300", "delivery.timeout.ms": "5000", "linger.ms": "0",
            "retry.backoff.ms": "10", "reconnect.backoff.ms": "5", "max.block.ms": "2000",
        ]
        properties.merge(more) { $1 }
        return Producer(try ProducerConfiguration(properties, defaultClientID: "test"))
    }
}

@Suite struct ProducerTests {
    private let record = ProducerRecord(topic: "t", key: [1], value: [2, 3])

    @Test func `a record arrives and its place is told`() throws {
        let cluster = try ScriptedCluster([.answer(.none, offset: 41), .answer(.none, offset: 42)])
        let producer = try cluster.producer()
        let first = try producer.sendAndWait(record)
        let second = try producer.sendAndWait(record)
        #expect(first.offset == 41 && second.offset == 42)
        #expect(first.partition == 0 && first.topic == "t" && first.timestamp > 1_600_000_000_000)
        #expect(producer.close())
        #expect(cluster.seen.map(\.sequence) == [0, 1])
        #expect(throws: ProducerError.self) { try producer.send(self.record) }
    }

    @Test func `when an answer is lost the batch goes again with its number`() throws {
        let cluster = try ScriptedCluster([.hangUp, .answer(.duplicateSequenceNumber, offset: -1)])
        let producer = try cluster.producer()
        #expect(try producer.sendAndWait(record).offset == -1)
        #expect(producer.close())
        #expect(cluster.seen.map(\.sequence) == [0, 0])
        #expect(cluster.seen.map(\.connection) == [0, 1])
    }

    @Test func `a leader that is none any more is asked about`() throws {
        let cluster = try ScriptedCluster([
            .answer(.notLeaderOrFollower, offset: -1), .answer(.none, offset: 5),
        ])
        let producer = try cluster.producer()
        #expect(try producer.sendAndWait(record).offset == 5)
        #expect(producer.figures.retries == 1)
        #expect(producer.close())
    }

    @Test func `what a broker refuses for good is told once`() throws {
        let cluster = try ScriptedCluster([.answer(.topicAuthorizationFailed, offset: -1), .answer(.none, offset: 0)])
        let producer = try cluster.producer()
        let error = try #require(throws: ProducerError.self) { try producer.sendAndWait(self.record) }
        #expect(error.exceptionName == "TopicAuthorizationFailedException")
        #expect(try producer.sendAndWait(record).offset == 0)
        // The number of the first did not arrive, so they begin anew under another epoch.
        #expect(cluster.seen.map(\.sequence) == [0, 0])
        #expect(cluster.seen.map(\.epoch) == [0, 1])
        #expect(producer.close())
    }

    @Test(
        arguments: [
            // An answer of another number, none at all for its length, one that is too long, one cut short.
            [0, 0, 0, 8, 0, 0, 9, 9, 0, 0, 0, 0], [0, 0, 0, 2, 0, 0], [0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0],
            [0, 0, 0, 5, 0, 0, 0, 3, 0], [0x15, 3, 1, 0, 2, 2, 80],
        ] as [[UInt8]])
    func `nonsense from a broker ends the connection, not the records`(_ bytes: [UInt8]) throws {
        let cluster = try ScriptedCluster([.bytes(bytes), .answer(.none, offset: 3)])
        let producer = try cluster.producer()
        #expect(try producer.sendAndWait(record).offset == 3)
        #expect(producer.close())
        #expect(cluster.seen.map(\.sequence) == [0, 0])
    }

    @Test func `a broker that never answers is given up within the time`() throws {
        let cluster = try ScriptedCluster(connections: 8, [.silence])
        let producer = try cluster.producer(["delivery.timeout.ms": "700"])
        let start = Clock.system.now
        let error = try #require(throws: ProducerError.self) { try producer.sendAndWait(self.record) }
        #expect(error.exceptionName == "TimeoutException")
        #expect(error.description.hasPrefix("Expiring 1 record(s) for t-0:"))
        let took = Clock.system.now - start
        #expect(took >= .milliseconds(700) && took < .milliseconds(1500))
        producer.close(timeout: .zero)
    }

    @Test func `one topic that was refused had all of them asked for again`() throws {
        let server = try ScriptedServer { peer, _ in
            guard peer.introduce() else { return }
            while let (header, body) = peer.request() {
                guard let request = try? MetadataRequest.decode(body.span.bytes, version: header.apiVersion) else {
                    return
                }
                var node = MetadataResponse.MetadataResponseBroker()
                node.nodeId = 1
                node.host = "127.0.0.1"
                node.port = 9
                var response = MetadataResponse()
                response.brokers = [node]
                response.topics = (request.topics ?? []).map { asked in
                    var partition = MetadataResponse.MetadataResponsePartition()
                    partition.leaderId = 1
                    var topic = MetadataResponse.MetadataResponseTopic()
                    topic.name = asked.name
                    topic.partitions = [partition]
                    if asked.name == "gone" { topic.errorCode = ErrorCode.unknownTopicOrPartition.rawValue }
                    return topic
                }
                peer.answer(response, to: header)
            }
        }
        let configuration = try ProducerConfiguration(["bootstrap.servers": server.address], defaultClientID: "test")
        let core = ProducerCore(configuration, clock: .system)
        let sender = Sender(core, onDelivery: nil)
        let soon = Clock.system.now + .seconds(5)
        for name in ["here", "there", "deleted"] { #expect(try core.partitionCount(of: name, until: soon) == 1) }
        let refused = try core.metadata.refused(ofThese: ["gone", "here"], until: soon)
        #expect(refused == ["gone": .unknownTopicOrPartition])
        let names = ["deleted", "gone", "here", "there"]
        sender.take(
            .refreshed(names, refused: ["deleted": .unknownTopicOrPartition, "gone": .unknownTopicOrPartition]),
            Clock.system.now)
        // Nobody sends to the one that was never there.
        #expect(sender.staleTopics == ["deleted"])
        sender.staleTopics = []
        sender.take(.refreshed(names, refused: ["deleted": .topicAuthorizationFailed]), Clock.system.now)
        #expect(sender.staleTopics.isEmpty)
        sender.take(.notRefreshed(names), Clock.system.now)
        #expect(sender.staleTopics == ["deleted", "here", "there"])
        let later = Clock.system.now + configuration.metadataIdle
        sender.staleTopics = []
        sender.take(.notRefreshed(names), later)
        #expect(sender.staleTopics.isEmpty)
    }

    @Test(arguments: [(0, nil), (-1, nil), (250, .milliseconds(250)), (.max, .seconds(60))] as [(Int32, Duration?)])
    func `a broker could silence a client for weeks`(_ milliseconds: Int32, _ rest: Duration?) {
        #expect(ClientConfiguration.rest(throttledFor: milliseconds) == rest)
    }

    @Test func `without acknowledgement a record is sent when it is written`() throws {
        let cluster = try ScriptedCluster([.silence])
        let producer = try cluster.producer(["acks": "0"])
        #expect(try producer.sendAndWait(record).offset == -1)
        #expect(producer.close())
    }

    @Test func `nobody there is told in time`() throws {
        let properties = ["bootstrap.servers": "127.0.0.1:1", "max.block.ms": "300"]
        let producer = Producer(try ProducerConfiguration(properties, defaultClientID: "test"))
        let error = try #require(throws: ProducerError.self) { try producer.send(self.record) }
        #expect(error.description.contains("cannot connect to 127.0.0.1:1"))
        #expect(producer.close())
    }

    @Test func `a record that is too large is refused in Kafka's words`() throws {
        let producer = Producer(
            try ProducerConfiguration(
                ["bootstrap.servers": "127.0.0.1:1", "max.request.size": "1000"], defaultClientID: "test"))
        let large = ProducerRecord(topic: "t", value: [UInt8](repeating: 0, count: 1000))
        let error = try #require(throws: ProducerError.self) { try producer.send(large) }
        #expect(
            error.description
                == "The message is 1097 bytes when serialized which is larger than 1000, which is the value of the "
                + "max.request.size configuration.")
        #expect(producer.close())
    }

    @Test(
        arguments: [
            (
                ["acks": "1", "enable.idempotence": "true"],
                "Must set acks to all in order to use the idempotent producer."
            ),
            (["retries": "0", "enable.idempotence": "true"], "Must set retries to non-zero"),
            (
                ["max.in.flight.requests.per.connection": "6"],
                "Must set max.in.flight.requests.per.connection to at most 5"
            ),
            (["delivery.timeout.ms": "10"], "delivery.timeout.ms should be equal to or larger than"),
            (["transactional.id": "x"], "transactions are not served by this version"),
            (["partitioner.class": "com.example.Mine"], "Java classes cannot be loaded"),
        ] as [([String: String], String)])
    func `settings that contradict each other are refused`(_ settings: [String: String], _ reason: String) throws {
        let error = try #require(throws: ConfigurationError.self) {
            try ProducerConfiguration(settings.merging(["bootstrap.servers": "h:1"]) { $1 }, defaultClientID: "test")
        }
        #expect(error.reason.hasPrefix(reason))
    }

    @Test(
        arguments: [
            (["acks": "1"], false), (["retries": "0"], false), ([:], true),
            (["acks": "0", "max.in.flight.requests.per.connection": "9"], false),
        ] as [([String: String], Bool)])
    func `idempotence is on unless something rules it out`(_ settings: [String: String], _ isOn: Bool) throws {
        let configuration = try ProducerConfiguration(
            settings.merging(["bootstrap.servers": "h:1"]) { $1 }, defaultClientID: "test")
        #expect(configuration.isIdempotent == isOn)
    }
}
