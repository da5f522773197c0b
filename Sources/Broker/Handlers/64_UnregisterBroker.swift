import Controller
import KafkaModel
import KafkaProtocol
import Metadata
import Telemetry

/// UnregisterBroker: forgets a broker that will not come back (KIP-500).
enum UnregisterBrokerHandler: RequestHandler {
    static let place = HandlingPlace.requestThread

    static func handle(
        _ request: UnregisterBrokerRequest, _ context: RequestContext, _ broker: Broker
    ) -> UnregisterBrokerResponse {
        let id = BrokerID(request.brokerId)
        let outcome = broker.cluster.change { image -> (records: [MetadataRecord], answer: Refusal?) in
            do throws(Refusal) {
                // In Kafka such a broker runs on and can do nothing until it is started again. Nobody wants that of
                // the only one.
                guard id != broker.id else {
                    throw Refusal(
                        .invalidRequest, "Broker ID \(id) is this broker, which is running and the only one")
                }
                return (try BrokerChanges.unregister(id, in: image), nil)
            } catch {
                return ([], error)
            }
        }
        let refusal: Refusal? =
            switch outcome {
            case .success(let refusal): refusal
            case .failure(let code): Refusal(code)
            }
        if refusal == nil { broker.log.info("Broker \(id) is no longer registered") }
        var response = UnregisterBrokerResponse()
        response.errorCode = (refusal?.code ?? .none).rawValue
        response.errorMessage = refusal.map { $0.message ?? $0.code.message }
        return response
    }
}
