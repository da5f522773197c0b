import KafkaModel
import KafkaProtocol
import Metadata
import Testing

@testable import Broker

struct FeatureTests {
    let server: TestBroker
    let client: TestClient

    init() throws {
        server = try TestBroker()
        client = try server.client()
    }

    private func apiVersions(_ client: TestClient, version: Int16? = nil) throws -> ApiVersionsResponse {
        var request = ApiVersionsRequest()
        request.clientSoftwareName = "test"
        request.clientSoftwareVersion = "1.0"
        return try client.call(request, version: version)
    }

    private func update(
        _ feature: String, _ level: Int16, type: Int8 = 1, validateOnly: Bool = false, version: Int16? = nil
    ) throws -> UpdateFeaturesResponse {
        var update = UpdateFeaturesRequest.FeatureUpdateKey()
        update.feature = feature
        update.maxVersionLevel = level
        update.upgradeType = type
        update.allowDowngrade = type != 1
        var request = UpdateFeaturesRequest()
        request.featureUpdates = [update]
        request.validateOnly = validateOnly
        return try client.call(request, version: version)
    }

    private func level(_ feature: String) throws -> Int16? {
        try apiVersions(client).finalizedFeatures.first { $0.name == feature }?.maxVersionLevel
    }

    @Test func `ApiVersions tells what is supported and what is finalized, with an epoch`() throws {
        let answer = try apiVersions(client)
        #expect(
            answer.supportedFeatures.map { "\($0.name) \($0.minVersion)-\($0.maxVersion)" } == [
                "eligible.leader.replicas.version 0-1", "group.version 0-1", "kraft.version 0-1",
                "metadata.version 1-30", "share.version 0-1", "streams.version 0-1", "transaction.version 0-2",
            ])
        #expect(answer.finalizedFeatures.map { "\($0.name) \($0.maxVersionLevel)" } == ["metadata.version 21"])
        #expect(answer.finalizedFeaturesEpoch == server.broker.cluster.image.offset)
        // Clients before version 4 cannot read a range that begins with 0.
        #expect(try apiVersions(client, version: 3).supportedFeatures.map(\.name) == ["metadata.version"])
    }

    @Test func `a level is raised at once and for good`() throws {
        let before = try apiVersions(client).finalizedFeaturesEpoch
        for version in 0...client.newest(.updateFeatures) {
            let answer = try update("metadata.version", 22 + version, version: version)
            #expect(answer.errorCode == 0)
            #expect(answer.errorMessage == nil)
            #expect(answer.results.map(\.feature) == (version <= 1 ? ["metadata.version"] : []))
        }
        #expect(try level("metadata.version") == 24)
        #expect(try apiVersions(client).finalizedFeaturesEpoch > before)
        try client.createTopic("t")
        server.stop()
        let again = try TestBroker(in: server.directory)
        #expect(again.broker.cluster.image.metadataVersion.rawValue == 24)
        #expect(again.broker.cluster.image.topic("t") != nil)
    }

    @Test func `validation changes nothing`() throws {
        #expect(try update("metadata.version", 25, validateOnly: true).errorCode == 0)
        #expect(try level("metadata.version") == 21)
    }

    @Test func `a refusal is told for the request as a whole`() throws {
        let answer = try update("metadata.version", 17, type: 2)
        #expect(code(answer.errorCode) == .none)
        let refused = try update("metadata.version", 16, type: 2)
        #expect(code(refused.errorCode) == .invalidUpdateVersion)
        #expect(
            refused.errorMessage
                == "The update failed for all features since the following feature had an error: Unsupported "
                + "metadata.version downgrade from 17 to 16. Refusing to perform the requested downgrade because it "
                + "might delete metadata information.")
        #expect(refused.results.isEmpty)
    }

    @Test func `every level up to the newest can be lived with`() throws {
        for next in 22...MetadataVersion.newest.rawValue {
            #expect(try update("metadata.version", next).errorCode == 0)
            try client.createTopic("t\(next)")
            #expect(try client.produce("t\(next)", "x").errorCode == 0)
        }
        #expect(try update("eligible.leader.replicas.version", 1).errorCode == 0)
        #expect(server.broker.cluster.image.config(.allBrokers) == ["min.insync.replicas": "1"])
        server.stop()
        let again = try TestBroker(in: server.directory)
        #expect(again.broker.cluster.image.topicCount == 9)
    }
}
