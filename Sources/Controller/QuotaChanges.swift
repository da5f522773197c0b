import KafkaModel
import KafkaProtocol
public import Metadata

/// What to write when the quotas of users, clients and addresses change (KIP-546).
public enum QuotaChanges {
    /// The quotas of one entity that a request wants to change. A part without a name is the default of its type.
    public struct Alteration: Sendable {
        public struct Operation: Sendable {
            public var key: String
            /// Nil takes the quota away.
            public var value: Double?

            public init(_ key: String, _ value: Double?) {
                self.key = key
                self.value = value
            }
        }

        public var entity: [(type: String, name: String?)]
        public var operations: [Operation]

        public init(_ entity: [(type: String, name: String?)], _ operations: [Operation]) {
            self.entity = entity
            self.operations = operations
        }
    }

    /// - Parameter unknownHosts: names of addresses that are none and that nobody could look up.
    /// - Returns: for each alteration, in their order, why it was refused, or nil when it was done.
    public static func alter(
        _ alterations: [Alteration], in image: ClusterImage, unknownHosts: Set<String> = [], intent: Intent = .change
    ) -> Decision<Refusal?> {
        var decision = Decision<Refusal?>()
        var seen: Set<ClusterImage.QuotaEntity> = []
        for alteration in alterations {
            do throws(Refusal) {
                let entity = try entity(alteration.entity)
                guard seen.insert(entity).inserted else {
                    throw Refusal(.invalidRequest, "Ignoring duplicate entity \(entity)")
                }
                decision.records += try records(alteration, entity, in: image, unknownHosts: unknownHosts)
                decision.items.append(nil)
            } catch {
                decision.items.append(error)
            }
        }
        return decision.carried(out: intent)
    }

    private static func records(
        _ alteration: Alteration, _ entity: ClusterImage.QuotaEntity, in image: ClusterImage,
        unknownHosts: Set<String>
    ) throws(Refusal) -> [MetadataRecord] {
        var keys: Set<String> = []
        for operation in alteration.operations where !keys.insert(operation.key).inserted {
            throw Refusal(
                .invalidRequest,
                "Duplicate quota key \(operation.key) not updating quota for this entity \(entity)")
        }
        let known = try kinds(of: entity, unknownHosts: unknownHosts)
        let present = image.quotas[entity] ?? [:]
        var records: [MetadataRecord] = []
        for operation in alteration.operations {
            if let value = operation.value { try check(operation.key, value, known) }
            guard present[operation.key] != operation.value else { continue }
            var record = ClientQuotaRecord()
            record.entity = entity.parts.sorted { $0.key < $1.key }.map { type, name in
                var part = ClientQuotaRecord.EntityData()
                part.entityType = type
                part.entityName = name
                return part
            }
            record.key = operation.key
            record.value = operation.value ?? 0
            record.remove = operation.value == nil
            records.append(.clientQuota(record))
        }
        return records
    }

    private static func entity(_ parts: [(type: String, name: String?)]) throws(Refusal) -> ClusterImage.QuotaEntity {
        guard !parts.isEmpty else { throw Refusal(.invalidRequest, "Invalid empty client quota entity") }
        var named: [String: String?] = [:]
        for part in parts {
            guard named[part.type] == nil else {
                throw Refusal(.invalidRequest, "Invalid client quota entity, duplicate entity entry \(part.type)")
            }
            guard QuotaEntityType(rawValue: part.type) != nil else {
                throw Refusal(.invalidRequest, "Unhandled client quota entity type: \(part.type)")
            }
            named[part.type] = .some(part.name)
        }
        return ClusterImage.QuotaEntity(parts: named)
    }

    private enum Kind {
        case real
        case int
        case long

        var article: String {
            switch self {
            case .real: "a DOUBLE"
            case .int: "an INT"
            case .long: "a LONG"
            }
        }

        var greatest: Double {
            switch self {
            case .real: .infinity
            case .int: Double(Int32.max)
            case .long: Double(Int64.max)
            }
        }
    }

    private static func kinds(
        of entity: ClusterImage.QuotaEntity, unknownHosts: Set<String>
    ) throws(Refusal) -> [String: Kind] {
        guard let address = entity.parts[QuotaEntityType.ip.rawValue] else {
            return [
                "producer_byte_rate": .long, "consumer_byte_rate": .long, "request_percentage": .real,
                "controller_mutation_rate": .real,
            ]
        }
        guard entity.parts.count == 1 else {
            throw Refusal(
                .invalidRequest,
                "Invalid quota entity combination, IP entity should not be combined with User or ClientId")
        }
        if let address, unknownHosts.contains(address) {
            throw Refusal(.invalidRequest, "\(address) is not a valid IP or resolvable host.")
        }
        return ["connection_creation_rate": .int]
    }

    private static func check(_ key: String, _ value: Double, _ known: [String: Kind]) throws(Refusal) {
        guard let kind = known[key] else { throw Refusal(.invalidRequest, "Invalid configuration key \(key)") }
        guard value > 0 else { throw Refusal(.invalidRequest, "Quota \(key) must be greater than 0") }
        guard value <= kind.greatest else {
            throw Refusal(.invalidRequest, "Proposed value for \(key) is too large for \(kind.article).")
        }
        if kind != .real, value.truncatingRemainder(dividingBy: 1) > 1e-6 {
            throw Refusal(.invalidRequest, "\(key) cannot be a fractional value.")
        }
    }
}

/// What quotas are given to.
public enum QuotaEntityType: String, Sendable {
    case user
    case client = "client-id"
    case ip
}
