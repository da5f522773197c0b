import CommandLine
import Configuration
import KafkaClient
import Posix

/// The options with which every tool that talks to a cluster finds it, and the way from them to a client.
enum ClientOptions {
    static let all = options()

    /// - Parameters:
    ///   - former: what older releases of Kafka's tool called `--command-config`.
    ///   - formerServer: what they called `--bootstrap-server`.
    static func options(
        configFormerly former: [String] = [], serverFormerly formerServer: [String] = []
    ) -> [Option] {
        [
            Option(
                "bootstrap-server", .value("server"),
                help:
                    "Where to reach the cluster: host:port, several separated by commas. Without it the profile or "
                    + "SKAFKA_BOOTSTRAP_SERVER counts.", formerly: formerServer),
            Option(
                "command-config", .value("file"),
                help: "A properties file for the client. Without it SKAFKA_COMMAND_CONFIG counts.", completion: .files,
                formerly: former),
            profile,
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
            profile,
        ]
    }

    static let profile = Option(
        "profile", .value("name"),
        help: "The cluster with this name in the file of profiles. Without it SKAFKA_PROFILE counts.",
        completion: .profiles)

    /// For the manual.
    static let precedence = [
        "What the command line says counts before what the environment says, and what is said of one setting before "
            + "what is said of many. From strong to weak: --bootstrap-server, --command-property, the file of "
            + "--command-config, the profile of --profile; then SKAFKA_BOOTSTRAP_SERVER, the file of "
            + "SKAFKA_COMMAND_CONFIG, the profile of SKAFKA_PROFILE.",
        "--profile stands for a whole cluster: with it none of the variables counts. With --command-config the file of "
            + "SKAFKA_COMMAND_CONFIG is not read.",
    ]

    /// `--command-property key=value`, for tools that let single settings be given.
    static func property(formerly former: [String] = []) -> Option {
        Option(
            "command-property", .repeated("key=value"), help: "A setting of the client; it wins over the file's.",
            formerly: former)
    }

    /// What the client is to be made with, from all places that say something about it. Nil when they cannot be read,
    /// which was told.
    ///
    /// - Parameter option: what the tool calls the option with the bootstrap servers.
    static func properties(
        _ arguments: Arguments, _ environment: Environment, attempt: Attempt,
        servers option: String = "bootstrap-server"
    ) throws(UsageError) -> [String: String]? {
        guard !arguments.has("bootstrap-controller") || !arguments.has("bootstrap-server") else {
            throw UsageError("You cannot specify both --bootstrap-controller and --bootstrap-server.")
        }
        guard !arguments.has("zookeeper") || !arguments.has("bootstrap-server") else {
            throw UsageError("Only one of --bootstrap-server or --zookeeper must be specified")
        }
        guard var properties = merged(arguments, environment, attempt: attempt) else { return nil }
        if let servers = arguments.value(option) { properties["bootstrap.servers"] = servers }
        if let controllers = arguments.value("bootstrap-controller") {
            properties["bootstrap.servers"] = nil
            properties["bootstrap.controllers"] = controllers
        }
        if let zookeeper = arguments.value("zookeeper") {
            guard let servers = servers(zookeeper, properties, environment, attempt: attempt) else { return nil }
            properties["bootstrap.servers"] = servers
        }
        guard properties["bootstrap.servers"] ?? properties["bootstrap.controllers"] != nil else {
            throw option == "bootstrap-server" ? missingServer : UsageError("Missing required argument \"[\(option)]\"")
        }
        return properties
    }

    /// Whether a command that needs a cluster learns of one without a word on its command line.
    static func isClusterKnown(to command: Command, _ environment: Environment) -> Bool {
        command.options.contains { $0.name == "bootstrap-server" }
            && ["SKAFKA_BOOTSTRAP_SERVER", "SKAFKA_COMMAND_CONFIG", "SKAFKA_PROFILE"].contains {
                environment.variable($0)?.isEmpty == false
            }
    }

    /// What two of Kafka's tools look at before anything else, in their words.
    static func checkServers(_ arguments: Arguments) throws(UsageError) {
        guard let text = arguments.value("bootstrap-server") else { return }
        let words = text.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
        guard !words.isEmpty else { throw UsageError("Error while validating the bootstrap address") }
        guard words.allSatisfy({ HostPort($0).map { $0.port > 0 } ?? false }) else {
            throw UsageError("Please provide valid host:port like host1:9091,host2:9092")
        }
    }

    /// Some tools say it in words of their own.
    static let missingServer = UsageError("Missing required argument \"[bootstrap-server]\"")

    /// The brokers that ZooKeeper knows; nil when it cannot be asked, which was told.
    private static func servers(
        _ zookeeper: String, _ properties: [String: String], _ environment: Environment, attempt: Attempt
    ) -> String? {
        do throws(ZooKeeperBootstrap.Failure) {
            let servers = try ZooKeeperBootstrap.servers(
                zookeeper, securityProtocol: properties["security.protocol"] ?? "PLAINTEXT")
            environment.console.tell(
                "skafka: --zookeeper is the way of old; today the brokers are named: --bootstrap-server \(servers)")
            return servers
        } catch {
            environment.tell(attempt.failed("\(error.reason)"), hint: error.hint)
            return nil
        }
    }

    private static func merged(
        _ arguments: Arguments, _ environment: Environment, attempt: Attempt
    ) -> [String: String]? {
        var properties: [String: String] = [:]
        func add(_ settings: [String: String]) { properties.merge(settings) { _, new in new } }
        do throws(ConfigurationFile.Failure) {
            do throws(Profiles.Failure) {
                if let name = arguments.value("profile") {
                    add(try Profiles.read(environment).profile(name).settings)
                } else if let name = environment.variable("SKAFKA_PROFILE"), !name.isEmpty {
                    add(try Profiles.read(environment).profile(name).settings)
                }
            } catch {
                environment.tell(attempt.failed("\(error)"), hint: "'skafka profiles' lists them.")
                return nil
            }
            if !arguments.has("profile") {
                if !arguments.has("command-config"), let file = environment.variable("SKAFKA_COMMAND_CONFIG"),
                    !file.isEmpty
                {
                    add(try ConfigurationFile.read(file))
                }
                if let servers = environment.variable("SKAFKA_BOOTSTRAP_SERVER"), !servers.isEmpty {
                    add(["bootstrap.servers": servers])
                }
            }
            if let file = arguments.value("command-config") { add(try ConfigurationFile.read(file)) }
        } catch {
            environment.tell(attempt.failed("\(error)"))
            return nil
        }
        for pair in arguments.values("command-property") {
            let (key, value) = keyAndValue(pair)
            properties[key] = value
        }
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
    /// - Parameters:
    ///   - defaults: settings that count where nobody set them.
    ///   - overrides: settings that count whatever anybody set.
    static func admin(
        _ arguments: Arguments, _ environment: Environment, clientID: String, attempt: Attempt,
        defaults: [String: String] = [:], overrides: [String: String] = [:], file: FileContent = .client,
        servers option: String = "bootstrap-server"
    ) throws(UsageError) -> Admin? {
        guard var properties = try properties(arguments, environment, attempt: attempt, servers: option) else {
            return nil
        }
        if file == .controller {
            properties = properties.filter { ClientConfigTable.find($0.key, of: .admin) != nil }
        }
        properties.merge(defaults) { own, _ in own }
        properties.merge(overrides) { _, new in new }
        do throws(ConfigurationError) {
            let configuration = try ClientConfiguration(properties, defaultClientID: clientID)
            for notice in configuration.notices { environment.console.tell("skafka: \(notice)") }
            return Admin(configuration)
        } catch {
            environment.tell(attempt.failed("\(error)"))
            return nil
        }
    }

    /// Whether the command line or the environment may say where the cluster is.
    static func nameCluster(_ arguments: Arguments, _ environment: Environment) -> Bool {
        ["bootstrap-server", "bootstrap-controller", "command-config", "profile", "zookeeper"].contains(
            where: arguments.has)
            || ["SKAFKA_BOOTSTRAP_SERVER", "SKAFKA_COMMAND_CONFIG", "SKAFKA_PROFILE"].contains {
                environment.variable($0) != nil
            }
    }

    /// Does with a client what a tool is for, and tells why where that fails.
    ///
    /// - Parameter attempt: what the tool is about to do, as in "cannot describe features".
    static func withAdmin(
        _ arguments: Arguments, _ environment: Environment, clientID: String, attempt: Attempt,
        defaults: [String: String] = [:], file: FileContent = .client, servers option: String = "bootstrap-server",
        _ work: (Admin) throws(ClientError) -> ExitCode
    ) throws(UsageError) -> ExitCode {
        guard
            let admin = try admin(
                arguments, environment, clientID: clientID, attempt: attempt, defaults: defaults, file: file,
                servers: option)
        else { return .failed }
        do throws(ClientError) {
            return try work(admin)
        } catch {
            environment.tell(attempt.failed("\(error)"))
            return .failed
        }
    }
}
