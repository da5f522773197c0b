import KafkaModel
import KafkaProtocol
import Metadata

/// ListConfigResources: what there is that settings may belong to (KIP-1142). Version 0 is ListClientMetricsResources.
enum ListConfigResourcesHandler: RequestHandler {
    static let place = HandlingPlace.requestThread

    static func handle(
        _ request: ListConfigResourcesRequest, _ context: RequestContext, _ broker: Broker
    ) -> ListConfigResourcesResponse {
        var response = ListConfigResourcesResponse()
        let supported = context.version == 0 ? [.clientMetrics] : ConfigResource.Kind.allCases
        let asked = request.resourceTypes.isEmpty ? supported.map(\.rawValue) : request.resourceTypes
        var kinds: [ConfigResource.Kind] = []
        for type in asked {
            guard let kind = supported.first(where: { $0.rawValue == type }) else {
                response.errorCode = ErrorCode.unsupportedVersion.rawValue
                return response
            }
            if !kinds.contains(kind) { kinds.append(kind) }
        }
        let image = broker.cluster.image
        for kind in kinds {
            for name in names(kind, in: image) {
                var resource = ListConfigResourcesResponse.ConfigResource()
                resource.resourceName = name
                resource.resourceType = kind.rawValue
                response.configResources.append(resource)
            }
        }
        return response
    }

    private static func names(_ kind: ConfigResource.Kind, in image: ClusterImage) -> [String] {
        switch kind {
        case .topic: image.topicNames
        case .broker, .brokerLogger: image.brokers.keys.sorted().map(\.description)
        // These exist as far as they have settings.
        case .clientMetrics, .group: image.configs.keys.filter { $0.kind == kind }.map(\.name).sorted()
        }
    }
}
