import CommandLine

/// `skafka log`: looks into data directories, checks and mends them, while no broker runs.
enum LogTool {
    private static let path = Operand(
        "path", help: "A data directory, or the directory of one partition.", completion: .files, isRepeatable: true)
    private static let config = Option(
        "config", short: "c", .value("CONFIG"),
        help: "The properties file of a broker: its log directories are taken, and a path may be a partition's name.",
        completion: .files)
    private static let topic = Option(
        "topic", short: "t", .repeated("TOPIC"), help: "Only this topic; may be given several times.")
    private static let output = Option(
        "output", short: "o", .value("FORMAT"), help: "text, json (one document) or jsonl (one a line).",
        completion: .words(["text", "json", "jsonl"]))
    private static let deep = Option(
        "deep", help: "Unpack every batch and check each record too.")

    private static let list = Command(
        "list", summary: "List the partitions with their sizes and offsets", dialect: .argparse,
        options: [config, topic, OutputForm.option(short: "o")], operands: [path])

    private static let verify = Command(
        "verify", summary: "Check every batch, index, snapshot and checkpoint", dialect: .argparse,
        options: [
            config, topic, deep,
            Option(
                "strict",
                help: "Take for damage too what the next start of a broker would clear away by itself."),
            output,
        ], operands: [path])

    private static let repair = Command(
        "repair", summary: "Mend what verify finds, after showing how", dialect: .argparse,
        options: [
            config, topic, deep,
            Option(
                "cut",
                help: "Where batches are damaged, end the log in front of the first of them. Everything behind it is "
                    + "lost to readers; a copy is kept."),
            Option("execute", help: "Do it; without this, it is only shown, or asked about on a terminal."),
            Option(
                "keep", .value("DIRECTORY"),
                help: "Where the copies go, in a new directory skafka-repair-TIME. Without it, beside the data "
                    + "directory.",
                completion: .files),
        ], operands: [path])

    private static let cat = Command(
        "cat", summary: "Print the records of partitions", dialect: .argparse,
        options: [
            config, topic,
            Option("partition", short: "p", .repeated("PARTITION"), help: "Only partitions with this number."),
            Option("from-offset", .value("OFFSET"), help: "The first offset."),
            Option("to-offset", .value("OFFSET"), help: "The offset to end in front of."),
            Option(
                "from-time", .value("TIME"),
                help: "The first timestamp: milliseconds since 1970, or 2026-01-31T23:59:59.000Z."),
            Option("to-time", .value("TIME"), help: "The timestamp to end in front of."),
            Option("max-records", short: "n", .value("COUNT"), help: "End after so many records."),
            Option(
                "isolation", .value("LEVEL"),
                help: "read_committed, which leaves out what was aborted or is undecided, or read_uncommitted. "
                    + "Without one, read_committed.",
                completion: .words(["read_committed", "read_uncommitted"])),
            Option("key", short: "k", help: "Print the key in front of the value."),
            Option(
                "separator", .value("TEXT"), help: "What stands between key and value; without one, a tab.", ),
            Option(
                "format", short: "f", .value("FORMAT"),
                help: "How to print a record: \(RecordFormat.help)."),
            Option("null", .value("TEXT"), help: "What stands for a key or value that is null; without one, null."),
            Option("skip-damaged", help: "Pass over damaged batches instead of ending there."),
            output,
        ], operands: [path])

    static let declaration = Command(
        "log",
        summary: "List, check, mend and print logs without a broker",
        dialect: .argparse,
        description: [
            "Works on the data directories of a broker, or on single partitions in them, by their files alone. list, "
                + "verify and cat change nothing and may run beside a broker, which is then said on stderr: what the "
                + "broker is writing meanwhile may look unfinished. repair takes the lock of a directory and refuses "
                + "one that a broker uses.",
            "verify tells damage from notes. Damage is what a broker stumbles over, or what is lost. A note is what "
                + "its next start clears away by itself, above all the end of a log that was not flushed when the "
                + "broker died: from the recovery point on, a start reads everything again and cuts the log at the "
                + "first batch that is not whole. With --strict such an end is damage too.",
            "repair shows what it would do and where the copies go, and changes nothing without --execute or a yes on "
                + "a terminal. By itself it makes anew what can be made from the batches: indexes, transaction "
                + "indexes, producer snapshots, leader epochs, checkpoints. Damaged batches it leaves alone unless "
                + "--cut is given, for ending a log in front of them loses what stands behind. Every byte that is cut "
                + "or replaced is copied first. It may be interrupted at any point and run again.",
            "cat prints what a consumer would see, oldest first.",
        ],
        subcommands: [list, verify, repair, cat],
        sections: [
            Command.Section(
                "Exit status",
                [
                    "0: done, and nothing is damaged. 1: damage was found, or is left after a repair, or the command "
                        + "failed. 2: the command line makes no sense. 130: interrupted."
                ])
        ],
        examples: [
            Command.Example("skafka log list /tmp/kafka-logs", does: "Show what is in a data directory."),
            Command.Example(
                "skafka log verify --deep --config server.properties", does: "Check all data of a broker."),
            Command.Example(
                "skafka log repair /tmp/kafka-logs/orders-0", does: "Show how a partition would be mended."),
            Command.Example(
                "skafka log cat -o jsonl --from-offset 1000 -n 10 /tmp/kafka-logs/orders-0",
                does: "Print ten records as JSON."),
        ])

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        switch arguments.path.first {
        case "list": try LogList.run(arguments, environment)
        case "verify": try LogVerify.run(arguments, environment)
        case "repair": try LogRepair.run(arguments, environment)
        default: try LogCat.run(arguments, environment)
        }
    }

    enum Output: String {
        case text, json, jsonl
    }

    static func output(_ arguments: Arguments) throws(UsageError) -> Output {
        guard let word = arguments.value("output") else { return .text }
        guard let output = Output(rawValue: word) else {
            throw UsageError(
                "argument --output/-o: invalid choice: '\(word)' (choose from 'text', 'json', 'jsonl')")
        }
        return output
    }
}
