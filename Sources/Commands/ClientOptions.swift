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
        let zookeeper = arguments.value("zookeeper")
        if zookeeper != nil, arguments.has("bootstrap-server") {
            throw UsageError("Only one of --bootstrap-server or --zookeeper must be specified")
        }
        let servers =
            arguments.value("bootstrap-server") ?? zookeeper ?? environment.variable("SKAFKA_BOOTSTRAP_SERVER")
        guard let servers else { throw UsageError("Missing required argument \"[bootstrap-server]\"") }
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
        guard let zookeeper else { return properties }
        do throws(ZooKeeperBootstrap.Failure) {
            let protocolName = properties["security.protocol"] ?? "PLAINTEXT"
            let found = try ZooKeeperBootstrap.servers(zookeeper, securityProtocol: protocolName)
            properties["bootstrap.servers"] = found
            environment.console.tell(
                "skafka: --zookeeper is the way of old; today the brokers are named: --bootstrap-server \(found)")
            return properties
        } catch {
            environment.complain("cannot \(attempt): \(error.reason)", hint: error.hint)
            return nil
        }
    }

    /// What is before the first `=`, and what is behind it.
    static func keyAndValue(_ pair: String) -> (key: String, value: String) {
        guard let equals = pair.firstIndex(of: "=") else { return (pair, "") }
        return (String(pair[..<equals]), String(pair[pair.index(after: equals)...]))
    }

    /// A client for the cluster the command line names; nil when it cannot be made, which was told.
    static func admin(
        _ arguments: Arguments, _ environment: Environment, clientID: String, attempt: String
    ) throws(UsageError) -> Admin? {
        guard let properties = try properties(arguments, environment, attempt: attempt) else { return nil }
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
        ["bootstrap-server", "bootstrap-controller", "zookeeper"].contains(where: arguments.has)
            || environment.variable("SKAFKA_BOOTSTRAP_SERVER") != nil
    }
}
