import KafkaModel
import Testing

@testable import Configuration

struct BrokerConfigurationTests {
    /// What Kafka 4.3 ships as config/server.properties, without its comments.
    static let sample = """
        process.roles=broker,controller
        node.id=1
        controller.quorum.bootstrap.servers=localhost:9093
        listeners=PLAINTEXT://:9092,CONTROLLER://:9093
        inter.broker.listener.name=PLAINTEXT
        advertised.listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093
        controller.listener.names=CONTROLLER
        listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL
        log.dirs=/tmp/kraft-combined-logs
        num.partitions=1
        offsets.topic.replication.factor=1
        log.retention.hours=168
        log.segment.bytes=1073741824
        """

    private func configuration(_ text: String) throws -> BrokerConfiguration {
        let pairs = try PropertiesFile.parse(text).map { ($0.key, $0.value) }
        return try BrokerConfiguration(properties: Dictionary(pairs) { $1 }, hostName: "this-machine")
    }

    private func refusal(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) -> String? {
        #expect(throws: ConfigurationError.self, sourceLocation: sourceLocation) { try configuration(text) }?
            .description
    }

    @Test func `Kafka's sample file starts a single node`() throws {
        let broker = try configuration(Self.sample)
        #expect(broker.nodeID == BrokerID(1))
        #expect(broker.roles == [.broker, .controller])
        #expect(broker.listeners.map(\.description) == ["PLAINTEXT://:9092"])
        #expect(broker.controllerListeners.map(\.description) == ["CONTROLLER://:9093"])
        #expect(broker.advertisedListeners.map(\.description) == ["PLAINTEXT://localhost:9092"])
        #expect(broker.interBrokerListenerName == "PLAINTEXT")
        #expect(broker.logDirectories == ["/tmp/kraft-combined-logs"])
        #expect(broker.metadataLogDirectory == "/tmp/kraft-combined-logs")
        #expect(broker.notices == [])
        #expect(broker.groups.topicReplicationFactor == 1)
    }

    @Test func `an empty file has Kafka's defaults`() throws {
        let broker = try configuration("")
        #expect(broker.listeners == [Listener(name: "PLAINTEXT", host: "", port: 9092)])
        #expect(broker.logDirectories == ["/tmp/kafka-logs"])
        #expect(broker.networkThreads == 3)
        #expect(broker.ioThreads == 8)
        #expect(broker.sendBufferBytes == 102_400)
        #expect(broker.queuedRequestBytesMax == nil)
        #expect(broker.connectionIdleMax == .seconds(600))
        #expect(broker.producerIDExpiration == .seconds(86_400))
        #expect(broker.autoCreateTopics && broker.deleteTopics)
        #expect(broker.metricsListener == nil)
        #expect(broker.notices.isEmpty)
    }

    @Test func `a start without a file is open to this machine only`() throws {
        let broker = try BrokerConfiguration(properties: BrokerConfiguration.developerProperties)
        #expect(broker.listeners.map(\.host) == ["localhost"])
        #expect(broker.advertisedListeners.map(\.host) == ["localhost"])
    }

    @Test func `the old name of the node id counts alone and must agree`() throws {
        #expect(try configuration("broker.id=7").nodeID == BrokerID(7))
        #expect(try configuration("node.id=7\nbroker.id=7").nodeID == BrokerID(7))
        #expect(
            refusal("node.id=7\nbroker.id=8")
                == "Invalid value 8 for configuration broker.id: node.id=7 says otherwise; the two must be the same")
        #expect(refusal("node.id=-3") == "Invalid value -3 for configuration node.id: Value must be at least 0")
    }

    @Test func `log.dirs comes before log.dir`() throws {
        #expect(try configuration("log.dirs=/a, /b\nlog.dir=/c").logDirectories == ["/a", "/b"])
        #expect(try configuration("log.dir=/c").logDirectories == ["/c"])
        #expect(try configuration("log.dirs=/a,/b\nmetadata.log.dir=/m").metadataLogDirectory == "/m")
    }

    @Test func `a cluster over ZooKeeper is refused`() {
        #expect(
            refusal("zookeeper.connect=zk:2181/kafka")
                == "Invalid value zk:2181/kafka for configuration zookeeper.connect: "
                + "clusters over ZooKeeper are not served by this version")
    }

    @Test func `access control that would not be enforced is refused`() {
        let text = refusal("authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer")
        #expect(text?.contains("authorizer.class.name") == true)
    }

    @Test(arguments: [
        "process.roles=controller", "controller.quorum.voters=2@other:9093",
        "node.id=2\ncontroller.quorum.voters=2@a:9093,3@b:9093", "controller.quorum.bootstrap.servers=other:9093",
        "listeners=PLAINTEXT://:9092,CONTROLLER://:9093\ncontroller.listener.names=CONTROLLER\n"
            + "controller.quorum.bootstrap.servers=localhost:9093,other:9093",
        "listeners=PLAINTEXT://:9092,CONTROLLER://:9093\ncontroller.listener.names=CONTROLLER\n"
            + "controller.quorum.bootstrap.servers=localhost:9094",
    ])
    func `a quorum of several nodes is refused`(_ text: String) {
        #expect(refusal(text)?.contains("this version") == true)
    }

    @Test(arguments: [
        "controller.quorum.voters=1@anything:9093", "process.roles=broker",
        "listeners=PLAINTEXT://:9092,CONTROLLER://:9093\ncontroller.listener.names=CONTROLLER\n"
            + "controller.quorum.bootstrap.servers=this-machine:9093",
        "listeners=PLAINTEXT://kafka:9092,CONTROLLER://kafka:9093\ncontroller.listener.names=CONTROLLER\n"
            + "controller.quorum.bootstrap.servers=kafka:9093",
    ])
    func `a quorum of this node alone is served`(_ text: String) throws {
        _ = try configuration(text)
    }

    @Test func `an unknown setting and one without effect are told`() throws {
        let broker = try configuration(
            """
            log.retention.hour=1
            log.message.format.version=2.8
            group.coordinator.threads=2
            compression.type=zstd
            listener.name.plaintext.max.connections=5
            listener.name.plaintext.scram-sha-256.sasl.jaas.config=x
            num.replica.fetchers=1
            """)
        #expect(
            broker.notices == [
                "group.coordinator.threads has no effect: "
                    + "groups are handled on the network threads, each request at once",
                "listener.name.plaintext.max.connections has no effect: "
                    + "max.connections for a single listener is not served by this version",
                "listener.name.plaintext.scram-sha-256.sasl.jaas.config has no effect: "
                    + "sasl.jaas.config for a single listener is not served by this version",
                "log.message.format.version has no effect: removed in Kafka 4, ignored",
                "log.retention.hour is unknown and has no effect",
            ])
    }

    @Test func `a value is checked even if the setting has no effect`() {
        #expect(
            refusal("group.max.size=0")
                == "Invalid value 0 for configuration group.max.size: Value must be at least 1")
    }

    @Test(arguments: [
        ("queued.max.request.bytes=10", "queued.max.request.bytes"),
        ("max.connections.per.ip=0", "max.connections.per.ip"),
        ("log.roll.ms=0", "log.roll.ms"), ("log.roll.jitter.ms=-1", "log.roll.jitter.ms"),
        ("log.retention.ms=0", "log.retention.ms"), ("log.retention.minutes=0", "log.retention.minutes"),
        ("socket.send.buffer.bytes=-2", "socket.send.buffer.bytes"),
    ])
    func `settings that contradict each other stop the start`(_ text: String, _ key: String) {
        #expect(refusal(text)?.contains(" for configuration \(key): ") == true)
    }

    @Test func `limits of single addresses are read`() throws {
        let broker = try configuration("max.connections.per.ip=0\nmax.connections.per.ip.overrides=127.0.0.1:5, ::1:7")
        #expect(broker.connectionsPerAddressOverrides == ["127.0.0.1": 5, "::1": 7])
        #expect(broker.connectionsPerAddressMax == 0)
    }

    @Test func `what was altered for this broker counts before what was altered for all, and that before the file`()
        throws
    {
        let file = try configuration("num.io.threads=4\nlog.retention.hours=1\nlog.segment.bytes=2000000")
        #expect(file.ioThreads == 4)
        let altered = try file.altered(
            allBrokers: ["num.io.threads": "5", "log.retention.ms": "6000"], thisBroker: ["num.io.threads": "6"])
        #expect(altered.ioThreads == 6)
        let entry = try #require(altered.describe("num.io.threads"))
        #expect(entry.value == "6")
        #expect(entry.source == .dynamicBroker)
        #expect(!entry.isReadOnly)
        #expect(
            entry.synonyms.map { "\($0.source.name):\($0.name)=\($0.value ?? "")" } == [
                "DYNAMIC_BROKER_CONFIG:num.io.threads=6", "DYNAMIC_DEFAULT_BROKER_CONFIG:num.io.threads=5",
                "STATIC_BROKER_CONFIG:num.io.threads=4", "DEFAULT_CONFIG:num.io.threads=8",
            ])
        #expect(try file.altered(allBrokers: [:], thisBroker: [:]).ioThreads == 4)
        #expect(altered.describeAllBrokers().map(\.name) == ["log.retention.ms", "num.io.threads"])
    }

    @Test func `a listing leaves out what is for developers and what is gone`() throws {
        let names = try configuration("").describe().map(\.name)
        #expect(names == names.sorted())
        #expect(names.contains("log.dirs") && names.contains("zookeeper.connect") == false)
        #expect(!names.contains("log.initial.task.delay.ms") && !names.contains("log.message.format.version"))
    }
}
