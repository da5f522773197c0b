import CommandLine
import Configuration
import Glibc
import Posix

/// `skafka dev`.
///
/// The data lies where temporary files lie, not in memory: what is written goes to the page cache either way, and is
/// gone before the system would write it to the disk, while a file system in memory has no room for a broker in many
/// containers and takes from what the command needs. TMPDIR=/dev/shm is there for who wants it.
enum Dev {
    static let declaration = Command(
        "dev",
        summary: "Run a command with a broker of its own",
        description: [
            "Starts a broker on a free port of 127.0.0.1 with its data in a temporary directory, runs the command with "
                + "the address in its environment, and ends with the command's exit code. Broker and data are removed "
                + "afterwards, however it ends.",
            "Stdin, stdout and stderr are the command's own. Signals reach it: those of the terminal by themselves, "
                + "others are passed on. Should skafka dev itself be killed, the command is sent SIGHUP, and the broker "
                + "ends and removes its data.",
            "Without a command the address is printed, and the broker serves until Ctrl-C.",
            "It is Kafka with its defaults, but for these: topics of the broker itself have one replica, and consumer "
                + "groups do not wait for more members. --override changes what is wanted otherwise.",
        ],
        options: [
            Option(
                "topic", .repeated("name[:partitions]"), help: "Create a topic before the command starts."),
            Option("override", .repeated("property=value"), help: "Set a property of the broker."),
            Option("port", .value("port"), help: "The port to serve; without it a free one."),
            Option(
                "log", .value("file"), help: "Append the broker's log to a file that stays.", completion: .files),
            Option("keep", help: "Leave the directory with data and log where it is, and say where."),
        ],
        operands: [
            Operand("command", help: "What to run, with its arguments.", isRepeatable: true, endsOptions: true)
        ],
        sections: [
            Command.Section(
                "Environment",
                [
                    "The command finds KAFKA_BOOTSTRAP_SERVERS and SKAFKA_BOOTSTRAP_SERVER, the address of the broker; "
                        + "with the latter the other commands of skafka need no --bootstrap-server. "
                        + "SKAFKA_DEV_DIRECTORY has the partitions of the broker. SKAFKA_COMMAND_CONFIG and "
                        + "SKAFKA_PROFILE, which may describe another cluster, are taken away.",
                    "TMPDIR: where the directory is made; /tmp when unset.",
                ]),
            Command.Section(
                "Exit status",
                [
                    "That of the command; 128 and the number of the signal when one ended it. 125 when the broker could "
                        + "not start, or was lost while the command took itself for successful; 126 when the command "
                        + "cannot be run and 127 when it is not found. Without a command 0 after SIGTERM and 130 "
                        + "after Ctrl-C."
                ]),
        ],
        examples: [
            Command.Example(
                "skafka dev --topic orders:3 -- skafka topics --describe",
                does: "Create a topic with three partitions and look at it."),
            Command.Example(
                "skafka dev -- make test", does: "Run tests that find the broker in KAFKA_BOOTSTRAP_SERVERS."),
            Command.Example("skafka dev -- bash", does: "A shell with a broker; both are gone after exit."),
        ])

    static func run(_ arguments: Arguments, _ environment: Environment) -> ExitCode {
        do throws(UsageError) {
            return run(try DevRequest(arguments), environment)
        } catch {
            environment.complain("dev: \(error.message)", hint: "'skafka dev --help' shows what it takes.")
            return ExitCode(rawValue: DevLife.failed)
        }
    }

    private static func run(_ request: DevRequest, _ environment: Environment) -> ExitCode {
        let parent = environment.variable("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        guard let directory = temporaryDirectory(in: parent) else {
            environment.complain("dev: cannot make a directory in \(parent): \(Errno.last)")
            return ExitCode(rawValue: DevLife.failed)
        }
        var code = DevLife.failed
        do {
            let configuration = try ConfigurationFile.load(
                path: nil, overrides: request.overrides(in: directory), hostName: environment.hostName)
            var run = try DevRun(request, configuration, in: directory, environment: environment)
            code = run.run()
        } catch {
            environment.complain("dev: cannot start broker: \(error)")
        }
        if request.keepsDirectory {
            environment.complain("dev: kept \(directory)")
        } else if let failure = remove(directory) {
            environment.complain("dev: \(failure)")
        }
        return ExitCode(rawValue: code)
    }

    /// What the command finds in its environment, and what it does not find there any more.
    static func variables(_ address: String, _ directory: String) -> [(name: String, value: String?)] {
        [
            ("KAFKA_BOOTSTRAP_SERVERS", address),
            ("SKAFKA_BOOTSTRAP_SERVER", address),
            ("SKAFKA_DEV_DIRECTORY", directory + "/data"),
            ("SKAFKA_COMMAND_CONFIG", nil),
            ("SKAFKA_PROFILE", nil),
        ]
    }

    /// With its absolute path, since the command may look at it from elsewhere; nil with errno.
    private static func temporaryDirectory(in parent: String) -> String? {
        var template = Array("\(parent)/skafka-dev-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil, let path = realpath(template, nil) else { return nil }
        defer { free(path) }
        return String(cString: path)
    }

    @discardableResult
    static func remove(_ directory: String) -> SystemError? {
        do throws(SystemError) {
            try Disk.real.removeTree(directory)
            return nil
        } catch {
            return error
        }
    }
}
