import KafkaModel
import KafkaProtocol
public import Metadata
import Security

/// What to write when users get and lose the keys they authenticate with by SCRAM (KIP-554, KIP-900). Each user of a
/// request is done or refused as a whole, and at most once.
public enum CredentialChanges {
    public struct Deletion: Sendable {
        public var user: String
        /// See `SCRAMHash`, as it came.
        public var mechanism: Int8

        public init(_ user: String, mechanism: Int8) {
            self.user = user
            self.mechanism = mechanism
        }
    }

    public struct Upsertion: Sendable {
        public var user: String
        public var mechanism: Int8
        public var iterations: Int32
        public var salt: [UInt8]
        /// The password itself never gets here.
        public var saltedPassword: [UInt8]

        public init(_ user: String, mechanism: Int8, iterations: Int32, salt: [UInt8], saltedPassword: [UInt8]) {
            self.user = user
            self.mechanism = mechanism
            self.iterations = iterations
            self.salt = salt
            self.saltedPassword = saltedPassword
        }
    }

    public struct Result: Sendable {
        public let user: String
        /// Nil when it was done.
        public let refusal: Refusal?
    }

    public static func alter(
        deletions: [Deletion], upsertions: [Upsertion], in image: ClusterImage
    ) -> Decision<Result> {
        var users: [String] = []
        var times: [String: Int] = [:]
        for user in deletions.map(\.user) + upsertions.map(\.user) {
            if times[user] == nil { users.append(user) }
            times[user, default: 0] += 1
        }
        var outcomes: [String: Swift.Result<MetadataRecord, Refusal>] = [:]
        for deletion in deletions {
            outcomes[deletion.user] = attempt { () throws(Refusal) in
                try record(deletion, isTwice: times[deletion.user] != 1, in: image)
            }
        }
        for upsertion in upsertions where outcomes[upsertion.user]?.isRefused != true {
            outcomes[upsertion.user] = attempt { () throws(Refusal) in
                try record(upsertion, isTwice: times[upsertion.user] != 1, in: image)
            }
        }
        var decision = Decision<Result>()
        for user in users {
            switch outcomes[user] {
            case .success(let record):
                decision.records.append(record)
                decision.items.append(Result(user: user, refusal: nil))
            case .failure(let refusal): decision.items.append(Result(user: user, refusal: refusal))
            case nil: break
            }
        }
        return decision
    }

    private static func attempt(
        _ body: () throws(Refusal) -> MetadataRecord
    ) -> Swift.Result<MetadataRecord, Refusal> {
        do throws(Refusal) { return .success(try body()) } catch { return .failure(error) }
    }

    private static func record(
        _ deletion: Deletion, isTwice: Bool, in image: ClusterImage
    ) throws(Refusal) -> MetadataRecord {
        _ = try check(deletion.user, deletion.mechanism, isTwice: isTwice, in: image)
        let key = ClusterImage.ScramUser(name: deletion.user, mechanism: deletion.mechanism)
        guard image.scramCredentials[key] != nil else {
            throw Refusal(.resourceNotFound, "Attempt to delete a user credential that does not exist")
        }
        var record = RemoveUserScramCredentialRecord()
        record.name = deletion.user
        record.mechanism = deletion.mechanism
        return .removeUserScramCredential(record)
    }

    private static func record(
        _ upsertion: Upsertion, isTwice: Bool, in image: ClusterImage
    ) throws(Refusal) -> MetadataRecord {
        let hash = try check(upsertion.user, upsertion.mechanism, isTwice: isTwice, in: image)
        if upsertion.iterations < SCRAMHash.iterationsMin {
            throw Refusal(.unacceptableCredential, "Too few iterations")
        }
        if upsertion.iterations > SCRAMHash.iterationsMax {
            throw Refusal(.unacceptableCredential, "Too many iterations")
        }
        var record = UserScramCredentialRecord()
        record.name = upsertion.user
        record.mechanism = upsertion.mechanism
        record.salt = upsertion.salt
        record.iterations = upsertion.iterations
        do throws(CryptoError) {
            let keys = try SCRAMKeys(saltedPassword: upsertion.saltedPassword, hash)
            record.storedKey = keys.storedKey
            record.serverKey = keys.serverKey
        } catch {
            throw Refusal(.unsupportedSASLMechanism, "The keys of the credential cannot be computed: \(error)")
        }
        return .userScramCredential(record)
    }

    private static func check(
        _ user: String, _ mechanism: Int8, isTwice: Bool, in image: ClusterImage
    ) throws(Refusal) -> SCRAMHash {
        if isTwice {
            throw Refusal(.duplicateResource, "A user credential cannot be altered twice in the same request")
        }
        guard image.metadataVersion.hasCredentials else {
            throw Refusal(.unsupportedVersion, "The current metadata.version does not support SCRAM")
        }
        if user.isEmpty { throw Refusal(.unacceptableCredential, "Username must not be empty") }
        guard let hash = SCRAMHash(rawValue: mechanism) else {
            throw Refusal(.unsupportedSASLMechanism, "Unknown SCRAM mechanism")
        }
        return hash
    }
}

extension Swift.Result {
    fileprivate var isRefused: Bool { if case .failure = self { true } else { false } }
}
