public import KafkaModel
import KafkaProtocol
public import Security

/// What a cluster holds of a user's passwords for SCRAM: not the passwords.
public struct SCRAMDescription: Sendable {
    public let user: String
    public let error: ErrorCode
    public let message: String?
    public let credentials: [(mechanism: SCRAMHash, iterations: Int32)]

    public init(
        user: String, error: ErrorCode = .none, message: String? = nil,
        credentials: [(mechanism: SCRAMHash, iterations: Int32)]
    ) {
        self.user = user
        self.error = error
        self.message = message
        self.credentials = credentials
    }
}

/// A change of a user's passwords.
public enum SCRAMChange: Sendable, Equatable {
    case delete(SCRAMHash)
    case set(SCRAMHash, iterations: Int32, password: String)
}

extension Admin {
    /// Of all users without names.
    public func describeSCRAMCredentials(_ users: [String]? = nil) throws(ClientError) -> [SCRAMDescription] {
        var request = DescribeUserScramCredentialsRequest()
        request.users = users.map { users in
            users.map { name in
                var user = DescribeUserScramCredentialsRequest.UserName()
                user.name = name
                return user
            }
        }
        let response = try onController(request) { [$0.errorCode] }
        let code = ErrorCode(code: response.errorCode)
        guard code == .none else {
            throw ClientError(
                "the cluster", .receive(.describeUserScramCredentials), .refused(code, message: response.errorMessage))
        }
        return response.results.map { result in
            SCRAMDescription(
                user: result.user, error: ErrorCode(code: result.errorCode), message: result.errorMessage,
                credentials: result.credentialInfos.compactMap { info in
                    SCRAMHash(rawValue: info.mechanism).map { ($0, info.iterations) }
                })
        }
    }

    /// The password itself stays here; what is sent is derived from it with a salt. Each change is a request of its own,
    /// because a cluster without ZooKeeper alters a user once in a request.
    public func alterSCRAMCredentials(user: String, _ changes: [SCRAMChange]) throws(ClientError) {
        for change in changes {
            let request = try Self.altering(user, change)
            let response = try onController(request) { $0.results.map(\.errorCode) }
            for result in response.results where result.errorCode != 0 {
                throw ClientError(
                    "the cluster", .receive(.alterUserScramCredentials),
                    .refused(ErrorCode(code: result.errorCode), message: result.errorMessage))
            }
        }
    }

    private static func altering(
        _ user: String, _ change: SCRAMChange
    ) throws(ClientError) -> AlterUserScramCredentialsRequest {
        var request = AlterUserScramCredentialsRequest()
        switch change {
        case .delete(let mechanism):
            var deletion = AlterUserScramCredentialsRequest.ScramCredentialDeletion()
            deletion.name = user
            deletion.mechanism = mechanism.rawValue
            request.deletions = [deletion]
        case .set(let mechanism, let iterations, let password):
            var upsertion = AlterUserScramCredentialsRequest.ScramCredentialUpsertion()
            upsertion.name = user
            upsertion.mechanism = mechanism.rawValue
            upsertion.iterations = iterations
            upsertion.salt = SaltedPassword.salt()
            do throws(CryptoError) {
                upsertion.saltedPassword = try SaltedPassword.derive(
                    password, salt: upsertion.salt, iterations: iterations, mechanism)
            } catch {
                throw ClientError("the cluster", .send(.alterUserScramCredentials), .notPrepared(error.description))
            }
            request.upsertions = [upsertion]
        }
        return request
    }
}
