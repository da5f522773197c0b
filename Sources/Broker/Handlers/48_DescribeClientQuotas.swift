import Controller
import KafkaModel
import KafkaProtocol
import Metadata

/// DescribeClientQuotas: the quotas of users, clients and addresses that match a filter (KIP-546).
enum DescribeClientQuotasHandler: RequestHandler {
    static let place = HandlingPlace.requestThread

    static func handle(
        _ request: DescribeClientQuotasRequest, _ context: RequestContext, _ broker: Broker
    ) -> DescribeClientQuotasResponse {
        var response = DescribeClientQuotasResponse()
        response.errorMessage = nil
        do throws(Refusal) {
            let query = try QuotaQuery(
                request.components.map { .init($0.entityType, match: $0.matchType, name: $0.match) },
                isStrict: request.strict)
            response.entries = query.results(in: broker.cluster.image).map { entity, values in
                var entry = DescribeClientQuotasResponse.EntryData()
                entry.entity = entity.parts.sorted { $0.key < $1.key }.map { type, name in
                    var part = DescribeClientQuotasResponse.EntityData()
                    part.entityType = type
                    part.entityName = name
                    return part
                }
                entry.values = values.map { key, value in
                    var data = DescribeClientQuotasResponse.ValueData()
                    data.key = key
                    data.value = value
                    return data
                }
                return entry
            }
        } catch {
            response.errorCode = error.code.rawValue
            response.errorMessage = error.message
            response.entries = nil
        }
        return response
    }
}
