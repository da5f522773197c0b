import CommandLine
import Configuration
import KafkaClient
import Posix

/// The options with which every tool that talks to a cluster finds it, and the way from them to a client.
enum ClientOptions {
    static let all = [
        Option(
            "bootstrap-server", .value("server"),
            help:
                "Where to reach the cluster: host:port, several separated by commas. Without it SKAFKA_BOOTSTRAP_SERVER "
                + "counts."),
        Option(
            "command-config", .value("file"),
            help: "A properties file for the client. Without it SKAFKA_COMMAND_CONFIG counts.", completion: .files),
    ]

    /// A client for the cluster the command line names; nil when it cannot be made, which was told.
    static func admin(
        _ arguments: Arguments, _ environment: Environment, clientID: String, attempt: String
    ) throws(UsageError) -> Admin? {
        guard let servers = arguments.value("bootstrap-server") ?? environment.variable("SKAFKA_BOOTSTRAP_SERVER")
        else { throw UsageError("Missing required argument \"[bootstrap-server]\"") }
        let file = arguments.value("command-config") ?? environment.variable("SKAFKA_COMMAND_CONFIG")
        var properties: [String: String] = [:]
        do throws(ConfigurationFile.Failure) {
            if let file { properties = try ConfigurationFile.read(file) }
        } catch {
            environment.complain("cannot \(attempt): \(error)")
            return nil
        }
        properties["bootstrap.servers"] = servers
        do throws(ConfigurationError) {
            let configuration = try ClientConfiguration(properties, defaultClientID: clientID)
            for notice in configuration.notices { environment.console.tell("skafka: \(notice)") }
            return Admin(configuration)
        } catch {
            environment.complain("cannot \(attempt): \(error)")
            return nil
        }
    }
}
