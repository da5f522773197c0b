import KafkaModel
import KafkaProtocol
import Testing

@testable import Broker

struct QuotaTests {
    let server: TestBroker
    let client: TestClient

    init() throws {
        server = try TestBroker()
        client = try server.client()
    }

    private func alter(
        _ type: String, _ name: String?, _ key: String, _ value: Double?, validateOnly: Bool = false,
        version: Int16? = nil
    ) throws -> AlterClientQuotasResponse.EntryData {
        var entity = AlterClientQuotasRequest.EntityData()
        entity.entityType = type
        entity.entityName = name
        var operation = AlterClientQuotasRequest.OpData()
        operation.key = key
        operation.value = value ?? 0
        operation.remove = value == nil
        var entry = AlterClientQuotasRequest.EntryData()
        entry.entity = [entity]
        entry.ops = [operation]
        var request = AlterClientQuotasRequest()
        request.entries = [entry]
        request.validateOnly = validateOnly
        return try client.call(request, version: version).entries[0]
    }

    private func describe(
        _ client: TestClient, _ type: String? = nil, version: Int16? = nil
    ) throws -> DescribeClientQuotasResponse {
        var request = DescribeClientQuotasRequest()
        if let type {
            var component = DescribeClientQuotasRequest.ComponentData()
            component.entityType = type
            component.matchType = 2
            component.match = nil
            request.components = [component]
        }
        return try client.call(request, version: version)
    }

    private func texts(_ response: DescribeClientQuotasResponse) -> [String] {
        (response.entries ?? []).map { entry in
            let entity = entry.entity.map { "\($0.entityType)=\($0.entityName ?? "default")" }
            return "\(entity.joined(separator: ",")): "
                + entry.values.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        }
    }

    @Test func `quotas are set in every version, described and kept over a restart`() throws {
        for version in 0...client.newest(.alterClientQuotas) {
            let entry = try alter("user", "u\(version)", "producer_byte_rate", 1024, version: version)
            #expect(entry.errorCode == 0 && entry.errorMessage == nil)
            #expect(entry.entity.map(\.entityName) == ["u\(version)"])
        }
        #expect(try alter("ip", "127.0.0.1", "connection_creation_rate", 5).errorCode == 0)
        #expect(try alter("user", nil, "request_percentage", 50.5).errorCode == 0)
        #expect(try alter("user", "u1", "producer_byte_rate", 1, validateOnly: true).errorCode == 0)
        let all = [
            "ip=127.0.0.1: connection_creation_rate=5.0", "user=default: request_percentage=50.5",
            "user=u0: producer_byte_rate=1024.0", "user=u1: producer_byte_rate=1024.0",
        ]
        for version in 0...client.newest(.describeClientQuotas) {
            #expect(try texts(describe(client, version: version)).sorted() == all)
            #expect(try texts(describe(client, "ip", version: version)) == [all[0]])
        }
        #expect(try alter("user", "u0", "producer_byte_rate", nil).errorCode == 0)
        server.stop()
        let again = try TestBroker(in: server.directory)
        #expect(try texts(describe(again.client())).sorted() == [all[0], all[1], all[3]])
    }

    @Test func `what cannot be says why`() throws {
        let entry = try alter("ip", "300.1.2.3.invalid", "connection_creation_rate", 5)
        #expect(code(entry.errorCode) == .invalidRequest)
        #expect(entry.errorMessage == "300.1.2.3.invalid is not a valid IP or resolvable host.")
        let answer = try describe(client, "group")
        #expect(code(answer.errorCode) == .unsupportedVersion)
        #expect(answer.errorMessage == "Unsupported entity type group")
        #expect(answer.entries == nil)
    }
}
