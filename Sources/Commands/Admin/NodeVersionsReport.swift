import CommandLine
import Configuration
import KafkaClient
import KafkaModel
import KafkaProtocol

/// What the nodes of a cluster speak, beside what this program does.
struct NodeVersionsReport {
    private var nodes: [(node: BrokerNode, answer: Result<NodeVersions, ClientError>)] = []

    mutating func add(_ node: BrokerNode, _ answer: Result<NodeVersions, ClientError>) { nodes.append((node, answer)) }

    var hasFailed: Bool { nodes.contains { if case .failure = $0.answer { true } else { false } } }

    /// What our side makes of an API that a node offers.
    enum Use: Equatable {
        /// This program does not know the number.
        case unknown
        case usable(Int16)
        case tooNew
        case tooOld
        case unsupported

        var text: String {
            switch self {
            case .unknown: ""
            case .usable(let version): " [usable: \(version)]"
            case .tooNew: " [unusable: node too new]"
            case .tooOld: " [unusable: node too old]"
            case .unsupported: "UNSUPPORTED"
            }
        }
    }

    struct Line: Equatable {
        let name: String
        let key: Int16
        let offered: ClosedRange<Int16>?
        let use: Use

        var text: String {
            guard let offered else { return "\(name)(\(key)): \(use.text)" }
            let versions =
                offered.count == 1
                ? "\(offered.lowerBound)" : "\(offered.lowerBound) to \(offered.upperBound)"
            return "\(name)(\(key)): \(versions)\(use.text)"
        }
    }

    /// One line for each API that the node offers, and for each that it should offer to clients and does not.
    static func lines(_ versions: NodeVersions) -> [Line] {
        let missing = APITable.rows.map(\.key).filter { $0.isForClients && versions.apis[$0.rawValue] == nil }
        return (Array(versions.apis.keys) + missing.map(\.rawValue)).sorted().map { key in
            let offered = versions.apis[key]
            guard let api = APIKey(rawValue: key) else {
                return Line(name: "UNKNOWN", key: key, offered: offered, use: .unknown)
            }
            guard let offered else { return Line(name: api.name, key: key, offered: nil, use: .unsupported) }
            let ours = APITable.row(api).versions
            let use: Use
            if ours.upperBound < offered.lowerBound {
                use = .tooNew
            } else if offered.upperBound < ours.lowerBound {
                use = .tooOld
            } else {
                use = .usable(min(ours.upperBound, offered.upperBound))
            }
            return Line(name: api.name, key: key, offered: offered, use: use)
        }
    }

    /// A node as Kafka's tools write it.
    static func text(_ node: BrokerNode) -> String {
        "\(node.address.host):\(node.address.port) (id: \(node.id) rack: \(node.rack ?? "null") "
            + "isFenced: \(node.isFenced))"
    }

    var text: String {
        nodes.map { node, answer in
            switch answer {
            case .success(let versions):
                "\(Self.text(node)) -> (\n\t" + Self.lines(versions).map(\.text).joined(separator: ",\n\t") + "\n)\n"
            case .failure(let error): "\(Self.text(node)) -> ERROR: \(error.cause)\n"
            }
        }.joined()
    }

    /// A row for each API of each node.
    var rows: [StructuredValue] {
        nodes.flatMap { node, answer -> [StructuredValue] in
            switch answer {
            case .success(let versions): return Self.lines(versions).map { Self.row(node, $0, error: nil) }
            case .failure(let error): return [Self.row(node, nil, error: error.cause)]
            }
        }
    }

    private static func row(_ node: BrokerNode, _ line: Line?, error: String?) -> StructuredValue {
        var usable = StructuredValue.null
        if case .usable(let version)? = line?.use { usable = .int(version) }
        return [
            "nodeId": .int(node.id), "host": .string(node.address.host), "port": .int(node.address.port),
            "rack": .optional(node.rack), "isFenced": .bool(node.isFenced), "api": .optional(line?.name),
            "key": line.map { .int($0.key) } ?? .null, "minVersion": line?.offered.map { .int($0.lowerBound) } ?? .null,
            "maxVersion": line?.offered.map { .int($0.upperBound) } ?? .null, "usableVersion": usable,
            "error": .optional(error),
        ]
    }

    func print(_ form: OutputForm, _ environment: Environment) {
        if form == .text { environment.console.write(text) } else { environment.print(rows, as: form) }
    }

    /// Asks every node. One that does not answer costs only its own lines.
    static func ask(_ admin: Admin, _ nodes: [BrokerNode]) -> NodeVersionsReport {
        var report = NodeVersionsReport()
        for node in nodes {
            do throws(ClientError) {
                report.add(node, .success(try admin.versions(of: node.id)))
            } catch {
                report.add(node, .failure(error))
            }
        }
        return report
    }
}

extension APIKey {
    /// Whether brokers of Kafka 4 offer it to clients, and not only to each other or to controllers.
    fileprivate var isForClients: Bool {
        switch self {
        case .leaderAndIsr, .stopReplica, .updateMetadata, .controlledShutdown, .vote, .beginQuorumEpoch,
            .endQuorumEpoch, .alterPartition, .envelope, .fetchSnapshot, .brokerRegistration, .brokerHeartbeat,
            .allocateProducerIds, .controllerRegistration, .assignReplicasToDirs, .updateRaftVoter:
            false
        default: true
        }
    }
}
