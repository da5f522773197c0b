import Broker
import CommandLine
import Configuration
import Posix
import Telemetry

/// `skafka server-start`.
enum ServerStart {
    static let declaration = Command(
        "server-start",
        summary: "Start a broker",
        description: [
            "Starts a broker with the settings of a properties file, which is described in skafka.conf(5). It runs "
                + "until it is told to stop, and logs to stderr.",
            "Without a file it is a broker for a developer: it listens on localhost:9092 only, and keeps its data in "
                + "/tmp/kafka-logs, which it formats by itself. With a file, the directories must have been formatted "
                + "with skafka-storage(1): an empty one is more likely a disk that is not mounted.",
            "What would start something else than the file asks for, such as a listener with TLS or a quorum of "
                + "several nodes, is refused with one line. A setting that is known but has no effect is reported "
                + "in the log.",
        ],
        options: [
            Option(
                "daemon", help: "Run in the background; return when the broker serves, or tell why it does not.",
                hasSingleDash: true),
            Option(
                "override", .repeated("property=value"),
                help: "Set a property instead of, or on top of, what the file says."),
        ],
        operands: [Operand("server.properties", help: "The properties file of the broker.", completion: .files)],
        sections: [
            Command.Section(
                "Signals",
                [
                    "SIGTERM and SIGINT let the broker finish its requests and close its files; a second one ends it "
                        + "at once. SIGHUP opens the log file again, after a log rotator moved it."
                ]),
            Command.Section(
                "Environment",
                [
                    "LOG_DIR: the directory of the log file server.log and, in the background, of kafkaServer.out with "
                        + "all other output. In the background it is ./logs when unset.",
                    "NOTIFY_SOCKET: where systemd waits to hear that the broker is ready.",
                ]),
        ],
        examples: [
            Command.Example("skafka server-start", does: "Start a broker on localhost:9092."),
            Command.Example(
                "skafka server-start config/server.properties --override num.partitions=4",
                does: "Start a broker with a file, but with four partitions for new topics."),
        ],
        kafkaProgram: "kafka-server-start.sh", classNames: ["kafka.Kafka"])

    /// A broker that nobody meant to start formats directories and takes a port.
    static let scriptUsage = "USAGE: kafka-server-start.sh [-daemon] server.properties [--override property=value]*"

    static func run(_ arguments: Arguments, _ environment: Environment) -> ExitCode {
        let configuration: BrokerConfiguration
        do throws(ConfigurationFile.Failure) {
            configuration = try ConfigurationFile.load(
                path: arguments.operands.first, overrides: arguments.values("override"),
                hostName: environment.hostName)
        } catch {
            environment.complain("cannot start broker: \(error)")
            return .failed
        }
        guard configuration.roles.contains(.controller) else {
            // Its controllers are elsewhere; as a cluster of its own it would be another one.
            let refusal = ConfigurationError(
                key: "process.roles", value: "broker",
                reason: "a broker without controller is not served by this version, only broker,controller together")
            environment.complain("cannot start broker: \(refusal)")
            return .failed
        }
        var logDirectory = environment.variable("LOG_DIR").flatMap { $0.isEmpty ? nil : $0 }
        var readiness: Daemon.Readiness?
        if arguments.has("daemon") {
            let directory = logDirectory ?? "logs"
            switch Daemon.fork(outputIn: directory) {
            case .failed(let reason):
                environment.complain("cannot start broker: \(reason)")
                return .failed
            case .parent(let child):
                if child.becameReady() { return .done }
                environment.complain("cannot start broker: \(directory)/server.log says why")
                return .failed
            case .child(let toParent):
                readiness = toParent
                logDirectory = directory
            }
        }
        let signals = SignalWatch()
        if let logDirectory, let failure = openLog(in: logDirectory) {
            environment.complain("cannot start broker: \(failure)")
            return .failed
        }
        let log = Log("Configuration")
        for notice in configuration.notices { log.warn(notice) }
        let launch = BrokerLaunch.real(arguments.operands.isEmpty ? .format : .refuse)
        return BrokerProcess(
            configuration, signals: signals, readiness: readiness, environment: environment, launch: launch
        ).run()
    }

    private static func openLog(in directory: String) -> String? {
        do throws(SystemError) {
            try Disk.real.makeDirectories(directory)
        } catch {
            return error.description
        }
        let path = directory + "/server.log"
        return LogSink.shared.open(path: path).map { SystemError("open", path, Errno($0)).description }
    }
}
