import Bytes
import Configuration
import KafkaModel
import KafkaProtocol
import Posix
import Testing
import Timing

@testable import KafkaClient

/// What the tools ask of brokers of all ages, and of some that behave badly.
@Suite struct AdminToolsTests {
    private func cluster(
        connections: Int = 4, _ more: [APIKey: ClosedRange<Int16>] = [:], _ script: @escaping ScriptedServer.Script
    ) throws -> ScriptedServer {
        try .cluster(connections: connections, more, script)
    }

    private func offsets(_ codes: [Int16], _ offset: Int64 = 7) -> ListOffsetsResponse {
        var topic = ListOffsetsResponse.ListOffsetsTopicResponse()
        topic.name = "t"
        topic.partitions = codes.enumerated().map { index, code in
            var partition = ListOffsetsResponse.ListOffsetsPartitionResponse()
            partition.partitionIndex = Int32(index)
            partition.errorCode = code
            partition.offset = code == 0 ? offset : -1
            return partition
        }
        var response = ListOffsetsResponse()
        response.topics = [topic]
        return response
    }

    private let both = [TopicPartition("t", 0), TopicPartition("t", 1)]

    private func text(_ results: [TopicPartition: Result<Int64?, ClientError>]) -> [String] {
        results.sorted { $0.key < $1.key }.map { partition, result in
            switch result {
            case .success(let offset): "\(partition) \(offset.map(String.init) ?? "none")"
            case .failure(let error): "\(partition) \(error.cause)"
            }
        }
    }

    @Test func `a leader that moved is asked again, a partition that is refused is not`() throws {
        let rounds = Guarded(0)
        let moved = ErrorCode.notLeaderOrFollower.rawValue
        let denied = ErrorCode.topicAuthorizationFailed.rawValue
        let first = offsets([moved, denied])
        let second = offsets([0])
        let server = try cluster([.listOffsets: 1...11]) { peer, header, _ in
            guard header.apiKey == APIKey.listOffsets.rawValue else { return false }
            let round = rounds.withLock { rounds in
                rounds += 1
                return rounds
            }
            peer.answer(round == 1 ? first : second, to: header)
            return true
        }
        let admin = Admin(try server.configuration(["retries": "3", "retry.backoff.ms": "1"]))
        #expect(
            text(try admin.listOffsets(both, .latest)) == [
                "t-0 7", "t-1 Not authorized to access the topic. (TOPIC_AUTHORIZATION_FAILED)",
            ])
        #expect(rounds.withLock { $0 } == 2)
    }

    @Test func `a broker too old for a special time says so, for each partition`() throws {
        let server = try cluster([.listOffsets: 1...6]) { _, _, _ in false }
        let admin = Admin(try server.configuration())
        #expect(
            text(try admin.listOffsets(both, .maxTimestamp)) == [
                "t-0 Broker 1 does not support MAX_TIMESTAMP offset specs (UNSUPPORTED_VERSION)",
                "t-1 Broker 1 does not support MAX_TIMESTAMP offset specs (UNSUPPORTED_VERSION)",
            ])
    }

    @Test func `no offset for a time, no answer for a partition, no such partition`() throws {
        let none = offsets([0], -1)
        let server = try cluster([.listOffsets: 1...11]) { peer, header, _ in
            guard header.apiKey == APIKey.listOffsets.rawValue else { return false }
            peer.answer(none, to: header)
            return true
        }
        let admin = Admin(try server.configuration())
        let asked = both + [TopicPartition("t", 5)]
        #expect(
            text(try admin.listOffsets(asked, .at(Timestamp(milliseconds: 1)))) == [
                "t-0 none", "t-1 The broker met an error it did not expect. (UNKNOWN_SERVER_ERROR)",
                "t-5 This broker does not host that topic or partition. (UNKNOWN_TOPIC_OR_PARTITION)",
            ])
    }

    /// Answers one API with bytes of its own, behind the right or a wrong correlation id, or never.
    private func hostile(
        _ api: APIKey, _ body: [UInt8], correlation: Int32 = 0, announcing length: Int32? = nil
    ) throws -> ScriptedServer {
        try cluster([api: 0...11]) { peer, header, _ in
            guard header.apiKey == api.rawValue else { return false }
            var writer = ByteWriter()
            writer.int32(length ?? Int32(body.count + 4))
            writer.int32(header.correlationId &+ correlation)
            for byte in body { writer.integer(byte) }
            peer.send(Array(writer.bytes))
            peer.waitForEnd()
            return true
        }
    }

    struct HostileAnswer: Sendable {
        var body: [UInt8] = []
        var correlation: Int32 = 0
        var length: Int32?
    }

    @Test(arguments: [
        HostileAnswer(body: [UInt8](repeating: 0xff, count: 40)),
        // A list of two thousand million topics.
        HostileAnswer(body: [0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff]),
        HostileAnswer(),
        HostileAnswer(body: [0, 0, 0, 0, 0], correlation: 1),
        HostileAnswer(length: .max), HostileAnswer(length: -5),
        // It begins and does not go on.
        HostileAnswer(body: [0], length: 1000),
    ])
    func `whatever comes for an answer, the reason is told in time`(_ answer: HostileAnswer) throws {
        let server = try hostile(
            .listOffsets, answer.body, correlation: answer.correlation, announcing: answer.length)
        let admin = Admin(try server.configuration(["default.api.timeout.ms": "2000"]))
        let began = Clock.system.now
        let lines = text(try admin.listOffsets([both[0]], .latest))
        #expect(Clock.system.now - began < .seconds(5))
        #expect(
            lines.first?.hasPrefix("t-0 cannot read the answer to ListOffsets from 127.0.0.1:\(server.port): ") == true,
            "\(lines)")
    }

    @Test func `a broker that never answers is given up`() throws {
        let server = try cluster([.electLeaders: 0...2]) { peer, header, _ in
            guard header.apiKey == APIKey.electLeaders.rawValue else { return false }
            peer.waitForEnd()
            return true
        }
        let admin = Admin(try server.configuration())
        do throws(ClientError) {
            _ = try admin.electLeaders(.preferred, for: nil)
            Issue.record("nothing came")
        } catch {
            #expect(error.description.hasSuffix("nothing came within 400 ms"))
        }
    }

    @Test func `an old controller is not asked for what it would misunderstand`() throws {
        let server = try cluster([.electLeaders: 0...0, .updateFeatures: 0...0]) { _, _, _ in false }
        let admin = Admin(try server.configuration())
        func refused(_ work: () throws(ClientError) -> Void) {
            do throws(ClientError) {
                try work()
                Issue.record("it is too old")
            } catch {
                #expect(error.isUnsupported, "\(error)")
            }
        }
        refused { () throws(ClientError) in _ = try admin.electLeaders(.unclean, for: nil) }
        refused { () throws(ClientError) in
            _ = try admin.updateFeatures([FeatureUpdate("a", 1, .upgrade)], .validate)
        }
        refused { () throws(ClientError) in _ = try admin.describeQuorum() }
        refused { () throws(ClientError) in try admin.unregisterController(3) }
    }

    @Test func `a controller that is none any more is looked for again`() throws {
        let rounds = Guarded(0)
        let server = try cluster([.updateFeatures: 0...2]) { peer, header, _ in
            guard header.apiKey == APIKey.updateFeatures.rawValue else { return false }
            var response = UpdateFeaturesResponse()
            let isFirst = rounds.withLock { rounds in
                rounds += 1
                return rounds == 1
            }
            response.errorCode = isFirst ? ErrorCode.notController.rawValue : ErrorCode.invalidUpdateVersion.rawValue
            response.errorMessage = "No."
            peer.answer(response, to: header)
            return true
        }
        let admin = Admin(try server.configuration(["retries": "3", "retry.backoff.ms": "1"]))
        let results = try admin.updateFeatures([FeatureUpdate("a", 1, .upgrade)], .perform)
        #expect(results.map(\.error) == [.invalidUpdateVersion] && results.first?.message == "No.")
    }

    @Test func `voters are added and removed among controllers`() throws {
        let asked = Guarded<[String]>([])
        let versions: [APIKey: ClosedRange<Int16>] = [.addRaftVoter: 0...1, .removeRaftVoter: 0...0]
        let server = try cluster(versions) { peer, header, body in
            switch APIKey(rawValue: header.apiKey) {
            case .describeCluster:
                let request = try? DescribeClusterRequest.decode(body.span.bytes, version: header.apiVersion)
                asked.withLock { $0.append("endpoints \(request?.endpointType ?? 0)") }
                return false
            case .addRaftVoter:
                guard let request = try? AddRaftVoterRequest.decode(body.span.bytes, version: header.apiVersion)
                else { return false }
                let places = request.listeners.map { "\($0.name) \($0.host) \($0.port)" }.joined()
                asked.withLock { $0.append("add \(request.voterId) \(request.voterDirectoryId) \(places)") }
                peer.answer(AddRaftVoterResponse(), to: header)
            case .removeRaftVoter:
                var response = RemoveRaftVoterResponse()
                response.errorCode = ErrorCode.voterNotFound.rawValue
                response.errorMessage = "There is no such voter."
                peer.answer(response, to: header)
            default: return false
            }
            return true
        }
        let configuration = try ClientConfiguration(
            ["bootstrap.controllers": server.address, "retries": "0"], defaultClientID: "t")
        let admin = Admin(configuration)
        let id = UUID.random()
        try admin.addVoter(
            3, directoryID: id,
            at: [VoterEndpoint(listener: "CONTROLLER", address: HostPort(host: "h", port: 65_535))])
        #expect(asked.withLock { $0 } == ["endpoints 2", "add 3 \(id) CONTROLLER h 65535"])
        do throws(ClientError) {
            try admin.removeVoter(3, directoryID: id)
            Issue.record("there is no such voter")
        } catch {
            #expect(error.cause == "There is no such voter. (VOTER_NOT_FOUND)")
        }
    }
}
