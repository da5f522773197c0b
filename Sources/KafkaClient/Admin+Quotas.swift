import KafkaModel
import KafkaProtocol

/// Whom a quota is for, and what it allows.
public struct ClientQuota: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        case user
        case clientID = "client-id"
        case ip
    }

    public struct Entity: Sendable, Equatable {
        public let kind: Kind
        /// Nil for whoever has no quota of his own.
        public let name: String?

        public init(_ kind: Kind, _ name: String?) {
            self.kind = kind
            self.name = name
        }
    }

    public struct Value: Sendable, Equatable {
        public let key: String
        public let value: Double

        public init(_ key: String, _ value: Double) {
            self.key = key
            self.value = value
        }
    }

    public let entities: [Entity]
    public let values: [Value]

    public init(_ entities: [Entity], _ values: [Value]) {
        self.entities = entities
        self.values = values
    }
}

extension Admin {
    /// Which quotas are looked for.
    public struct QuotaMatch: Sendable, Equatable {
        public enum Names: Sendable, Equatable {
            case any
            case byDefault
            case only(String)
        }

        public let kind: ClientQuota.Kind
        public let names: Names

        public init(_ kind: ClientQuota.Kind, _ names: Names) {
            self.kind = kind
            self.names = names
        }
    }

    /// The quotas of exactly these kinds.
    public func describeClientQuotas(_ matches: [QuotaMatch]) throws(ClientError) -> [ClientQuota] {
        var request = DescribeClientQuotasRequest()
        request.strict = true
        request.components = matches.map { match in
            var component = DescribeClientQuotasRequest.ComponentData()
            component.entityType = match.kind.rawValue
            component.match = nil
            switch match.names {
            case .only(let name):
                component.matchType = 0
                component.match = name
            case .byDefault: component.matchType = 1
            case .any: component.matchType = 2
            }
            return component
        }
        let response = try trying { (deadline) throws(ClientError) in try onBootstrap(request, until: deadline) }
        let code = ErrorCode(code: response.errorCode)
        guard code == .none else {
            throw ClientError(
                "the cluster", .receive(.describeClientQuotas), .refused(code, message: response.errorMessage))
        }
        return (response.entries ?? []).map { entry in
            ClientQuota(
                entry.entity.compactMap { entity in
                    ClientQuota.Kind(rawValue: entity.entityType).map { ClientQuota.Entity($0, entity.entityName) }
                },
                entry.values.map { ClientQuota.Value($0.key, $0.value) })
        }
    }

    /// Sets quotas, and removes others, of one user, client, address or pair.
    public func alterClientQuotas(
        _ entities: [ClientQuota.Entity], set values: [ClientQuota.Value], remove keys: [String]
    ) throws(ClientError) {
        var entry = AlterClientQuotasRequest.EntryData()
        entry.entity = entities.map { entity in
            var one = AlterClientQuotasRequest.EntityData()
            one.entityType = entity.kind.rawValue
            one.entityName = entity.name
            return one
        }
        entry.ops = values.map { value in
            var operation = AlterClientQuotasRequest.OpData()
            operation.key = value.key
            operation.value = value.value
            return operation
        }
        entry.ops += keys.map { key in
            var operation = AlterClientQuotasRequest.OpData()
            operation.key = key
            operation.remove = true
            return operation
        }
        var request = AlterClientQuotasRequest()
        request.entries = [entry]
        let response = try onController(request) { $0.entries.map(\.errorCode) }
        for result in response.entries where result.errorCode != 0 {
            throw ClientError(
                "the cluster", .receive(.alterClientQuotas),
                .refused(ErrorCode(code: result.errorCode), message: result.errorMessage))
        }
    }
}
