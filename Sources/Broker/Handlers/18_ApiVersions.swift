import KafkaModel
import KafkaProtocol
import Metadata

/// ApiVersions: what this broker serves, straight from the dispatch table.
enum ApiVersionsHandler: RequestHandler {
    static let place = HandlingPlace.loop

    static func handle(
        _ request: ApiVersionsRequest, _ context: RequestContext, _ broker: Broker
    ) -> ApiVersionsResponse {
        guard context.version < 3 || isLegal(request) else {
            var response = ApiVersionsResponse()
            response.errorCode = ErrorCode.invalidRequest.rawValue
            return response
        }
        return response(context.version, broker)
    }

    /// A client that is newer than this broker learns from version 0 what it may use (KIP-511).
    static func unsupportedVersion(_ broker: Broker) -> ApiVersionsResponse {
        var response = response(0, broker)
        response.errorCode = ErrorCode.unsupportedVersion.rawValue
        return response
    }

    private static func response(_ version: Int16, _ broker: Broker) -> ApiVersionsResponse {
        var response = ApiVersionsResponse()
        response.apiKeys = Dispatch.routes.map { route in
            var api = ApiVersionsResponse.ApiVersion()
            api.apiKey = route.api.rawValue
            api.minVersion = route.announcedMinimum
            api.maxVersion = route.versions.upperBound
            return api
        }
        let image = broker.cluster.image
        response.finalizedFeaturesEpoch = image.offset
        var levels = image.features
        levels[Features.quorum] = image.quorumVersion
        for (name, level) in levels.sorted(by: { $0.key < $1.key }) where level != 0 {
            var finalized = ApiVersionsResponse.FinalizedFeatureKey()
            finalized.name = name
            finalized.minVersionLevel = level
            finalized.maxVersionLevel = level
            response.finalizedFeatures.append(finalized)
        }
        for (name, range) in Features.supported.sorted(by: { $0.key < $1.key }) {
            // Older clients cannot read a feature whose least level is 0 (KAFKA-17492).
            if range.lowerBound == 0, version < 4 { continue }
            var supported = ApiVersionsResponse.SupportedFeatureKey()
            supported.name = name
            supported.minVersion = range.lowerBound
            supported.maxVersion = range.upperBound
            response.supportedFeatures.append(supported)
        }
        return response
    }

    /// Names that a client tells about itself must be plain words (KIP-511).
    private static func isLegal(_ request: ApiVersionsRequest) -> Bool {
        [request.clientSoftwareName, request.clientSoftwareVersion].allSatisfy { text in
            guard let first = text.utf8.first, let last = text.utf8.last else { return false }
            return isWordCharacter(first) && isWordCharacter(last)
                && text.utf8.allSatisfy { isWordCharacter($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isWordCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
