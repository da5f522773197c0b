import KafkaModel
public import Metadata

/// Which quotas somebody asks for.
public struct QuotaQuery: Sendable {
    /// The raw values are those of DescribeClientQuotas.
    public enum Match: Int8, Sendable {
        case exact = 0
        /// The default of the type.
        case standard = 1
        /// Any name, and the default.
        case any = 2
    }

    public struct Component: Sendable {
        public var type: String
        /// See `Match`, as it came.
        public var match: Int8
        public var name: String?

        public init(_ type: String, match: Int8, name: String?) {
            self.type = type
            self.match = match
            self.name = name
        }
    }

    private enum Wanted {
        case any
        /// Nil is the default of the type.
        case exactly(String?)
    }

    /// By the type of a part.
    private var wanted: [String: Wanted] = [:]
    private let isStrict: Bool

    /// Strictly only entities that have the types of the components and no other.
    public init(_ components: [Component], isStrict: Bool) throws(Refusal) {
        self.isStrict = isStrict
        for component in components {
            if component.type.isEmpty { throw Refusal(.invalidRequest, "Invalid empty entity type.") }
            guard wanted[component.type] == nil else {
                throw Refusal(
                    .invalidRequest, "Entity type \(component.type) cannot appear more than once in the filter.")
            }
            guard QuotaEntityType(rawValue: component.type) != nil else {
                throw Refusal(.unsupportedVersion, "Unsupported entity type \(component.type)")
            }
            wanted[component.type] = try Self.wanted(component)
        }
        let ip = QuotaEntityType.ip.rawValue
        guard wanted[ip] == nil || wanted.count == 1 else {
            throw Refusal(
                .invalidRequest,
                "Invalid entity filter component combination. IP filter component should not be used with user or "
                    + "clientId filter component.")
        }
    }

    private static func wanted(_ component: Component) throws(Refusal) -> Wanted {
        func unnamed(_ match: String) throws(Refusal) {
            guard component.name != nil else { return }
            throw Refusal(.invalidRequest, "Request specified \(match), but also specified a match string.")
        }
        switch Match(rawValue: component.match) {
        case .exact:
            guard let name = component.name else {
                throw Refusal(.invalidRequest, "Request specified MATCH_TYPE_EXACT, but set match string to null.")
            }
            return .exactly(name)
        case .standard:
            try unnamed("MATCH_TYPE_DEFAULT")
            return .exactly(nil)
        case .any:
            try unnamed("MATCH_TYPE_SPECIFIED")
            return .any
        case nil: throw Refusal(.invalidRequest, "Unknown match type \(component.match)")
        }
    }

    /// In the order of the entities' texts.
    public func results(
        in image: ClusterImage
    ) -> [(entity: ClusterImage.QuotaEntity, values: [(key: String, value: Double)])] {
        image.quotas.filter { matches($0.key) }
            .map { (entity: $0, values: $1.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }) }
            .sorted { $0.entity.description < $1.entity.description }
    }

    private func matches(_ entity: ClusterImage.QuotaEntity) -> Bool {
        // As Kafka: a strict question that names no type has no answer.
        if isStrict, wanted.isEmpty || entity.parts.count != wanted.count { return false }
        return wanted.allSatisfy { type, wanted in
            guard let name = entity.parts[type] else { return false }
            switch wanted {
            case .any: return true
            case .exactly(let wanted): return name == wanted
            }
        }
    }
}
