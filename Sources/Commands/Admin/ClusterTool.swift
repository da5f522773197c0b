import CommandLine
import Configuration
import KafkaClient
import KafkaModel

/// `skafka cluster`.
enum ClusterTool {
    private static let connection = ClientOptions.endpoints(
        short: (server: "b", controller: "C", config: "c"), configFormerly: ["config"])

    static let declaration = Command(
        "cluster", summary: "Show a cluster, and have it forget nodes that are gone", dialect: .argparse,
        description: [
            "Tells the id of a cluster, lists its brokers or controllers and what they speak, and takes those out of its "
                + "metadata that will not come back."
        ],
        subcommands: [
            Command(
                "cluster-id", summary: "Show the id of the cluster", dialect: .argparse,
                options: connection + [OutputForm.option]),
            Command(
                "unregister", summary: "Have the cluster forget a broker", dialect: .argparse,
                options: connection + [id("broker")]),
            Command(
                "unregister-controller", summary: "Have the cluster forget a controller", dialect: .argparse,
                options: connection + [id("controller")]),
            Command(
                "list-endpoints", summary: "List the brokers or the controllers", dialect: .argparse,
                options: connection + [
                    Option("include-fenced-brokers", help: "List brokers too that are registered and do not serve."),
                    OutputForm.option,
                ]),
            Command(
                "api-versions", summary: "Show which requests the nodes understand", dialect: .argparse,
                options: connection + [OutputForm.option]),
        ],
        examples: [
            Command.Example(
                "skafka cluster cluster-id --bootstrap-server localhost:9092", does: "Show the id of the cluster."),
            Command.Example(
                "skafka cluster list-endpoints -b localhost:9092 --include-fenced-brokers",
                does: "List all brokers, also those that do not serve."),
        ],
        isKafkaTool: true, deprecation: .hasBeenDeprecated,
        classNames: ["org.apache.kafka.tools.ClusterTool", "kafka.tools.ClusterTool"])

    private static func id(_ what: String) -> Option {
        Option(
            "id", short: "i", .value("ID"), help: "The id of the \(what) to unregister.", isRequired: true,
            completion: what == "broker" ? .brokers : .nothing)
    }

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        guard ClientOptions.nameCluster(arguments, environment) else {
            throw UsageError("one of the arguments --bootstrap-server/-b --bootstrap-controller/-C is required")
        }
        let form = try OutputForm(arguments)
        let id = try arguments.int32("id", short: "i")
        let includesFenced = arguments.has("include-fenced-brokers")
        let kind = arguments.has("bootstrap-controller") ? EndpointType.controllers : .brokers
        if includesFenced, kind == .controllers {
            environment.console.tell(
                "The option --include-fenced-brokers is only supported with --bootstrap-server option")
            return .failed
        }
        let command = arguments.path.first ?? ""
        return try ClientOptions.withAdmin(
            arguments, environment, clientID: "admin-1", attempt: attempts[command] ?? "ask the cluster"
        ) { (admin) throws(ClientError) in
            switch command {
            case "cluster-id":
                let clusterID = try admin.describeCluster().clusterID
                if form == .text {
                    environment.console.print(text(clusterID: clusterID))
                } else {
                    environment.print([["clusterId": .optional(clusterID)]], as: form)
                }
            case "unregister":
                return try unregister("Broker", id ?? -1, environment) { (id) throws(ClientError) in
                    try admin.unregisterBroker(id)
                }
            case "unregister-controller":
                return try unregister("Controller", id ?? -1, environment) { (id) throws(ClientError) in
                    try admin.unregisterController(id)
                }
            case "list-endpoints":
                let nodes = try admin.describeCluster(includesFenced ? .registered : .serving).brokers
                EndpointsReport(nodes: nodes, kind: kind).print(form, environment)
            default:
                let report = NodeVersionsReport.ask(admin, try admin.describeCluster().brokers)
                report.print(form, environment)
                return report.hasFailed ? .failed : .done
            }
            return .done
        }
    }

    private static let attempts: [String: Attempt] = [
        "cluster-id": "get the cluster id", "unregister": "unregister the broker",
        "unregister-controller": "unregister the controller", "list-endpoints": "list endpoints",
        "api-versions": "ask for versions",
    ]

    static func text(clusterID: String?) -> String {
        clusterID.map { "Cluster ID: \($0)" } ?? "No cluster ID found. The Kafka version is probably too old."
    }

    private static func unregister(
        _ what: String, _ id: Int32, _ environment: Environment, _ work: (Int32) throws(ClientError) -> Void
    ) throws(ClientError) -> ExitCode {
        do throws(ClientError) {
            try work(id)
        } catch {
            guard error.isUnsupported else { throw error }
            environment.console.tell(
                "The target cluster does not support the \(what.lowercased()) unregistration API.")
            return .failed
        }
        environment.console.print("\(what) \(id) is no longer registered.")
        return .done
    }
}

/// Where the nodes of a cluster listen.
struct EndpointsReport {
    let nodes: [BrokerNode]
    let kind: EndpointType

    var text: String {
        let hostWidth = nodes.map(\.address.host.count).max() ?? 100
        let rackWidth = nodes.compactMap(\.rack).map(\.count).max() ?? 10
        func pad(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        func line(_ id: String, _ host: String, _ port: String, _ rack: String, _ state: String, _ type: String)
            -> String
        {
            pad(id, 10) + " " + pad(host, hostWidth) + " " + pad(port, 10) + " " + pad(rack, rackWidth) + " "
                + (kind == .brokers ? pad(state, 10) + " " : "") + pad(type, 15) + "\n"
        }
        return line("ID", "HOST", "PORT", "RACK", "STATE", "ENDPOINT_TYPE")
            + nodes.map {
                line(
                    "\($0.id)", $0.address.host, "\($0.address.port)", $0.rack ?? "null",
                    $0.isFenced ? "fenced" : "unfenced", type)
            }.joined()
    }

    private var type: String { kind == .brokers ? "broker" : "controller" }

    var rows: [StructuredValue] {
        nodes.map { node in
            var members: [StructuredValue.Member] = [
                .init("id", .int(node.id)), .init("host", .string(node.address.host)),
                .init("port", .int(node.address.port)), .init("rack", .optional(node.rack)),
            ]
            if kind == .brokers { members.append(.init("state", .string(node.isFenced ? "fenced" : "unfenced"))) }
            return .object(members + [.init("endpointType", .string(type))])
        }
    }

    func print(_ form: OutputForm, _ environment: Environment) {
        if form == .text { environment.console.write(text) } else { environment.print(rows, as: form) }
    }
}

extension Arguments {
    /// A whole number of an option of the second dialect; nil when it was not given.
    func int32(_ name: String, short: Character? = nil) throws(UsageError) -> Int32? {
        guard let text = value(name) else { return nil }
        guard let number = Int32(text) else {
            throw UsageError(
                "argument --\(name)\(short.map { "/-\($0)" } ?? ""): could not convert '\(text)' to Integer (32 bit)")
        }
        return number
    }
}
