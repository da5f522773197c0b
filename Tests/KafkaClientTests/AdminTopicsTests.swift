import Bytes
import KafkaModel
import KafkaProtocol
import Posix
import Security
import Testing

@testable import KafkaClient

/// Topics and settings through an admin client, against brokers of several ages.
@Suite struct AdminTopicsTests {
    /// Serves one connection: what the script does not answer ends it.
    private func server(
        _ versions: [APIKey: ClosedRange<Int16>],
        _ script: @escaping @Sendable (ScriptedServer.Peer, RequestHeader, [UInt8]) -> Void
    ) throws -> ScriptedServer {
        try ScriptedServer { peer, _ in
            guard peer.introduce(versions.merging([.apiVersions: 0...4]) { one, _ in one }) else { return }
            while let (header, body) = peer.request() { script(peer, header, body) }
        }
    }

    private func decoded<Request: RequestMessage>(
        _: Request.Type, _ header: RequestHeader, _ body: [UInt8]
    ) -> Request {
        (try? Request.decode(body.span.bytes, version: header.apiVersion)) ?? Request()
    }

    private func partition(_ index: Int32) -> DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition {
        var partition = DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition()
        partition.partitionIndex = index
        partition.leaderId = 1
        partition.replicaNodes = [1]
        partition.isrNodes = [1]
        partition.eligibleLeaderReplicas = index == 0 ? [] : nil
        return partition
    }

    private func page(
        _ topic: String, _ indexes: [Int32]
    ) -> DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic {
        var described = DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic()
        described.name = topic
        described.partitions = indexes.map(partition)
        return described
    }

    private func cursor(_ topic: String, _ index: Int32) -> DescribeTopicPartitionsResponse.Cursor {
        var cursor = DescribeTopicPartitionsResponse.Cursor()
        cursor.topicName = topic
        cursor.partitionIndex = index
        return cursor
    }

    @Test func `partitions come page by page and are put together`() throws {
        let asked = Guarded<[String]>([])
        let server = try server([.describeTopicPartitions: 0...0]) { peer, header, body in
            let request = decoded(DescribeTopicPartitionsRequest.self, header, body)
            let place = request.cursor.map { "\($0.topicName)-\($0.partitionIndex)" } ?? "start"
            asked.withLock { $0.append("\(request.topics.map(\.name)) \(place) \(request.responsePartitionLimit)") }
            var response = DescribeTopicPartitionsResponse()
            switch place {
            case "start":
                response.topics = [page("a", [0]), page("b", [0, 1])]
                response.nextCursor = cursor("b", 2)
            default:
                response.topics = [page("b", [2]), page("c", [0])]
            }
            peer.answer(response, to: header)
        }
        let topics = try Admin(try server.configuration()).describeTopics(["c", "a", "b"], pageSize: 3)
        #expect(topics.map(\.name) == ["a", "b", "c"])
        #expect(topics.map { $0.partitions.map(\.index) } == [[0], [0, 1, 2], [0]])
        #expect(topics[0].partitions[0].elr == [] && topics[1].partitions[1].elr == nil)
        #expect(asked.withLock { $0 } == [#"["a", "b", "c"] start 3"#, #"["b", "c"] b-2 3"#])
    }

    @Test func `pages that lead nowhere are an error`() throws {
        let server = try server([.describeTopicPartitions: 0...0]) { peer, header, _ in
            var response = DescribeTopicPartitionsResponse()
            response.nextCursor = cursor("b", 2)
            peer.answer(response, to: header)
        }
        let configuration = try server.configuration()
        do throws(ClientError) {
            _ = try Admin(configuration).describeTopics(["a", "b"])
            Issue.record("the cursor stands still")
        } catch {
            #expect(error.description.contains("cannot read the answer to DescribeTopicPartitions"))
        }
    }

    @Test func `a broker without pages is asked for metadata`() throws {
        let server = try server([.metadata: 0...7]) { peer, header, body in
            let request = decoded(MetadataRequest.self, header, body)
            var topic = MetadataResponse.MetadataResponseTopic()
            topic.name = request.topics?.first?.name
            var partition = MetadataResponse.MetadataResponsePartition()
            partition.leaderId = 4
            topic.partitions = [partition]
            var response = MetadataResponse()
            response.topics = [topic]
            peer.answer(response, to: header)
        }
        let topics = try Admin(try server.configuration()).describeTopics(["t"])
        #expect(topics.map(\.name) == ["t"] && topics[0].partitions[0].leader == 4)
        #expect(topics[0].partitions[0].elr == nil)
    }

    @Test func `the oldest metadata`() throws {
        let server = try server([.metadata: 0...0]) { peer, header, body in
            let request = decoded(MetadataRequest.self, header, body)
            var topic = MetadataResponse.MetadataResponseTopic()
            topic.name = request.topics?.isEmpty == true ? "all" : "some"
            var response = MetadataResponse()
            response.topics = [topic]
            peer.answer(response, to: header)
        }
        #expect(try Admin(try server.configuration()).topicsAndCluster().topics.map(\.name) == ["all"])
    }

    @Test func `what only the controller does is asked there`() throws {
        let port = Guarded<UInt16>(0)
        let server = try ScriptedServer(connections: 2) { peer, number in
            let versions: [APIKey: ClosedRange<Int16>] = [.apiVersions: 0...4, .metadata: 0...7, .createTopics: 0...3]
            // The second connection is to the controller, which is asked while the first is still open.
            let own = peer.duplicate()
            Thread(name: "peer-\(number)") {
                defer { own.end() }
                guard own.introduce(versions) else { return }
                while let (header, body) = own.request() {
                    if header.apiKey == APIKey.metadata.rawValue {
                        var node = MetadataResponse.MetadataResponseBroker()
                        node.nodeId = 7
                        node.host = "localhost"
                        node.port = Int32(port.withLock { $0 })
                        var response = MetadataResponse()
                        response.controllerId = 7
                        response.brokers = [node]
                        own.answer(response, to: header)
                    } else {
                        let request = decoded(CreateTopicsRequest.self, header, body)
                        var result = CreateTopicsResponse.CreatableTopicResult()
                        result.name = request.topics.first?.name ?? ""
                        result.errorCode = number == 0 ? ErrorCode.notController.rawValue : 0
                        var response = CreateTopicsResponse()
                        response.topics = [result]
                        own.answer(response, to: header)
                    }
                }
            }.leave()
        }
        port.withLock { $0 = server.port }
        let outcome = try Admin(try server.configuration()).createTopics([NewTopic("t")])
        #expect(outcome.map(\.name) == ["t"] && outcome[0].error == .none)
    }

    @Test func `settings of one kind come together, with their sources`() throws {
        let server = try server([.describeConfigs: 1...2]) { peer, header, body in
            let request = decoded(DescribeConfigsRequest.self, header, body)
            var response = DescribeConfigsResponse()
            response.results = request.resources.map { resource in
                var config = DescribeConfigsResponse.DescribeConfigsResourceResult()
                config.name = "retention.ms"
                config.value = "1"
                config.configSource = 1
                var synonym = DescribeConfigsResponse.DescribeConfigsSynonym()
                synonym.name = "log.retention.hours"
                synonym.value = "168"
                synonym.source = 5
                config.synonyms = request.includeSynonyms ? [synonym] : []
                var result = DescribeConfigsResponse.DescribeConfigsResult()
                result.resourceType = resource.resourceType
                result.resourceName = resource.resourceName
                result.errorCode = resource.resourceName == "gone" ? 3 : 0
                result.configs = [config]
                return result
            }
            response.results.reverse()
            peer.answer(response, to: header)
        }
        let found = try Admin(try server.configuration()).describeConfigs(
            [ConfigResource(.topic, "t"), ConfigResource(.topic, "gone")], .synonyms)
        #expect(found.map(\.resource.name) == ["t", "gone"])
        #expect(found.map(\.error) == [.none, .unknownTopicOrPartition])
        #expect(
            found[0].entries == [
                DescribedConfig(
                    name: "retention.ms", value: "1", source: .topic,
                    synonyms: [DescribedConfig.Synonym(name: "log.retention.hours", value: "168", source: .builtIn)])
            ])
    }

    @Test func `the settings of all topics of a cluster come in one answer`() throws {
        let counts = Guarded<[Int]>([])
        let server = try server([.describeConfigs: 4...4]) { peer, header, body in
            let request = decoded(DescribeConfigsRequest.self, header, body)
            counts.withLock { $0.append(request.resources.count) }
            var response = DescribeConfigsResponse()
            response.results = request.resources.map { resource in
                var result = DescribeConfigsResponse.DescribeConfigsResult()
                result.resourceType = resource.resourceType
                result.resourceName = resource.resourceName
                return result
            }
            peer.answer(response, to: header)
        }
        let topics = (0..<Admin.describedMax + 1).map { ConfigResource(.topic, "t\($0)") }
        let found = try Admin(try server.configuration()).describeConfigs(topics, [], .changed(besides: []))
        #expect(found.map(\.resource) == topics && found.allSatisfy { $0.error == .none })
        #expect(counts.withLock { $0 } == [Admin.describedMax, 1])
    }

    @Test func `a broker from before single changes is told all settings`() throws {
        let told = Guarded<[String]>([])
        let server = try server([.describeConfigs: 1...2, .alterConfigs: 0...1]) { peer, header, body in
            if header.apiKey == APIKey.describeConfigs.rawValue {
                var response = DescribeConfigsResponse()
                var result = DescribeConfigsResponse.DescribeConfigsResult()
                result.resourceType = 2
                result.resourceName = "t"
                result.configs = [("a", 1), ("b", 1), ("c", 5), ("l", 1)].map { name, source in
                    var config = DescribeConfigsResponse.DescribeConfigsResourceResult()
                    config.name = name
                    config.value = name == "l" ? "x,y" : "old"
                    config.configSource = Int8(source)
                    return config
                }
                response.results = [result]
                peer.answer(response, to: header)
            } else {
                let request = decoded(AlterConfigsRequest.self, header, body)
                told.withLock {
                    $0 = request.resources.flatMap(\.configs).map { "\($0.name)=\($0.value ?? "null")" }.sorted()
                }
                var response = AlterConfigsResponse()
                response.responses = [AlterConfigsResponse.AlterConfigsResourceResponse()]
                peer.answer(response, to: header)
            }
        }
        try Admin(try server.configuration()).alterConfigs(
            ConfigResource(.topic, "t"),
            [ConfigChange(.set, "a", "new"), ConfigChange(.delete, "b"), ConfigChange(.append, "l", "z,y")])
        #expect(told.withLock { $0 } == ["a=new", "l=x,y,z"])
    }

    @Test func `a refusal keeps the broker's words`() throws {
        let server = try server([.incrementalAlterConfigs: 0...1]) { peer, header, _ in
            var result = IncrementalAlterConfigsResponse.AlterConfigsResourceResponse()
            result.errorCode = ErrorCode.invalidConfig.rawValue
            result.errorMessage = "Unknown topic config name: x"
            var response = IncrementalAlterConfigsResponse()
            response.responses = [result]
            peer.answer(response, to: header)
        }
        let configuration = try server.configuration()
        do throws(ClientError) {
            try Admin(configuration).alterConfigs(
                ConfigResource(.topic, "t"), [ConfigChange(.set, "x", "1")])
            Issue.record("it was refused")
        } catch {
            #expect(error.cause == "Unknown topic config name: x (INVALID_CONFIG)")
        }
    }

    @Test func `quotas are looked for and changed`() throws {
        let seen = Guarded<[String]>([])
        let server = try server([.describeClientQuotas: 0...1, .alterClientQuotas: 0...1]) { peer, header, body in
            if header.apiKey == APIKey.describeClientQuotas.rawValue {
                let request = decoded(DescribeClientQuotasRequest.self, header, body)
                seen.withLock {
                    $0 += request.components.map { "\($0.entityType) \($0.matchType) \($0.match ?? "null")" }
                }
                var entity = DescribeClientQuotasResponse.EntityData()
                entity.entityType = "user"
                entity.entityName = nil
                var value = DescribeClientQuotasResponse.ValueData()
                value.key = "producer_byte_rate"
                value.value = 1.5
                var entry = DescribeClientQuotasResponse.EntryData()
                entry.entity = [entity]
                entry.values = [value]
                var response = DescribeClientQuotasResponse()
                response.entries = [entry]
                peer.answer(response, to: header)
            } else {
                let request = decoded(AlterClientQuotasRequest.self, header, body)
                seen.withLock {
                    $0 += request.entries.flatMap(\.ops).map { "\($0.key) \($0.value) \($0.remove)" }
                }
                var entry = AlterClientQuotasResponse.EntryData()
                entry.errorMessage = nil
                var response = AlterClientQuotasResponse()
                response.entries = [entry]
                peer.answer(response, to: header)
            }
        }
        let admin = Admin(try server.configuration())
        let quotas = try admin.describeClientQuotas([
            Admin.QuotaMatch(.user, .byDefault), Admin.QuotaMatch(.clientID, .only("c")),
        ])
        #expect(quotas == [ClientQuota([.init(.user, nil)], [.init("producer_byte_rate", 1.5)])])
        try admin.alterClientQuotas(
            [.init(.user, "alice")], set: [.init("producer_byte_rate", 7)], remove: ["request_percentage"])
        #expect(
            seen.withLock { $0 } == [
                "user 1 null", "client-id 0 c", "producer_byte_rate 7.0 false", "request_percentage 0.0 true",
            ])
    }

    @Test func `a password is salted before it is sent`() throws {
        let server = try server([.alterUserScramCredentials: 0...0]) { peer, header, body in
            let request = decoded(AlterUserScramCredentialsRequest.self, header, body)
            var response = AlterUserScramCredentialsResponse()
            response.results = request.upsertions.map { upsertion in
                let expected = try? SaltedPassword.derive(
                    "secret", salt: upsertion.salt, iterations: upsertion.iterations, .sha256)
                var result = AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult()
                result.user = upsertion.name
                let isRight = upsertion.saltedPassword == expected && upsertion.salt.count >= 16
                result.errorCode = isRight ? 0 : ErrorCode.unacceptableCredential.rawValue
                return result
            }
            peer.answer(response, to: header)
        }
        try Admin(try server.configuration()).alterSCRAMCredentials(
            user: "alice", [.set(.sha256, iterations: 4096, password: "secret")])
    }
}
