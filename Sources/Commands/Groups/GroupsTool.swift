import CommandLine
import KafkaClient

/// `skafka groups`: lists groups of all kinds.
enum GroupsTool {
    static let declaration = Command(
        "groups", summary: "List groups of all kinds",
        description: [
            "Does what kafka-groups.sh does: lists the groups that the brokers know, of the classic and of the consumer "
                + "protocol, share groups, streams groups and what else uses the protocol, such as Kafka Connect.",
            "A broker that does not answer leaves the groups of the others to be told, and the exit code is 1.",
        ],
        options: ClientOptions.all + [
            Option("list", help: "List the groups."),
            Option(
                "group-type", .value("String: type"),
                help: "Only groups of this type: classic, consumer, share or streams.",
                completion: .words(["classic", "consumer", "share", "streams"])),
            Option("protocol", .value("String: protocol"), help: "Only groups of this protocol."),
            Option(
                "consumer",
                help:
                    "Only groups of consumers: of the type consumer, and classic ones whose protocol is consumer or empty."
            ),
            Option("share", help: "Only share groups."),
            Option("streams", help: "Only streams groups."),
            OutputForm.option,
        ],
        examples: [
            Command.Example(
                "skafka groups --bootstrap-server localhost:9092 --list", does: "List all groups."),
            Command.Example(
                "skafka groups --bootstrap-server localhost:9092 --list --consumer --output jsonl",
                does: "List the groups of consumers for a program."),
        ],
        isKafkaTool: true, classNames: ["org.apache.kafka.tools.GroupsCommand"])

    /// Which groups are shown.
    enum Filter: Equatable {
        case all
        case type(GroupType, protocol: String?)
        case protocolName(String)
        case consumers

        func allows(_ group: GroupListing) -> Bool {
            switch self {
            case .all: true
            case .type(let type, let name): group.type == type && (name.map { $0 == group.protocolType } ?? true)
            case .protocolName(let name): group.protocolType == name
            case .consumers:
                group.protocolType == "consumer" || group.protocolType.isEmpty || group.type == .consumer
            }
        }
    }

    struct Request: Equatable {
        let filter: Filter
        let form: OutputForm

        init(_ arguments: Arguments) throws(UsageError) {
            form = try OutputForm(arguments)
            guard arguments.has("list") else {
                throw UsageError("Command must include exactly one action: --list.")
            }
            let word = arguments.value("group-type")
            let type = word.map(GroupType.init(word:))
            guard type != .unknown else {
                throw UsageError(
                    "--group-type must be a valid group type.",
                    hint: nearest(to: word ?? "", among: ["classic", "consumer", "share", "streams"]).map {
                        "Did you mean \($0)?"
                    })
            }
            for name in ["consumer", "share", "streams"] {
                let others = ["consumer", "group-type", "protocol", "share", "streams"]
                try arguments.refuse(name, with: others.filter { $0 != name })
            }
            let protocolName = arguments.value("protocol")
            if let type {
                filter = .type(type, protocol: protocolName)
            } else if let protocolName {
                filter = .protocolName(protocolName)
            } else if arguments.has("consumer") {
                filter = .consumers
            } else if arguments.has("share") {
                filter = .type(.share, protocol: nil)
            } else {
                filter = arguments.has("streams") ? .type(.streams, protocol: nil) : .all
            }
        }
    }

    private static let failure = "Error while executing groups command : "

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        let request = try Request(arguments)
        guard
            let admin = try ClientOptions.admin(
                arguments, environment, clientID: "adminclient-1", attempt: Attempt(head: failure))
        else { return .failed }
        do throws(ClientError) {
            let (groups, failures) = try admin.listGroups()
            let chosen = groups.filter(request.filter.allows)
            if request.form == .text {
                environment.console.write(text(chosen))
            } else {
                environment.print(GroupListReport(groups: chosen).structured, as: request.form)
            }
            for failure in failures { environment.console.tell(Self.failure + failure.cause) }
            return failures.isEmpty ? .done : .failed
        } catch {
            environment.console.tell(failure + error.cause)
            return .failed
        }
    }

    /// Three columns as wide as the longest word in any of them; a row has one more space at its end.
    static func text(_ groups: [GroupListing]) -> String {
        let rows = groups.map { [$0.id, $0.type?.rawValue ?? "", $0.protocolType] }
        let width = PaddedColumns.width(20, rows.joined())
        let columns = PaddedColumns([width, width, width])
        return columns.line(["GROUP", "TYPE", "PROTOCOL"]) + "\n" + rows.map { columns.line($0) + " \n" }.joined()
    }
}
