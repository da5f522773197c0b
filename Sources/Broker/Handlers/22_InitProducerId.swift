import KafkaModel
import KafkaProtocol

/// InitProducerId: a producer id nobody had before. Ids come from a block that the metadata log reserved, so a restart
/// never gives one out twice.
enum InitProducerIdHandler: RequestHandler {
    static let place = HandlingPlace.requestThread

    static func handle(
        _ request: InitProducerIdRequest, _ context: RequestContext, _ broker: Broker
    ) -> InitProducerIdResponse {
        var response = InitProducerIdResponse()
        response.producerId = -1
        response.producerEpoch = -1
        guard request.transactionalId == nil else {
            let isEmpty = request.transactionalId?.isEmpty == true
            response.errorCode = (isEmpty ? ErrorCode.invalidRequest : .coordinatorNotAvailable).rawValue
            return response
        }
        // An epoch makes sense with its id only.
        guard (request.producerId == -1) == (request.producerEpoch == -1) else {
            response.errorCode = ErrorCode.invalidRequest.rawValue
            return response
        }
        switch broker.producerIDs.next() {
        case .success(let id):
            response.producerId = id
            response.producerEpoch = 0
        case .failure(let code):
            response.errorCode = code.rawValue
        }
        return response
    }
}
