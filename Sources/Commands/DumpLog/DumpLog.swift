import CommandLine
import Posix

/// `skafka dump-log`.
enum DumpLog {
    static let declaration = Command(
        "dump-log",
        summary: "Print what the files of a log hold",
        description: [
            "Prints the batches and records of segments, the entries of their indexes, and what the other files of a "
                + "data directory say, without a broker. Nothing is changed, so it is safe beside a running broker.",
            "What a file is, is told by its name: .log segments, .index, .timeindex and .txnindex indexes, .snapshot "
                + "producer states, .checkpoint snapshots of the metadata log; also leader-epoch-checkpoint, the "
                + "offset checkpoints, partition.metadata, meta.properties and quorum-state. A name that ends with "
                + ".deleted, .cleaned or .swap is read as what stands in front.",
            "Index entries are compared with the log beside them. Damage is told on the standard error with its place "
                + "and its reason, and the dump goes on behind it where that is possible; the exit status is then 1.",
        ],
        options: options,
        sections: [
            Command.Section(
                "JSON",
                [
                    "With --output jsonl every line is one object, with --output json the whole is one array of the same "
                        + "objects. Their member \"type\" says what they are: file, batch, record, index, timeIndex, "
                        + "transaction, producer, entry, summary, explanation or damage.",
                    "Keys, values and headers are text where they are UTF-8. Where they are not, the member has the "
                        + "suffix Base64: \"valueBase64\":\"/w==\".",
                ]),
            Command.Section(
                "FILTERS",
                [
                    "The filters use the indexes beside the log: a dump from an offset or a time begins near it. Offsets "
                        + "and times are inclusive. With a filter that looks at records, a batch is shown when one of its "
                        + "records is.",
                    "With a filter, --summary, --explain or --follow, a partition directory may be named instead of files.",
                ]),
        ],
        examples: [
            Command.Example(
                "skafka dump-log --files 00000000000000000000.log --print-data-log",
                does: "Print the records of a segment."),
            Command.Example(
                "skafka dump-log --files 00000000000000000000.index | head -n 10",
                does: "Print the first entries of an index."),
            Command.Example(
                "skafka dump-log --files /data/__consumer_offsets-7/00000000000000000000.log --offsets-decoder",
                does: "Show what groups committed."),
            Command.Example(
                "skafka dump-log --files /data/orders-0 --explain 600",
                does: "Show how offset 600 is found: segment, index entry, position, batch and record."),
            Command.Example(
                "skafka dump-log --files /data/orders-0 --summary",
                does: "Count records and bytes of a partition from its batch headers."),
            Command.Example(
                "skafka dump-log --files /data/orders-0 --from-time 2026-01-31T12:00 --print-data-log --output jsonl",
                does: "Print all records since noon as lines of JSON."),
            Command.Example(
                "skafka dump-log --files /data/orders-0 --follow --print-data-log",
                does: "Print new records of a partition as they are written."),
        ],
        isKafkaTool: true, classNames: ["org.apache.kafka.tools.DumpLogSegments", "kafka.tools.DumpLogSegments"])

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        var run = DumpRun(try DumpRequest(arguments), disk: .real, console: environment.console)
        run.dumpFiles()
        return run.finish()
    }
}
