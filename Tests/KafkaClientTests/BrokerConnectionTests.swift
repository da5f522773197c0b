import Bytes
import Configuration
import KafkaModel
import KafkaProtocol
import Testing
import Timing

@testable import KafkaClient

/// What a client makes of the answers of brokers, and of servers that are none.
@Suite struct BrokerConnectionTests {
    private func connect(
        _ server: ScriptedServer, _ more: [String: String] = [:]
    ) throws(ClientError) -> BrokerConnection {
        guard let configuration = try? server.configuration(more) else { throw ClientError("", .connect, .closed) }
        return try BrokerConnection(
            HostPort(host: "127.0.0.1", port: server.port), configuration: configuration,
            until: Clock.system.now + .seconds(5))
    }

    /// The text of the failure, with the port taken out.
    private func failure(_ server: ScriptedServer) -> String {
        do throws(ClientError) {
            let connection = try connect(server)
            _ = try connection.request(DescribeClusterRequest(), until: Clock.system.now + .seconds(5))
            return "no failure"
        } catch {
            let text = error.description
            guard let range = text.firstRange(of: ":\(server.port)") else { return text }
            return text.replacingCharacters(in: range)
        }
    }

    @Test func `the newest version that both know is spoken`() throws {
        let server = try ScriptedServer { peer, _ in
            peer.introduce([.apiVersions: 0...3, .describeCluster: 0...1])
            guard let (header, _) = peer.request() else { return }
            var response = DescribeClusterResponse()
            response.clusterId = "version \(header.apiVersion) from \(header.clientId ?? "")"
            peer.answer(response, to: header)
        }
        let connection = try connect(server, ["client.id": "me"])
        #expect(connection.version(of: DescribeClusterRequest.self) == 1)
        #expect(connection.version(of: MetadataRequest.self) == nil)
        let response = try connection.request(DescribeClusterRequest(), until: Clock.system.now + .seconds(5))
        #expect(response.clusterId == "version 1 from me")
    }

    @Test func `a broker of old is asked again in its own version`() throws {
        for offered in [nil, Int16(2)] {
            let server = try ScriptedServer { peer, _ in
                guard let (first, _) = peer.request() else { return }
                var refusal = ApiVersionsResponse()
                refusal.errorCode = ErrorCode.unsupportedVersion.rawValue
                if let offered { refusal.apiKeys = ScriptedServer.rows([.apiVersions: 0...offered]) }
                peer.answer(refusal, to: first, version: 0)
                guard let (second, _) = peer.request(), second.apiVersion == offered ?? 0 else { return }
                var response = ApiVersionsResponse()
                response.apiKeys = ScriptedServer.rows([.metadata: 0...5])
                peer.answer(response, to: second)
            }
            let connection = try connect(server)
            #expect(connection.version(of: MetadataRequest.self) == 5)
        }
    }

    @Test func `a server that is no broker is named`() throws {
        func answering(_ bytes: [UInt8]) throws -> String {
            failure(
                try ScriptedServer { peer, _ in
                    _ = peer.request()
                    peer.send(bytes)
                    peer.waitForEnd()
                })
        }
        let prefix = "cannot read the answer to ApiVersions from 127.0.0.1: "
        #expect(
            try answering([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x46])
                == prefix + "it speaks TLS, and this connection is PLAINTEXT")
        #expect(try answering(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)) == prefix + "it speaks HTTP")
        #expect(
            try answering([0x7f, 0xff, 0xff, 0xff])
                == prefix + "it announces 2147483647 bytes, more than the limit of 104857600")
        #expect(try answering([0xff, 0xff, 0xff, 0xff]) == prefix + "it announces -1 bytes, too few for an answer")
        #expect(try answering([0, 0, 0, 2, 0, 0]) == prefix + "it announces 2 bytes, too few for an answer")
        #expect(
            try answering([0, 0, 0, 6, 0, 0, 0, 9, 0, 0]) == prefix + "it answers the request 9, but 1 was asked")
        #expect(try answering([0, 0, 0, 6, 0, 0, 0, 1, 0, 0]) == prefix + "it is no such answer (truncated)")
        // An array of two thousand million entries in eleven bytes.
        let forged: [UInt8] = [0, 0, 0, 11, 0, 0, 0, 1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x07]
        #expect(try answering(forged).hasPrefix(prefix + "it is no such answer"))
        // The length is there, and what it announces never comes.
        #expect(try answering([0, 0, 1, 0, 0, 0, 0, 1]) == prefix + "nothing came within 400 ms")
        #expect(try answering([0, 0]) == prefix + "nothing came within 400 ms")
    }

    @Test func `a server that closes, or never answers`() throws {
        let closing = try ScriptedServer { peer, _ in _ = peer.request() }
        #expect(
            failure(closing) == "cannot read the answer to ApiVersions from 127.0.0.1: it closed the connection")
        let silent = try ScriptedServer { peer, _ in
            _ = peer.request()
            peer.waitForEnd()
        }
        let start = Clock.system.now
        #expect(failure(silent) == "cannot read the answer to ApiVersions from 127.0.0.1: nothing came within 400 ms")
        #expect(Clock.system.now - start < .seconds(3))
        let midway = try ScriptedServer { peer, _ in
            peer.introduce()
            _ = peer.request()
        }
        #expect(
            failure(midway) == "cannot read the answer to DescribeCluster from 127.0.0.1: it closed the connection")
    }

    @Test func `an API that the broker lacks is not asked for`() throws {
        let server = try ScriptedServer { peer, _ in
            peer.introduce([.apiVersions: 0...3])
            peer.waitForEnd()
        }
        #expect(failure(server) == "127.0.0.1 does not know DescribeCluster: it may be too old")
        let newer = try ScriptedServer { peer, _ in
            peer.introduce([.apiVersions: 0...3, .describeCluster: 7...9])
            peer.waitForEnd()
        }
        #expect(
            failure(newer)
                == "127.0.0.1 knows versions 7 to 9 of DescribeCluster only, none of which this client speaks")
    }

    @Test func `every answer cut short is refused in time`() throws {
        var response = DescribeClusterResponse()
        response.clusterId = "c"
        var broker = DescribeClusterResponse.DescribeClusterBroker()
        broker.host = "h"
        response.brokers = [broker]
        let whole = response.encoded(version: 2)
        for count in 0..<whole.count {
            let server = try ScriptedServer { peer, _ in
                peer.introduce()
                guard let (header, _) = peer.request() else { return }
                var writer = ByteWriter()
                writer.int32(Int32(count + 5))
                writer.int32(header.correlationId)
                writer.uint8(0)
                writer.append(Array(whole[..<count]))
                peer.send(Array(writer.bytes))
            }
            #expect(failure(server).contains("it is no such answer"), "cut at \(count)")
        }
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<String.Index>) -> String {
        String(self[..<range.lowerBound]) + String(self[range.upperBound...])
    }
}
