import CommandLine
import Configuration
import KafkaClient
import Posix

/// The options with which every tool that talks to a cluster finds it, and the way from them to a client.
enum ClientOptions {
    static let all = options()

    /// - Parameter former: what older releases of Kafka's tool called `--command-config`.
    static func options(configFormerly former: [String] = []) -> [Option] {
        [
            Option(
                "bootstrap-server", .value("server"),
                help:
                    "Where to reach the cluster: host:port, several separated by commas. Without it "
                    + "SKAFKA_BOOTSTRAP_SERVER counts."),
            Option(
                "command-config", .value("file"),
                help: "A properties file for the client. Without it SKAFKA_COMMAND_CONFIG counts.", completion: .files,
                formerly: former),
        ]
    }

    /// For tools that ask brokers or, instead, the controllers of a cluster.
    static func endpoints(
        short: (server: Character?, controller: Character?, config: Character?) = (nil, nil, nil),
        configFormerly former: [String] = []
    ) -> [Option] {
        [
            Option(
                "bootstrap-server", short: short.server, .value("server"),
                help:
                    "Where to reach the brokers: host:port, several separated by commas. Without it "
                    + "SKAFKA_BOOTSTRAP_SERVER counts.", group: "bootstrap"),
            Option(
                "bootstrap-controller", short: short.controller, .value("server"),
                help: "Where to reach the controllers instead, likewise.", group: "bootstrap"),
            Option(
                "command-config", short: short.config, .value("file"),
                help: "A properties file for the client. Without it SKAFKA_COMMAND_CONFIG counts.", completion: .files,
                formerly: former),
        ]
    }

    /// `--command-property key=value`, for tools that let single settings be given.
    static func property(formerly former: [String] = []) -> Option {
        Option(
            "command-property", .repeated("key=value"), help: "A setting of the client; it wins over the file's.",
            formerly: former)
    }

    /// What the client is to be made with: the file's settings, then those of `--command-property`, then the bootstrap
    /// servers. Nil when they cannot be had, which was told.
    static func properties(
        _ arguments: Arguments, _ environment: Environment, attempt: String
    ) throws(UsageError) -> [String: String]? {
        let controllers = arguments.value("bootstrap-controller")
        let given = arguments.value("bootstrap-server")
        guard controllers == nil || given == nil else {
            throw UsageError("You cannot specify both --bootstrap-controller and --bootstrap-server.")
        }
        let servers = controllers == nil ? given ?? environment.variable("SKAFKA_BOOTSTRAP_SERVER") : nil
        guard servers != nil || controllers != nil else {
            throw UsageError("Missing required argument \"[bootstrap-server]\"")
        }
        let file = arguments.value("command-config") ?? environment.variable("SKAFKA_COMMAND_CONFIG")
        var properties: [String: String] = [:]
        do throws(ConfigurationFile.Failure) {
            if let file { properties = try ConfigurationFile.read(file) }
        } catch {
            environment.complain("cannot \(attempt): \(error)")
            return nil
        }
        for pair in arguments.values("command-property") {
            let (key, value) = keyAndValue(pair)
            properties[key] = value
        }
        properties["bootstrap.servers"] = servers
        properties["bootstrap.controllers"] = controllers
        return properties
    }

    /// What is before the first `=`, and what is behind it.
    static func keyAndValue(_ pair: String) -> (key: String, value: String) {
        guard let equals = pair.firstIndex(of: "=") else { return (pair, "") }
        return (String(pair[..<equals]), String(pair[pair.index(after: equals)...]))
    }

    /// What the file of `--command-config` describes.
    enum FileContent {
        case client
        /// A node, with settings for a client among many that are none.
        case controller
    }

    /// A client for the cluster the command line names; nil when it cannot be made, which was told.
    ///
    /// - Parameter defaults: settings that count where nobody set them.
    static func admin(
        _ arguments: Arguments, _ environment: Environment, clientID: String, attempt: String,
        defaults: [String: String] = [:], file: FileContent = .client
    ) throws(UsageError) -> Admin? {
        guard var properties = try properties(arguments, environment, attempt: attempt) else { return nil }
        if file == .controller {
            properties = properties.filter { ClientConfigTable.find($0.key, of: .admin) != nil }
        }
        properties.merge(defaults) { own, _ in own }
        do throws(ConfigurationError) {
            let configuration = try ClientConfiguration(properties, defaultClientID: clientID)
            for notice in configuration.notices { environment.console.tell("skafka: \(notice)") }
            return Admin(configuration)
        } catch {
            environment.complain("cannot \(attempt): \(error)")
            return nil
        }
    }

    /// Whether the command line or the environment says where the cluster is.
    static func nameCluster(_ arguments: Arguments, _ environment: Environment) -> Bool {
        arguments.has("bootstrap-server") || arguments.has("bootstrap-controller")
            || environment.variable("SKAFKA_BOOTSTRAP_SERVER") != nil
    }

    /// Does with a client what a tool is for, and tells why where that fails.
    ///
    /// - Parameter attempt: what the tool is about to do, as in "cannot describe features".
    static func withAdmin(
        _ arguments: Arguments, _ environment: Environment, clientID: String, attempt: String,
        defaults: [String: String] = [:], file: FileContent = .client, _ work: (Admin) throws(ClientError) -> ExitCode
    ) throws(UsageError) -> ExitCode {
        guard
            let admin = try admin(
                arguments, environment, clientID: clientID, attempt: attempt, defaults: defaults, file: file)
        else { return .failed }
        do throws(ClientError) {
            return try work(admin)
        } catch {
            environment.complain("cannot \(attempt): \(error)")
            return .failed
        }
    }
}
