import CommandLine

/// What pages of the manual say alike: of the forms of output, of variables and files.
enum SharedManual {
    static func of(_ command: Command) -> ManualPage.Shared {
        var shared = ManualPage.Shared()
        if has(command, "profile") {
            shared.environment += cluster
            shared.files.append(profiles)
        }
        if printsForms(command) {
            shared.output = output
            shared.environment += terminal
        }
        return shared
    }

    static var ofAll: ManualPage.Shared {
        var shared = ManualPage.Shared()
        shared.output = output
        shared.environment = cluster + terminal
        shared.files = [
            profiles,
            ("/tmp/kafka-logs", "Where a broker that was started without a file keeps its data."),
        ]
        return shared
    }

    /// Those that are no command's.
    static let pages = ["skafka.conf(5)", "skafka-client.conf(5)", "skafka-storage(7)", "skafka-protocol(7)"]

    /// The pages that tell more.
    static func references(_ command: Command) -> [String] {
        var pages = ["skafka(1)"]
        if has(command, "profile") { pages += ["skafka-profiles(1)", "skafka-client.conf(5)"] }
        if ["server-start", "storage", "dev"].contains(command.name) { pages.append("skafka.conf(5)") }
        if ["storage", "dump-log", "log", "log-dirs"].contains(command.name) { pages.append("skafka-storage(7)") }
        if command.name == "broker-api-versions" { pages.append("skafka-protocol(7)") }
        return pages
    }

    private static func has(_ command: Command, _ name: String) -> Bool {
        ([command] + command.subcommands).contains { $0.options.contains { $0.name == name } }
    }

    /// Whether a command has the option of all forms, which some have with fewer.
    private static func printsForms(_ command: Command) -> Bool {
        ([command] + command.subcommands).contains { command in
            command.options.contains {
                guard $0.name == "output", case .words(let words) = $0.completion else { return false }
                return words == OutputForm.allCases.map(\.rawValue)
            }
        }
    }

    private static let output = [
        "With --output the data comes as rows, each with the same names in every form: json prints one array, jsonl an "
            + "object a line, yaml a list. csv begins with a line of names and quotes as RFC 4180 says, with line feeds "
            + "alone; what is missing is empty, an empty text is \"\", lists are JSON, and members of an object have "
            + "columns of their own, owner.name. table prints columns under headings.",
        "On a terminal tables are aligned, JSON is indented, and there is colour; in a pipe the columns of a table are "
            + "parted by tabs and JSON stands on one line.",
    ]

    private static let cluster: [(name: String, meaning: String)] = [
        (
            "SKAFKA_BOOTSTRAP_SERVER",
            "Where to reach the cluster when neither --bootstrap-server nor --profile is given."
        ),
        ("SKAFKA_COMMAND_CONFIG", "The file for the client when neither --command-config nor --profile is given."),
        (
            "SKAFKA_PROFILE",
            "The profile when --profile is not given; skafka-profiles(1) says what counts before what."
        ),
        ("XDG_CONFIG_HOME", "Where skafka/profiles.conf is looked for instead of in ~/.config."),
    ]

    private static let terminal: [(name: String, meaning: String)] = [
        ("NO_COLOR", "When it is set and not empty, nothing is coloured."),
        ("TERM", "Nothing is coloured on a dumb terminal."),
    ]

    private static let profiles = (
        name: "~/.config/skafka/profiles.conf", meaning: "Named clusters, see skafka-profiles(1)."
    )
}
