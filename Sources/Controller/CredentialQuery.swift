import KafkaModel
import KafkaProtocol
public import Metadata

/// What is told about credentials: who has some, of which kind; never the keys.
public enum CredentialQuery {
    public struct Description: Sendable {
        public let user: String
        /// By the number of the mechanism.
        public let credentials: [(mechanism: Int8, iterations: Int32)]
        public let refusal: Refusal?
    }

    /// No users ask for all of them.
    public static func describe(_ users: [String]?, in image: ClusterImage) -> [Description] {
        var byUser: [String: [(mechanism: Int8, iterations: Int32)]] = [:]
        for credential in image.scramCredentials.values {
            byUser[credential.name, default: []].append((credential.mechanism, credential.iterations))
        }
        var asked: [String] = []
        var times: [String: Int] = [:]
        for user in users.flatMap({ $0.isEmpty ? nil : $0 }) ?? byUser.keys.sorted() {
            if times[user] == nil { asked.append(user) }
            times[user, default: 0] += 1
        }
        return asked.map { user in
            var refusal: Refusal?
            if times[user] != 1 {
                refusal = Refusal(
                    .duplicateResource,
                    "Cannot describe SCRAM credentials for the same user twice in a single request: \(user)")
            } else if byUser[user] == nil {
                refusal = Refusal(
                    .resourceNotFound, "Attempt to describe a user credential that does not exist: \(user)")
            }
            let credentials = refusal == nil ? byUser[user] ?? [] : []
            return Description(
                user: user, credentials: credentials.sorted { $0.mechanism < $1.mechanism }, refusal: refusal)
        }
    }
}
