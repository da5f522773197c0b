public import KafkaModel
import KafkaProtocol
public import Metadata

/// The settings of one resource that a request wants to change. Numbers are as they came: unknown ones are refused.
public struct ConfigChange: Sendable {
    public struct Operation: Sendable {
        public var name: String
        /// See `ConfigChange.Verb`; always `set` in AlterConfigs.
        public var verb: Int8
        public var value: String?

        /// Sets a value.
        public init(_ name: String, _ value: String?) { self.init(name, .set, value) }

        public init(_ name: String, _ verb: Verb, _ value: String?) {
            self.init(name, verb: verb.rawValue, value)
        }

        public init(_ name: String, verb: Int8, _ value: String?) {
            self.name = name
            self.verb = verb
            self.value = value
        }
    }

    public enum Verb: Int8, Sendable {
        case set = 0
        case delete = 1
        case append = 2
        case subtract = 3

        public var name: String {
            switch self {
            case .set: "SET"
            case .delete: "DELETE"
            case .append: "APPEND"
            case .subtract: "SUBTRACT"
            }
        }
    }

    public var resourceType: Int8
    public var resourceName: String
    public var operations: [Operation]

    public init(resourceType: Int8, resourceName: String, operations: [Operation]) {
        self.resourceType = resourceType
        self.resourceName = resourceName
        self.operations = operations
    }

    public init(_ resource: ConfigResource, _ operations: [Operation]) {
        self.init(
            resourceType: resource.kind.rawValue, resourceName: resource.name, operations: operations)
    }
}

public struct ConfigChangeResult: Sendable {
    public let resourceType: Int8
    public let resourceName: String
    /// Nil when it was done.
    public let refusal: Refusal?
}

/// What to write when dynamic settings change. A resource changes as a whole or not at all.
public enum ConfigChanges {
    /// IncrementalAlterConfigs: each operation changes one setting and leaves the others.
    public static func incrementalAlter(
        _ changes: [ConfigChange], in image: ClusterImage, nodeID: BrokerID, rules: ConfigRules,
        intent: Intent = .change
    ) -> Decision<ConfigChangeResult> {
        decide(changes, in: image, nodeID: nodeID, intent: intent) { change, resource throws(Refusal) in
            try increment(change, resource, in: image, rules: rules)
        }
    }

    /// AlterConfigs: what is not mentioned goes back to its default.
    public static func alter(
        _ changes: [ConfigChange], in image: ClusterImage, nodeID: BrokerID, rules: ConfigRules,
        intent: Intent = .change
    ) -> Decision<ConfigChangeResult> {
        decide(changes, in: image, nodeID: nodeID, intent: intent) { change, resource throws(Refusal) in
            try replace(change, resource, in: image, rules: rules)
        }
    }

    private static func decide(
        _ changes: [ConfigChange], in image: ClusterImage, nodeID: BrokerID, intent: Intent,
        _ records: (ConfigChange, ConfigResource) throws(Refusal) -> [MetadataRecord]
    ) -> Decision<ConfigChangeResult> {
        struct Key: Hashable {
            let type: Int8
            let name: String
        }
        var seen: [Key: Int] = [:]
        for change in changes { seen[Key(type: change.resourceType, name: change.resourceName), default: 0] += 1 }
        var decision = Decision<ConfigChangeResult>()
        for change in changes {
            var refusal: Refusal?
            do throws(Refusal) {
                guard seen[Key(type: change.resourceType, name: change.resourceName)] == 1 else {
                    throw Refusal(.invalidRequest, "Each resource must appear at most once.")
                }
                let resource = try resource(of: change, nodeID: nodeID)
                try checkOperations(change)
                decision.records += try records(change, resource)
            } catch {
                refusal = error
            }
            decision.items.append(
                ConfigChangeResult(
                    resourceType: change.resourceType, resourceName: change.resourceName, refusal: refusal))
        }
        return decision.carried(out: intent)
    }

    private static func checkOperations(_ change: ConfigChange) throws(Refusal) {
        guard Set(change.operations.map(\.name)).count == change.operations.count else {
            throw Refusal(.invalidRequest, "Error due to duplicate config keys")
        }
        let nulls = change.operations.filter { $0.value == nil && $0.verb != ConfigChange.Verb.delete.rawValue }
        guard nulls.isEmpty else {
            let names = nulls.map(\.name).joined(separator: ", ")
            throw Refusal(.invalidRequest, "Null value not supported for : \(names)")
        }
        for operation in change.operations where ConfigChange.Verb(rawValue: operation.verb) == nil {
            throw Refusal(.invalidRequest, "Unknown operations type \(operation.verb)")
        }
    }

    private static func resource(of change: ConfigChange, nodeID: BrokerID) throws(Refusal) -> ConfigResource {
        guard let kind = ConfigResource.Kind(rawValue: change.resourceType) else {
            throw Refusal(.invalidRequest, "Unknown resource type \(change.resourceType)")
        }
        let name = change.resourceName
        switch kind {
        case .topic:
            if name.isEmpty { throw Refusal(.invalidRequest, "Default topic resources are not allowed.") }
            if let problem = TopicName.problem(with: name) {
                throw Refusal(.invalidTopicException, "Topic name is invalid: \(problem)")
            }
        case .broker:
            if name.isEmpty { break }
            guard let id = Int32(name) else {
                throw Refusal(.invalidRequest, "Node id must be an integer, but it is: \(name)")
            }
            guard id == nodeID.rawValue else {
                throw Refusal(.invalidRequest, "Unexpected broker id, expected \(nodeID), but received \(name)")
            }
        case .group:
            if name.isEmpty { throw Refusal(.invalidRequest, "Default group resources are not allowed.") }
        case .clientMetrics: break
        case .brokerLogger:
            // Log levels are the broker's own and are not kept.
            throw Refusal(.invalidRequest, "Unknown resource type \(change.resourceType)")
        }
        return ConfigResource(kind, name)
    }

    private static func increment(
        _ change: ConfigChange, _ resource: ConfigResource, in image: ClusterImage, rules: ConfigRules
    ) throws(Refusal) -> [MetadataRecord] {
        let present = image.config(resource)
        var wanted = present
        for operation in change.operations {
            guard let verb = ConfigChange.Verb(rawValue: operation.verb) else { continue }
            switch verb {
            case .set: wanted[operation.name] = operation.value
            case .delete: wanted[operation.name] = nil
            case .append, .subtract:
                guard case .list(let defaultValue) = rules.shape(resource.kind, operation.name) else {
                    throw Refusal(
                        .invalidConfig,
                        "Can't \(verb.name) to key \(operation.name) because its type is not LIST.")
                }
                wanted[operation.name] = combined(
                    present[operation.name] ?? defaultValue, verb, operation.value ?? "")
            }
        }
        let names = change.operations.map(\.name)
        try check(resource, wanted, names, in: image, rules: rules)
        return records(resource, names: names, from: present, to: wanted)
    }

    private static func combined(_ present: String?, _ verb: ConfigChange.Verb, _ value: String) -> String {
        var parts = (present ?? "").split(separator: ",").map(String.init)
        for part in value.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            if verb == .append {
                if !parts.contains(part) { parts.append(part) }
            } else if let index = parts.firstIndex(of: part) {
                parts.remove(at: index)
            }
        }
        return parts.joined(separator: ",")
    }

    private static func replace(
        _ change: ConfigChange, _ resource: ConfigResource, in image: ClusterImage, rules: ConfigRules
    ) throws(Refusal) -> [MetadataRecord] {
        let present = image.config(resource)
        var wanted: [String: String] = [:]
        for operation in change.operations { wanted[operation.name] = operation.value }
        let names = change.operations.map(\.name)
        try check(resource, wanted, names, in: image, rules: rules)
        let forgotten = present.keys.filter { wanted[$0] == nil }.sorted()
        return records(resource, names: names + forgotten, from: present, to: wanted)
    }

    private static func check(
        _ resource: ConfigResource, _ wanted: [String: String], _ names: [String], in image: ClusterImage,
        rules: ConfigRules
    ) throws(Refusal) {
        if let refusal = rules.check(resource, wanted, Set(names)) { throw refusal }
        if resource.kind == .topic, image.topicID(resource.name) == nil {
            throw Refusal(.unknownTopicOrPartition, "The topic '\(resource.name)' does not exist.")
        }
    }

    private static func records(
        _ resource: ConfigResource, names: [String], from present: [String: String], to wanted: [String: String]
    ) -> [MetadataRecord] {
        // A broker's settings are written even when they stay the same: that makes it read its key stores again.
        names.filter { resource.kind == .broker || present[$0] != wanted[$0] }
            .map { .config(ConfigRecord(resource, $0, wanted[$0])) }
    }
}
