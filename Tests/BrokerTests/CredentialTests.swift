import KafkaModel
import KafkaProtocol
import Testing

@testable import Broker

struct CredentialTests {
    let server: TestBroker
    let client: TestClient

    init() throws {
        server = try TestBroker()
        client = try server.client()
    }

    private func upsert(_ user: String, mechanism: Int8 = 1, iterations: Int32 = 4096) throws -> ErrorCode {
        var upsertion = AlterUserScramCredentialsRequest.ScramCredentialUpsertion()
        upsertion.name = user
        upsertion.mechanism = mechanism
        upsertion.iterations = iterations
        upsertion.salt = [1, 2, 3]
        upsertion.saltedPassword = [4, 5, 6]
        var request = AlterUserScramCredentialsRequest()
        request.upsertions = [upsertion]
        return try code(client.call(request).results[0].errorCode)
    }

    private func delete(_ user: String, mechanism: Int8 = 1) throws -> ErrorCode {
        var deletion = AlterUserScramCredentialsRequest.ScramCredentialDeletion()
        deletion.name = user
        deletion.mechanism = mechanism
        var request = AlterUserScramCredentialsRequest()
        request.deletions = [deletion]
        return try code(client.call(request).results[0].errorCode)
    }

    private func describe(_ client: TestClient, _ users: [String]? = nil) throws -> [String] {
        var request = DescribeUserScramCredentialsRequest()
        request.users = users.map { users in
            users.map { name in
                var user = DescribeUserScramCredentialsRequest.UserName()
                user.name = name
                return user
            }
        }
        let response = try client.call(request)
        #expect(response.errorCode == 0)
        return response.results.map { result in
            "\(result.user) \(result.credentialInfos.map { "\($0.mechanism):\($0.iterations)" }) \(result.errorCode)"
        }
    }

    @Test func `credentials are kept over a restart, described without keys, and deleted`() throws {
        #expect(try upsert("alice") == .none)
        #expect(try upsert("alice", mechanism: 2, iterations: 8192) == .none)
        #expect(try upsert("bob") == .none)
        #expect(try delete("bob") == .none)
        #expect(try delete("bob") == .resourceNotFound)
        let alice = [#"alice ["1:4096", "2:8192"] 0"#]
        #expect(try describe(client) == alice)
        #expect(try describe(client, ["bob"]) == ["bob [] \(ErrorCode.resourceNotFound.rawValue)"])
        server.stop()
        let again = try TestBroker(in: server.directory)
        #expect(try describe(again.client()) == alice)
    }

    @Test func `what cannot be is refused`() throws {
        #expect(try upsert("alice", iterations: 4095) == .unacceptableCredential)
        #expect(try upsert("alice", iterations: 16385) == .unacceptableCredential)
        #expect(try upsert("alice", mechanism: 0) == .unsupportedSASLMechanism)
        #expect(try upsert("") == .unacceptableCredential)
        #expect(try describe(client).isEmpty)
    }
}
