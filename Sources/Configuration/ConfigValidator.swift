/// What a setting's value must be beyond its type. The reasons are worded as Kafka words them.
public enum ConfigValidator: Equatable, Sendable {
    public enum Emptiness: Sendable { case mayBeEmpty, notEmpty }

    case any
    case notEmpty
    case atLeast(Int64)
    case between(Int64, Int64)
    case within(Double, Double)
    case oneOf([String])
    case oneOfAnyCase([String])
    /// A list without empty elements and without duplicates.
    case list(Emptiness)
    case listOf([String], Emptiness)
    case gzipLevel
    case throttledReplicas
    case quorumVoters
    case hostPort
    case hostPorts
    case protocolMap
    case addressCounts
    /// `earliest`, `latest`, `none` or `by_duration:` and an ISO-8601 duration.
    case offsetReset
    /// The same without `none`.
    case shareOffsetReset
}

// swift-format-ignore
extension ConfigValidator {
    static let compressionType      = oneOf(["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"])
    static let timestampType        = oneOf(["CreateTime", "LogAppendTime"])
    static let clientAuthentication = oneOf(["required", "requested", "none"])
    static let securityProtocol     = oneOf(["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"])
    static let migrationPolicy      = oneOfAnyCase(["BIDIRECTIONAL", "UPGRADE", "DOWNGRADE", "DISABLED"])
    static let signatureAlgorithm   = oneOfAnyCase(["ES256", "RS256"])
    static let cleanupPolicy        = listOf(["compact", "delete"], .mayBeEmpty)
    static let groupTypes           = listOf(["consumer", "classic", "share", "streams"], .notEmpty)
    static let processRoles         = listOf(["broker", "controller"], .notEmpty)

    // Of clients.
    static let acks                     = oneOf(["all", "-1", "0", "1"])
    static let producerCompression      = oneOf(["none", "gzip", "snappy", "lz4", "zstd"])
    static let dnsLookup                = oneOf(["use_all_dns_ips", "resolve_canonical_bootstrap_servers_only"])
    static let recordingLevel           = oneOf(["INFO", "DEBUG", "TRACE"])
    static let isolationLevel           = oneOf(["read_committed", "read_uncommitted"])
    static let recoveryStrategy         = oneOfAnyCase(["NONE", "REBOOTSTRAP"])
    static let groupProtocol            = oneOfAnyCase(["CONSUMER", "CLASSIC"])
    static let securityProtocolAnyCase  = oneOfAnyCase(["SASL_SSL", "PLAINTEXT", "SSL", "SASL_PLAINTEXT"])
    static let shareAcknowledgement     = oneOf(["implicit", "explicit"])
    static let shareAcquisition         = oneOfAnyCase(["BATCH_OPTIMIZED", "RECORD_LIMIT"])
}

extension ConfigValidator {
    /// Why a value is refused, or nil when it is good.
    public func problem(with value: ConfigValue) -> String? {
        switch (self, value) {
        case (.any, _): nil
        case (.notEmpty, .text(let text)): text.isEmpty ? "String must be non-empty" : nil
        case (.atLeast(let least), .integer(let number)):
            number < least ? "Value must be at least \(least)" : nil
        case (.between(let least, let most), .integer(let number)):
            if number < least {
                "Value must be at least \(least)"
            } else if number > most {
                "Value must be no more than \(most)"
            } else {
                nil
            }
        case (.within(let least, let most), .double(let number)):
            if number < least {
                "Value must be at least \(least)"
            } else if number > most {
                "Value must be no more than \(most)"
            } else {
                nil
            }
        case (.oneOf(let allowed), .text(let text)):
            allowed.contains(text) ? nil : "String must be one of: " + allowed.joined(separator: ", ")
        case (.oneOfAnyCase(let allowed), .text(let text)):
            allowed.contains(text.uppercased())
                ? nil : "String must be one of (case insensitive): " + allowed.joined(separator: ", ")
        case (.list(let emptiness), .list(let elements)): Self.problem(with: elements, emptiness)
        case (.listOf(let allowed, let emptiness), .list(let elements)):
            Self.problem(with: elements, emptiness)
                ?? elements.first { !allowed.contains($0) }.map {
                    "'\($0)' is not one of: " + allowed.joined(separator: ", ")
                }
        case (.gzipLevel, .integer(let level)):
            level == -1 || (1...9).contains(level) ? nil : "Value must be between 1 and 9 or equal to -1"
        case (.throttledReplicas, .list(let elements)): Self.throttledReplicasProblem(elements)
        case (.quorumVoters, .list(let elements)):
            elements.first { QuorumVoter($0) == nil }.map { "'\($0)' is not of the form {id}@{host}:{port}" }
        case (.hostPort, .text(let text)): HostPort(text) == nil ? "'\(text)' is not of the form {host}:{port}" : nil
        case (.hostPorts, .list(let elements)):
            elements.first { HostPort($0) == nil }.map { "'\($0)' is not of the form {host}:{port}" }
        case (.protocolMap, .text(let text)): SecurityProtocol.mapProblem(text)
        case (.addressCounts, .text(let text)):
            text.listElements.first { AddressCount($0) == nil }.map { "'\($0)' is not of the form {host}:{count}" }
        case (.offsetReset, .text(let text)): Self.offsetResetProblem(text)
        case (.shareOffsetReset, .text(let text)): Self.shareOffsetResetProblem(text)
        default: preconditionFailure("the table gives a \(self) to a value \(value)")
        }
    }

    private static func problem(with elements: [String], _ emptiness: Emptiness) -> String? {
        if elements.isEmpty { return emptiness == .notEmpty ? "the list must not be empty" : nil }
        if elements.contains("") { return "list values must not be empty" }
        if Set(elements).count != elements.count { return "list values must not be duplicated" }
        return nil
    }

    /// `*`, or `partition:broker` elements.
    private static func throttledReplicasProblem(_ elements: [String]) -> String? {
        if elements.joined() == "*" { return nil }
        let areReplicas = elements.allSatisfy { element in
            let numbers = element.split(separator: ":", omittingEmptySubsequences: false)
            return element.isEmpty || (numbers.count == 2 && numbers.allSatisfy { UInt32($0) != nil })
        }
        return areReplicas ? nil : "must be the literal '*' or a list of [partitionId]:[brokerId] elements"
    }
}

/// The rule in words, for the manual: `at least 1`, `one of gzip, lz4`. Nil when any value of the type will do.
extension ConfigValidator {
    public var rule: String? {
        switch self {
        case .any: nil
        case .notEmpty: "not empty"
        case .atLeast(let least): "at least \(least)"
        case .between(let least, let most): "\(least) to \(most)"
        case .within(let least, let most): "\(least) to \(most)"
        case .oneOf(let allowed), .oneOfAnyCase(let allowed): "one of " + allowed.joined(separator: ", ")
        case .list(.mayBeEmpty): nil
        case .list(.notEmpty): "at least one"
        case .listOf(let allowed, _): "of " + allowed.joined(separator: ", ")
        case .gzipLevel: "1 to 9, or -1"
        case .throttledReplicas: "partition:broker,... or *"
        case .quorumVoters: "id@host:port,..."
        case .hostPort: "host:port"
        case .hostPorts: "host:port,..."
        case .protocolMap: "NAME:PROTOCOL,..."
        case .addressCounts: "host:count,..."
        case .offsetReset: "earliest, latest, none or by_duration:PnDTnHnMn.nS"
        case .shareOffsetReset: "earliest, latest or by_duration:PnDTnHnMn.nS"
        }
    }
}
