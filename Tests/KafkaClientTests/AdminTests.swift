import Bytes
import Configuration
import KafkaModel
import KafkaProtocol
import Posix
import Testing
import Timing

@testable import KafkaClient

/// What an admin client does with one or several servers.
@Suite struct AdminTests {
    /// Serves a cluster of one broker, which is this server, until the client goes.
    @Sendable private static func serve(_ peer: ScriptedServer.Peer, _ port: UInt16) {
        while let (header, body) = peer.request() {
            switch APIKey(rawValue: header.apiKey) {
            case .apiVersions:
                var response = ApiVersionsResponse()
                response.apiKeys = ScriptedServer.rows(ScriptedServer.allVersions)
                peer.answer(response, to: header)
            case .describeCluster:
                var node = DescribeClusterResponse.DescribeClusterBroker()
                node.brokerId = 7
                node.host = "127.0.0.1"
                node.port = Int32(port)
                var response = DescribeClusterResponse()
                response.clusterId = "cluster"
                response.controllerId = 7
                response.brokers = [node]
                peer.answer(response, to: header)
            case .describeLogDirs:
                var partition = DescribeLogDirsResponse.DescribeLogDirsPartition()
                partition.partitionSize = 123
                partition.offsetLag = 4
                partition.isFutureKey = true
                var topic = DescribeLogDirsResponse.DescribeLogDirsTopic()
                topic.name = "t"
                topic.partitions = [partition]
                var directory = DescribeLogDirsResponse.DescribeLogDirsResult()
                directory.logDir = "/d"
                directory.topics = [topic]
                directory.totalBytes = 10
                var failed = DescribeLogDirsResponse.DescribeLogDirsResult()
                failed.logDir = "/e"
                failed.errorCode = ErrorCode.kafkaStorageError.rawValue
                var response = DescribeLogDirsResponse()
                response.results = [directory, failed]
                peer.answer(response, to: header)
            case .alterReplicaLogDirs:
                guard
                    let request = try? AlterReplicaLogDirsRequest.decode(
                        body.span.bytes, version: header.apiVersion)
                else { return }
                var response = AlterReplicaLogDirsResponse()
                response.results = request.dirs.flatMap(\.topics).map { topic in
                    var result = AlterReplicaLogDirsResponse.AlterReplicaLogDirTopicResult()
                    result.topicName = topic.name
                    result.partitions = topic.partitions.map { index in
                        var partition = AlterReplicaLogDirsResponse.AlterReplicaLogDirPartitionResult()
                        partition.partitionIndex = index
                        partition.errorCode = index == 0 ? 0 : ErrorCode.replicaNotAvailable.rawValue
                        return partition
                    }
                    return result
                }
                peer.answer(response, to: header)
            default: return
            }
        }
    }

    /// A server that knows its own port.
    private func cluster(connections: Int = 2) throws -> ScriptedServer {
        let port = Guarded<UInt16>(0)
        let started = try parallel(connections) { peer in
            var known: UInt16 = 0
            while known == 0 { known = port.withLock { $0 } }
            Self.serve(peer, known)
        }
        port.withLock { $0 = started.port }
        return started
    }

    /// Each connection on a thread of its own, as an admin client keeps several open.
    private func parallel(
        _ connections: Int, _ script: @escaping @Sendable (ScriptedServer.Peer) -> Void
    ) throws -> ScriptedServer {
        try ScriptedServer(connections: connections) { peer, number in
            let own = peer.duplicate()
            Thread(name: "peer-\(number)") {
                script(own)
                own.end()
            }.leave()
        }
    }

    @Test func `log directories are described and altered`() throws {
        let server = try cluster()
        do {
            let admin = Admin(try server.configuration())
            let cluster = try admin.describeCluster()
            #expect(cluster.clusterID == "cluster" && cluster.controllerID == 7)
            #expect(cluster.brokers.map(\.id) == [7])
            let directories = try admin.describeLogDirs(broker: 7)
            #expect(directories.map(\.path) == ["/d", "/e"])
            #expect(directories.map(\.error) == [.none, .kafkaStorageError])
            #expect(directories[0].totalBytes == 10 && directories[0].usableBytes == nil)
            let replica = try #require(directories[0].replicas.first)
            #expect(replica.partition == TopicPartition("t", 0) && replica.size == 123 && replica.isFuture)
            let altered = try admin.alterReplicaLogDirs(
                broker: 7, [TopicPartition("t", 0), TopicPartition("t", 3)], to: "/e")
            #expect(altered.map(\.error) == [.none, .replicaNotAvailable])
            do throws(ClientError) {
                _ = try admin.describeLogDirs(broker: 9)
                Issue.record("there is no broker 9")
            } catch {
                #expect(error.description == "there is no broker 9; the cluster has 7")
            }
        }
    }

    @Test func `the next bootstrap server is asked when one is not there`() throws {
        let server = try cluster(connections: 1)
        // Nobody listens on port 1.
        let admin = Admin(try server.configuration(before: "127.0.0.1:1,"))
        #expect(try admin.describeCluster().brokers.count == 1)
    }

    @Test func `nobody there is told by name, at once`() throws {
        let configuration = try ClientConfiguration(
            ["bootstrap.servers": "127.0.0.1:1", "retries": "1", "retry.backoff.ms": "10"], defaultClientID: "t")
        do throws(ClientError) {
            _ = try Admin(configuration).describeCluster()
            Issue.record("nobody listens there")
        } catch {
            #expect(error.description == "cannot connect to 127.0.0.1:1: Connection refused")
        }
        let nowhere = try ClientConfiguration(
            ["bootstrap.servers": "no.such.host.invalid:9092", "retries": "0"], defaultClientID: "t")
        do throws(ClientError) {
            _ = try Admin(nowhere).describeCluster()
            Issue.record("there is no such host")
        } catch {
            #expect(error.description.hasPrefix("cannot find no.such.host.invalid:9092: "))
        }
    }

    @Test func `a broker before DescribeCluster is asked for metadata`() throws {
        let server = try ScriptedServer { peer, _ in
            peer.introduce([.apiVersions: 0...0, .metadata: 0...7])
            guard let (header, _) = peer.request(), header.apiKey == APIKey.metadata.rawValue else { return }
            var node = MetadataResponse.MetadataResponseBroker()
            node.nodeId = 3
            node.host = "old"
            node.port = 9092
            var response = MetadataResponse()
            response.clusterId = "c"
            response.controllerId = 3
            response.brokers = [node]
            peer.answer(response, to: header)
        }
        let cluster = try Admin(try server.configuration()).describeCluster()
        #expect(cluster.brokers.first?.address == HostPort(host: "old", port: 9092))
    }

    @Test func `the settings of a client`() throws {
        func refusal(_ properties: [String: String]) -> String {
            let all = ["bootstrap.servers": "a:1"].merging(properties) { $1 }
            do throws(ConfigurationError) {
                _ = try ClientConfiguration(all, defaultClientID: "t")
                return "none"
            } catch {
                return error.description
            }
        }
        #expect(
            refusal(["security.protocol": "SASL_SSL"])
                == "Invalid value SASL_SSL for configuration security.protocol: only PLAINTEXT is served by this version"
        )
        #expect(
            refusal(["bootstrap.servers": "nonsense"])
                == "Invalid value nonsense for configuration bootstrap.servers: Please provide valid host:port like "
                + "host1:9091,host2:9092")
        #expect(refusal(["bootstrap.servers": " , "]).hasPrefix("Invalid configuration bootstrap.servers"))
        #expect(
            refusal(["retries": "-1"]) == "Invalid value -1 for configuration retries: Value must be at least 0")
        #expect(
            refusal(["request.timeout.ms": "soon"])
                == "Invalid value soon for configuration request.timeout.ms: Not a number of type INT")
        let configuration = try ClientConfiguration(
            ["bootstrap.servers": "[::1]:9092, b:2,b:2", "ssl.truststore.location": "/t", "acks": "all", "zzz": "1"],
            defaultClientID: "tool")
        #expect(configuration.bootstrapServers.map(\.description) == ["[::1]:9092", "b:2"])
        #expect(configuration.clientID == "tool")
        #expect(
            configuration.notices
                == ["These configurations '[acks, zzz]' were supplied but are not used yet."])
    }
}
