import Bytes
import KafkaModel
import KafkaProtocol
import Metadata
import Network

/// FindCoordinator: which broker coordinates a group. The topic that groups are kept in is made when the first one is asked
/// for. Transactions and share groups are coordinated by nobody: the error makes a client ask again instead of giving up.
enum FindCoordinatorHandler {
    private enum KeyType {
        static let group: Int8 = 0
        static let transaction: Int8 = 1
        static let share: Int8 = 2
    }

    static let route = Route(.findCoordinator, versions: APITable.row(.findCoordinator).versions) {
        frame, start, context, connection, broker throws(WireError) in
        var reader = ByteReader(frame.bytes)
        try reader.move(to: start)
        let request = try FindCoordinatorRequest.decode(&reader, version: context.version)
        if request.keyType == KeyType.group, broker.cluster.image.topic(GroupCoordinators.topic) == nil {
            return broker.runOnRequestThread(connection) {
                broker.createGroupsTopic()
                let response = find(request, context, broker)
                return { $0.answer(response, to: context, api: .findCoordinator) }
            }
        }
        connection.answer(find(request, context, broker), to: context, api: .findCoordinator)
        return .answered
    }

    private static func find(
        _ request: FindCoordinatorRequest, _ context: RequestContext, _ broker: Broker
    ) -> FindCoordinatorResponse {
        var response = FindCoordinatorResponse()
        guard context.version < 4 else {
            response.coordinators = request.coordinatorKeys.map { key in
                coordinator(of: key, request.keyType, context, broker)
            }
            return response
        }
        let found = coordinator(of: request.key, request.keyType, context, broker)
        response.errorCode = found.errorCode
        response.errorMessage = found.errorCode == 0 ? ErrorCode.none.name : found.errorMessage
        response.nodeId = found.nodeId
        response.host = found.host
        response.port = found.port
        return response
    }

    private static func coordinator(
        of key: String, _ keyType: Int8, _ context: RequestContext, _ broker: Broker
    ) -> FindCoordinatorResponse.Coordinator {
        var told = FindCoordinatorResponse.Coordinator()
        told.key = key
        told.nodeId = -1
        told.port = -1
        switch keyType {
        case KeyType.group:
            guard let node = broker.coordinator(ofGroup: key) else {
                told.errorCode = ErrorCode.coordinatorNotAvailable.rawValue
                told.errorMessage = ErrorCode.coordinatorNotAvailable.message
                return told
            }
            let endpoint = broker.advertisedEndpoint(listener: context.listenerName)
            told.nodeId = node.rawValue
            told.host = endpoint.host
            told.port = Int32(endpoint.port)
        case KeyType.transaction,
            KeyType.share where context.version >= 6:
            told.errorCode = ErrorCode.coordinatorNotAvailable.rawValue
            told.errorMessage = "This broker coordinates no transactions or share groups."
        default:
            told.errorCode = ErrorCode.invalidRequest.rawValue
            told.errorMessage = ErrorCode.invalidRequest.message
        }
        return told
    }
}
