import Controller
import KafkaModel
import KafkaProtocol

/// AlterUserScramCredentials: gives users SCRAM credentials and takes them away (KIP-554). Passwords come salted, and only
/// the keys that follow from them are kept.
enum AlterUserScramCredentialsHandler: RequestHandler {
    static let place = HandlingPlace.requestThread

    static func handle(
        _ request: AlterUserScramCredentialsRequest, _ context: RequestContext, _ broker: Broker
    ) -> AlterUserScramCredentialsResponse {
        let deletions = request.deletions.map { CredentialChanges.Deletion($0.name, mechanism: $0.mechanism) }
        let upsertions = request.upsertions.map { upsertion in
            CredentialChanges.Upsertion(
                upsertion.name, mechanism: upsertion.mechanism, iterations: upsertion.iterations, salt: upsertion.salt,
                saltedPassword: upsertion.saltedPassword)
        }
        let outcome = broker.cluster.change { image in
            let decision = CredentialChanges.alter(deletions: deletions, upsertions: upsertions, in: image)
            return (decision.records, decision.items)
        }
        var response = AlterUserScramCredentialsResponse()
        switch outcome {
        case .success(let results): response.results = results.map { result($0.user, $0.refusal) }
        case .failure(let code):
            let users = Set(deletions.map(\.user) + upsertions.map(\.user)).sorted()
            response.results = users.map { result($0, Refusal(code)) }
        }
        return response
    }

    private static func result(
        _ user: String, _ refusal: Refusal?
    ) -> AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult {
        var result = AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult()
        result.user = user
        result.errorCode = (refusal?.code ?? .none).rawValue
        result.errorMessage = refusal.map { $0.message ?? $0.code.message }
        return result
    }
}
