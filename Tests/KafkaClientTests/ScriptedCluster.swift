import Bytes
import KafkaModel
import KafkaProtocol
import Posix

@testable import KafkaClient

extension ScriptedServer {
    /// Whether it has answered.
    typealias Script = @Sendable (Peer, RequestHeader, [UInt8]) -> Bool

    /// A cluster of one broker with the id 1, which is leader of `t-0` and `t-1`. What `script` does not answer, the
    /// server does.
    static func cluster(
        connections: Int = 4, _ more: [APIKey: ClosedRange<Int16>] = [:], _ script: @escaping Script
    ) throws -> ScriptedServer {
        let port = Guarded<UInt16>(0)
        let versions = allVersions.merging(more) { $1 }
        let server = try ScriptedServer(connections: connections) { peer, number in
            let own = peer.duplicate()
            Thread(name: "peer-\(number)") {
                var known: UInt16 = 0
                while known == 0 { known = port.withLock { $0 } }
                while let (header, body) = own.request() {
                    if !script(own, header, body), !answer(own, header, known, versions) { break }
                }
                own.end()
            }.leave()
        }
        port.withLock { $0 = server.port }
        return server
    }

    private static func answer(
        _ peer: Peer, _ header: RequestHeader, _ port: UInt16, _ versions: [APIKey: ClosedRange<Int16>]
    ) -> Bool {
        switch APIKey(rawValue: header.apiKey) {
        case .apiVersions:
            var response = ApiVersionsResponse()
            response.apiKeys = rows(versions)
            peer.answer(response, to: header)
        case .describeCluster:
            var node = DescribeClusterResponse.DescribeClusterBroker()
            node.brokerId = 1
            node.host = "127.0.0.1"
            node.port = Int32(port)
            var response = DescribeClusterResponse()
            response.clusterId = "c"
            response.controllerId = 1
            response.brokers = [node]
            peer.answer(response, to: header)
        case .metadata:
            var topic = MetadataResponse.MetadataResponseTopic()
            topic.name = "t"
            topic.partitions = [Int32(0), 1].map { index in
                var partition = MetadataResponse.MetadataResponsePartition()
                partition.partitionIndex = index
                partition.leaderId = 1
                return partition
            }
            var node = MetadataResponse.MetadataResponseBroker()
            node.nodeId = 1
            node.host = "127.0.0.1"
            node.port = Int32(port)
            var response = MetadataResponse()
            response.controllerId = 1
            response.brokers = [node]
            response.topics = [topic]
            peer.answer(response, to: header)
        default: return false
        }
        return true
    }
}
