import Configuration
public import KafkaModel
import KafkaProtocol
import Timing

/// What a node speaks and which features it has, as its answer to ApiVersions tells.
public struct NodeVersions: Sendable {
    /// By the number of the API; also numbers that this build does not know.
    public let apis: [Int16: ClosedRange<Int16>]
    /// The levels that the node could serve, by feature.
    public let supportedFeatures: [String: ClosedRange<Int16>]
    /// The levels that the cluster has agreed on.
    public let finalizedFeatures: [String: Int16]
    /// Nil where no agreement is known.
    public let finalizedEpoch: Int64?

    public init(
        apis: [Int16: ClosedRange<Int16>], supportedFeatures: [String: ClosedRange<Int16>] = [:],
        finalizedFeatures: [String: Int16] = [:], finalizedEpoch: Int64? = nil
    ) {
        self.apis = apis
        self.supportedFeatures = supportedFeatures
        self.finalizedFeatures = finalizedFeatures
        self.finalizedEpoch = finalizedEpoch
    }
}

/// A change of the level of a feature.
public struct FeatureUpdate: Sendable, Equatable {
    public enum Direction: Int8, Sendable {
        case upgrade = 1
        case safeDowngrade = 2
        case unsafeDowngrade = 3
    }

    public let feature: String
    public let level: Int16
    public let direction: Direction

    public init(_ feature: String, _ level: Int16, _ direction: Direction) {
        self.feature = feature
        self.level = level
        self.direction = direction
    }
}

/// Versions and features.
extension Admin {
    /// What a node speaks; without an id, what the node does that answers first.
    public func versions(of id: Int32? = nil) throws(ClientError) -> NodeVersions {
        var request = ApiVersionsRequest()
        request.clientSoftwareName = "skafka"
        request.clientSoftwareVersion = "1"
        let response: ApiVersionsResponse
        if let id { response = try ask(id, request) } else { response = try askAny(request) }
        let code = ErrorCode(code: response.errorCode)
        guard code == .none else {
            throw ClientError(id.map(name) ?? "the node", .receive(.apiVersions), .refused(code, message: nil))
        }
        return NodeVersions(
            apis: Dictionary(
                response.apiKeys.filter { $0.minVersion <= $0.maxVersion }.map {
                    ($0.apiKey, $0.minVersion...$0.maxVersion)
                }, uniquingKeysWith: { first, _ in first }),
            supportedFeatures: Dictionary(
                response.supportedFeatures.filter { $0.minVersion <= $0.maxVersion }.map {
                    ($0.name, $0.minVersion...$0.maxVersion)
                }, uniquingKeysWith: { first, _ in first }),
            finalizedFeatures: Dictionary(
                response.finalizedFeatures.map { ($0.name, $0.maxVersionLevel) },
                uniquingKeysWith: { first, _ in first }),
            finalizedEpoch: response.finalizedFeaturesEpoch >= 0 ? response.finalizedFeaturesEpoch : nil)
    }

    public enum UpdateMode: Sendable {
        case perform
        /// Only say whether it could be done.
        case validate
    }

    /// Changes the levels of features, and gives what became of each. From version 2 of the request on they change
    /// together or not at all.
    public func updateFeatures(
        _ updates: [FeatureUpdate], _ mode: UpdateMode
    ) throws(ClientError) -> [(feature: String, error: ErrorCode, message: String?)] {
        var request = UpdateFeaturesRequest()
        request.timeoutMs = Int32(clamping: configuration.requestTimeout.wholeMilliseconds)
        request.validateOnly = mode == .validate
        request.featureUpdates = updates.map { update in
            var key = UpdateFeaturesRequest.FeatureUpdateKey()
            key.feature = update.feature
            key.maxVersionLevel = update.level
            key.allowDowngrade = update.direction != .upgrade
            key.upgradeType = update.direction.rawValue
            return key
        }
        if mode == .validate || updates.contains(where: { $0.direction == .unsafeDowngrade }) {
            let connection = try trying { (deadline) throws(ClientError) in try bootstrapConnection(until: deadline) }
            // Version 0 knows neither, and would do what it was not asked for.
            guard connection.version(of: UpdateFeaturesRequest.self) ?? 0 >= 1 else {
                throw ClientError(
                    connection.address.description, .send(.updateFeatures),
                    .unsupported(offered: connection.versions[APIKey.updateFeatures.rawValue]))
            }
        }
        let response = try askController(request) { (ErrorCode(code: $0.errorCode), $0.errorMessage) }
        let code = ErrorCode(code: response.errorCode)
        return updates.map { update in
            guard code == .none else { return (update.feature, code, response.errorMessage) }
            guard let own = response.results.first(where: { $0.feature == update.feature }) else {
                return (update.feature, ErrorCode.none, nil)
            }
            return (update.feature, ErrorCode(code: own.errorCode), own.errorMessage)
        }
    }
}
