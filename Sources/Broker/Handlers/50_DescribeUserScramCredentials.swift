import Controller
import KafkaModel
import KafkaProtocol

/// DescribeUserScramCredentials: which users have SCRAM credentials of which mechanism (KIP-554).
enum DescribeUserScramCredentialsHandler: RequestHandler {
    static let place = HandlingPlace.requestThread

    static func handle(
        _ request: DescribeUserScramCredentialsRequest, _ context: RequestContext, _ broker: Broker
    ) -> DescribeUserScramCredentialsResponse {
        var response = DescribeUserScramCredentialsResponse()
        response.errorMessage = nil
        let users = CredentialQuery.describe(request.users?.map(\.name), in: broker.cluster.image)
        response.results = users.map { user in
            var result = DescribeUserScramCredentialsResponse.DescribeUserScramCredentialsResult()
            result.user = user.user
            result.errorCode = (user.refusal?.code ?? .none).rawValue
            result.errorMessage = user.refusal?.message
            result.credentialInfos = user.credentials.map { credential in
                var info = DescribeUserScramCredentialsResponse.CredentialInfo()
                info.mechanism = credential.mechanism
                info.iterations = credential.iterations
                return info
            }
            return result
        }
        return response
    }
}
