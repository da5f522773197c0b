import CommandLine
import Configuration
import Glibc
import KafkaModel
import Posix

/// `skafka server-stop`.
enum ServerStop {
    static let declaration = Command(
        "server-stop",
        summary: "Stop the brokers of this machine",
        description: [
            "Sends SIGTERM to all brokers that run on this machine and that the user may signal, or only to those of "
                + "one node or role. It finds them among the processes, and their node by the properties file "
                + "they were started with. It does not wait for their end."
        ],
        options: [
            Option("node-id", .value("id"), help: "Stop only the node of this id."),
            Option(
                "process-role", .value("role"), help: "Stop only nodes of this role.",
                completion: .words(["broker", "controller"])),
        ],
        sections: [
            Command.Section("Environment", ["SIGNAL: the signal to send instead of TERM, such as KILL or INT."])
        ],
        kafkaProgram: "kafka-server-stop.sh")

    static func run(_ arguments: Arguments, _ environment: Environment) -> ExitCode {
        let name = environment.variable("SIGNAL") ?? "TERM"
        guard let number = signalNumber(name) else {
            environment.complain("cannot stop brokers: '\(name)' in SIGNAL is no signal")
            return .failed
        }
        var node: Int32?
        if let text = arguments.value("node-id") {
            guard let id = Int32(text) else {
                environment.complain("server-stop: Cannot parse argument '\(text)' of option node-id")
                return .usage
            }
            node = id
        }
        let role = arguments.value("process-role")
        if node != nil, role != nil {
            environment.console.tell(
                "When both node-id and process-role are provided, the value for node-id will take precedence")
        }
        let running = RunningBrokers.find(in: environment.processes)
        guard !running.isEmpty else {
            environment.console.tell("No kafka server to stop")
            return .failed
        }
        var outcome = ExitCode.done
        var isAnyMeant = false
        for process in running where process.matches(node: node, role: node == nil ? role : nil) {
            isAnyMeant = true
            guard kill(process.id, number) != 0 else { continue }
            environment.complain("cannot stop process \(process.id): \(Errno.last)")
            outcome = .failed
        }
        guard isAnyMeant else {
            environment.console.tell(
                running.allSatisfy(\.isDescribed)
                    ? "No kafka server to stop"
                    : "Can not find the configuration file in the current directory. Please make sure the kafka stop "
                        + "process and the start process are called in the same directory.")
            return .failed
        }
        return outcome
    }

    /// A signal by its name, with or without SIG, or by its number.
    static func signalNumber(_ name: String) -> CInt? {
        let plain = name.uppercased().hasPrefix("SIG") ? String(name.uppercased().dropFirst(3)) : name.uppercased()
        switch plain {
        case "TERM": return SIGTERM
        case "INT": return SIGINT
        case "KILL": return SIGKILL
        case "HUP": return SIGHUP
        case "QUIT": return SIGQUIT
        default: return CInt(plain).flatMap { (1...64).contains($0) ? $0 : nil }
        }
    }
}
