import Controller
import KafkaModel
import KafkaProtocol
import Metadata
import Testing

struct CredentialChangesTests {
    private static func image(_ level: Int16 = 21) throws -> ClusterImage {
        var image = ClusterImage(clusterID: "c")
        try image.apply(Bootstrap.records(MetadataVersion(rawValue: level)))
        return image
    }

    private static func upsertion(
        _ user: String, mechanism: Int8 = 1, iterations: Int32 = 4096
    ) -> CredentialChanges.Upsertion {
        .init(user, mechanism: mechanism, iterations: iterations, salt: [1, 2], saltedPassword: [3, 4, 5])
    }

    private static func alter(
        _ deletions: [CredentialChanges.Deletion] = [], _ upsertions: [CredentialChanges.Upsertion] = [],
        in image: inout ClusterImage
    ) throws -> [String] {
        let decision = CredentialChanges.alter(deletions: deletions, upsertions: upsertions, in: image)
        try image.apply(decision.records)
        return decision.items.map { "\($0.user): \($0.refusal?.description ?? "done")" }
    }

    @Test func `a user gets keys, other keys, and none any more`() throws {
        var image = try Self.image()
        #expect(
            try Self.alter([], [Self.upsertion("alice"), Self.upsertion("bob", mechanism: 2)], in: &image)
                == ["alice: done", "bob: done"])
        let alice = try #require(image.scramCredentials[.init(name: "alice", mechanism: 1)])
        #expect(alice.storedKey.count == 32 && alice.serverKey.count == 32 && alice.salt == [1, 2])
        #expect(try Self.alter([], [Self.upsertion("alice", iterations: 8192)], in: &image) == ["alice: done"])
        #expect(image.scramCredentials[.init(name: "alice", mechanism: 1)]?.iterations == 8192)
        #expect(try Self.alter([.init("alice", mechanism: 1)], in: &image) == ["alice: done"])
        #expect(image.scramCredentials.count == 1)
    }

    @Test func `what cannot be is refused, user by user`() throws {
        var image = try Self.image()
        #expect(
            try Self.alter(
                [.init("nobody", mechanism: 1), .init("", mechanism: 1)],
                [
                    Self.upsertion("few", iterations: 4095), Self.upsertion("many", iterations: 16385),
                    Self.upsertion("odd", mechanism: 3), Self.upsertion("good"),
                ], in: &image)
                == [
                    "nobody: Attempt to delete a user credential that does not exist (RESOURCE_NOT_FOUND)",
                    ": Username must not be empty (UNACCEPTABLE_CREDENTIAL)",
                    "few: Too few iterations (UNACCEPTABLE_CREDENTIAL)",
                    "many: Too many iterations (UNACCEPTABLE_CREDENTIAL)",
                    "odd: Unknown SCRAM mechanism (UNSUPPORTED_SASL_MECHANISM)",
                    "good: done",
                ])
        #expect(image.scramCredentials.count == 1)
    }

    @Test func `a user is altered once in a request`() throws {
        var image = try Self.image()
        _ = try Self.alter([], [Self.upsertion("alice")], in: &image)
        let twice = "alice: A user credential cannot be altered twice in the same request (DUPLICATE_RESOURCE)"
        #expect(try Self.alter([.init("alice", mechanism: 1)], [Self.upsertion("alice")], in: &image) == [twice])
        #expect(
            try Self.alter([], [Self.upsertion("alice"), Self.upsertion("alice", mechanism: 2)], in: &image)
                == [twice])
        #expect(image.scramCredentials.count == 1)
    }

    @Test func `metadata before 3 5 cannot hold credentials`() throws {
        var image = try Self.image(10)
        #expect(
            try Self.alter([], [Self.upsertion("alice")], in: &image)
                == ["alice: The current metadata.version does not support SCRAM (UNSUPPORTED_VERSION)"])
    }

    @Test func `users are told with their mechanisms, and never with keys`() throws {
        var image = try Self.image()
        _ = try Self.alter([], [Self.upsertion("bob"), Self.upsertion("alice", mechanism: 2)], in: &image)
        _ = try Self.alter([], [Self.upsertion("alice", iterations: 5000)], in: &image)
        func describe(_ users: [String]?) -> [String] {
            CredentialQuery.describe(users, in: image).map { user in
                "\(user.user) \(user.credentials.map { "\($0.mechanism):\($0.iterations)" }) "
                    + (user.refusal?.code.name ?? "")
            }
        }
        let all = [#"alice ["1:5000", "2:4096"] "#, #"bob ["1:4096"] "#]
        #expect(describe(nil) == all)
        #expect(describe([]) == all)
        #expect(describe(["carol", "bob", "bob"]) == ["carol [] RESOURCE_NOT_FOUND", "bob [] DUPLICATE_RESOURCE"])
    }
}
