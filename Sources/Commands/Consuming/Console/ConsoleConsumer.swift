import CommandLine
import Configuration
import KafkaClient
import Timing

/// `skafka console-consumer`: prints the records of topics.
enum ConsoleConsumer {
    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        let request = try ConsoleRequest(arguments, environment, now: Clock.system.timestamp)
        guard var properties = try ClientOptions.properties(arguments, environment, attempt: "read records") else {
            return .failed
        }
        var groupOfFile: String?
        if let file = arguments.value("command-config") {
            do throws(ConfigurationFile.Failure) {
                groupOfFile = try ConfigurationFile.read(file)["group.id"]
            } catch {
                environment.complain("cannot read records: \(error)")
                return .failed
            }
        }
        try complete(&properties, request, groupOfFile: groupOfFile)
        do throws(ConfigurationError) {
            let configuration = try ConsumerConfiguration(properties, defaultClientID: "console-consumer")
            for notice in configuration.client.notices { environment.console.tell("skafka: \(notice)") }
            var run = ConsoleRun(request, configuration, environment)
            return run.run()
        } catch {
            environment.complain("cannot read records: \(error)")
            return .failed
        }
    }

    /// Adds what options stand for to the settings of the consumer.
    static func complete(
        _ properties: inout [String: String], _ request: ConsoleRequest, groupOfFile: String? = nil
    ) throws(UsageError) {
        if request.isFromBeginning, let reset = properties["auto.offset.reset"], reset != "earliest" {
            throw UsageError(
                "Can't simultaneously specify --from-beginning and 'auto.offset.reset=\(reset)', please remove one option"
            )
        }
        if request.isFromBeginning { properties["auto.offset.reset"] = "earliest" }
        if let isolation = request.isolation { properties["isolation.level"] = isolation }
        var groups: [String] = []
        for case let group? in [request.group, properties["group.id"], groupOfFile] where !groups.contains(group) {
            groups.append(group)
        }
        guard groups.count <= 1 else {
            throw UsageError(
                "The group ids provided in different places (directly using '--group', via '--consumer-property', or via "
                    + "'--consumer.config') do not match. Detected group ids: "
                    + groups.map { "'\($0)'" }.joined(separator: ", "))
        }
        guard groups.first?.allSatisfy(\.isWhitespace) != true else {
            throw UsageError("The configured group.id should not be an empty string or whitespace.")
        }
        if let group = request.group { properties["group.id"] = group }
        let isPartition = if case .partition = request.source { true } else { false }
        if properties["group.id"] == nil {
            // Kafka's tool is a member of a group of its own; here that is so when somebody says how it should be one.
            let asMember = ["group.protocol", "group.instance.id", "group.remote.assignor"].contains {
                properties[$0] != nil
            }
            guard asMember || properties["enable.auto.commit"]?.lowercased() == "true" else { return }
            properties["group.id"] = "console-consumer-\(Int.random(in: 0..<100_000))"
            if properties["enable.auto.commit"] == nil { properties["enable.auto.commit"] = "false" }
        }
        if !isPartition, let option = request.waysOfItsOwn.first {
            throw UsageError("Options group and \(option) cannot be specified together.")
        }
    }
}
