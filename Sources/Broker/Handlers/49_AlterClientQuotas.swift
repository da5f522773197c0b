import Controller
import KafkaModel
import KafkaProtocol
import Network

/// AlterClientQuotas: sets and removes the quotas of users, clients and addresses (KIP-546). They are kept and described;
/// nothing is held back by them yet, which the log says.
enum AlterClientQuotasHandler: RequestHandler {
    /// Names of hosts are looked up, which may take long.
    static let place = HandlingPlace.requestThread

    /// How many names of hosts one request may have looked up.
    private static let lookupsMax = 16

    static func handle(
        _ request: AlterClientQuotasRequest, _ context: RequestContext, _ broker: Broker
    ) -> AlterClientQuotasResponse {
        let alterations = request.entries.map { entry in
            QuotaChanges.Alteration(
                entry.entity.map { (type: $0.entityType, name: $0.entityName) },
                entry.ops.map { .init($0.key, $0.remove ? nil : $0.value) })
        }
        let hosts = Set(request.entries.flatMap(\.entity).compactMap { $0.entityType == "ip" ? $0.entityName : nil })
            .filter { !HostName.isAddress($0) }
        // Beyond the limit names count as unknown: each may cost the patience of a name server.
        let known = Set(hosts.sorted().prefix(lookupsMax).filter { HostName.isKnown($0) })
        let unknown = hosts.subtracting(known)
        let outcome = broker.cluster.change { image in
            let decision = QuotaChanges.alter(
                alterations, in: image, unknownHosts: unknown,
                intent: request.validateOnly ? .validateOnly : .change)
            return (decision.records, decision.items)
        }
        let refusals: [Refusal?] =
            switch outcome {
            case .success(let items): items
            case .failure(let code): alterations.map { _ in Refusal(code) }
            }
        var response = AlterClientQuotasResponse()
        response.entries = zip(request.entries, refusals).map { asked, refusal in
            var entry = AlterClientQuotasResponse.EntryData()
            entry.errorCode = (refusal?.code ?? .none).rawValue
            entry.errorMessage = refusal.map { $0.message ?? $0.code.message }
            entry.entity = asked.entity.map { part in
                var answer = AlterClientQuotasResponse.EntityData()
                answer.entityType = part.entityType
                answer.entityName = part.entityName
                return answer
            }
            return entry
        }
        return response
    }
}
