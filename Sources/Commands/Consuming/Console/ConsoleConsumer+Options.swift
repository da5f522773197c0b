import CommandLine

extension ConsoleConsumer {
    static let declaration = Command(
        "console-consumer", summary: "Print the records of topics",
        description: [
            "Reads records and prints them on stdout, as Kafka's console consumer does: the value and a line end, or the "
                + "columns that --formatter-property asks for. Without --group all partitions are read, from their ends "
                + "on or, with --from-beginning, from their beginnings, and no offset is kept anywhere.",
            "With --group, or a setting group.id, the partitions are shared with the other members of the group, each goes "
                + "on behind the offset that the group has committed, and every auto.commit.interval.ms and at the end "
                + "the offsets of what was printed are committed, unless enable.auto.commit is false. --from-beginning "
                + "counts only where nothing was committed.",
            "It goes on until it is interrupted, which is a clean end, until --max-messages were printed, or until "
                + "--exit-at-end has printed what was there when it began. When no record came for --timeout-ms it says "
                + "so as Kafka does and, other than Kafka's tool, exits with 1. At the end stderr tells how many records "
                + "were processed. When whatever reads stdout goes away, it ends at once and says nothing.",
            "Times are read and printed in UTC unless --tz names another zone.",
        ],
        options: ClientOptions.options(configFormerly: ["consumer.config"]) + [
            ClientOptions.property(formerly: ["consumer-property"]),
            ZooKeeperBootstrap.option,
            Option("topic", .value("String: topic"), help: "The topic to read.", completion: .topics),
            Option(
                "include", .value("String: Java regex (String)"),
                help: "Read all topics whose whole name matches, also those that come into being later.",
                formerly: ["whitelist"]),
            Option(
                "partition", .value("Integer: partition"),
                help: "Read only this partition, from its end on unless --offset says otherwise."),
            Option(
                "offset", .value("String: consume offset"),
                help: "Where to begin in --partition: an offset, earliest or latest (the default)."),
            Option("from-beginning", help: "Begin with the oldest record instead of the next new one."),
            Option(
                "group", .value("String: consumer group id"),
                help: "The consumer group to be a member of.", completion: .groups),
            Option(
                "max-messages", .value("Integer: num_messages"), help: "End after so many records. Without it never."),
            Option(
                "timeout-ms", .value("Integer: timeout_ms"),
                help: "End, with exit code 1, when no record comes for so many milliseconds."),
            Option(
                "isolation-level", .value("String"),
                help: "read_committed leaves out what was aborted and waits for what is open; read_uncommitted (the "
                    + "default) prints everything.",
                completion: .words(["read_committed", "read_uncommitted"])),
            Option("skip-message-on-error", help: "Pass over a record that cannot be printed instead of ending."),
            Option(
                "key-deserializer", .value("String: deserializer for key"),
                help: "What keys are: a class of org.apache.kafka.common.serialization, or string, integer, long, "
                    + "short, float, double, uuid or boolean. Without it they are printed as they are.",
                completion: .words(Deserializer.names)),
            Option(
                "value-deserializer", .value("String: deserializer for values"), help: "The same for values.",
                completion: .words(Deserializer.names)),
            Option(
                "formatter", .value("String: class"),
                help:
                    "The class of a formatter of Kafka: DefaultMessageFormatter (the default), LoggingMessageFormatter, "
                    + "NoOpMessageFormatter, OffsetsMessageFormatter, GroupMetadataMessageFormatter, "
                    + "ShareGroupMessageFormatter, TransactionLogMessageFormatter or ShareGroupStateMessageFormatter."),
            Option(
                "formatter-property", .repeated("String: prop"),
                help: "A property of the formatter: print.timestamp, print.key, print.value, print.offset, "
                    + "print.partition, print.epoch, print.headers, print.delivery (true or false), key.separator, "
                    + "line.separator, headers.separator, null.literal, key.deserializer, value.deserializer, "
                    + "headers.deserializer.",
                formerly: ["property"]),
            Option(
                "formatter-config", .value("String: config file"),
                help: "A file of such properties; --formatter-property wins.", completion: .files),
            Option("enable-systest-events", help: "Print shutdown_complete at the end."),
        ] + additions,
        sections: [
            Command.Section(
                "FORMATS",
                [
                    "In --format, %t is the topic, %p the partition, %o the offset, %T the time, %k the key, %v or %s the "
                        + "value, %h the headers, %K and %V the sizes of key and value, %% a percent sign. The same by "
                        + "name: {topic}, {partition}, {offset}, {timestamp}, {timestampType}, {key}, {value}, "
                        + "{headers}, {keySize}, {valueSize}, {epoch}. \\n, \\t, \\r, \\0, \\\\ and \\x41 are escapes.",
                    "A time is milliseconds since 1970, a date such as 2026-01-31 or 2026-01-31T23:59:59.5+01:00, or a "
                        + "distance from now such as -90m, '2 hours ago', -PT5M, today or yesterday.",
                ])
        ],
        examples: [
            Command.Example(
                "skafka console-consumer --bootstrap-server localhost:9092 --topic orders --from-beginning",
                does: "Print all records of a topic, and new ones as they come."),
            Command.Example(
                "skafka console-consumer --bootstrap-server localhost:9092 --topic orders --from-time -1h --exit-at-end "
                    + "--output jsonl",
                does: "Print the records of the last hour as JSON Lines."),
            Command.Example(
                "skafka console-consumer --bootstrap-server localhost:9092 --include 'orders-.*' --tail 10 "
                    + "--format '%T %t %k: %v\\n' --timestamps iso",
                does: "Print the last ten records of some topics, then new ones, with times for people."),
        ],
        isKafkaTool: true,
        classNames: ["org.apache.kafka.tools.consumer.ConsoleConsumer", "kafka.tools.ConsoleConsumer"])

    /// What Kafka's tool has not.
    private static let additions = [
        Option("from-time", .value("String: time"), help: "Begin with the first record of this time or later."),
        Option(
            "to-time", .value("String: time"),
            help: "End before the first record of this time or later; records of that time are never printed."),
        Option(
            "to-offset", .value("Long: offset"), help: "End in front of this offset of --partition."),
        Option(
            "tail", .value("Integer: number"),
            help: "Begin with so many of the newest records, over all partitions, in the order of their times."),
        Option("exit-at-end", short: "e", help: "End when everything was printed that was there at the start."),
        Option(
            "key", .value("String: key"),
            help: "Only records of this key; only the partition is read into which Kafka's producers put it."),
        Option("all-partitions", help: "With --key, read all partitions: the records were placed otherwise."),
        Option("grep", .value("String: Java regex (String)"), help: "Only records in whose value this is found."),
        Option("grep-key", .value("String: Java regex (String)"), help: "Only records in whose key this is found."),
        Option(
            "format", .value("String: format"),
            help: "How to print a record: \(RecordFormat.help)."),
        Option(
            "output", .value("String: form"),
            help: "text (the default), json, jsonl, yaml or csv: whole records, with what is no UTF-8 in base64.",
            completion: .words(["text", "json", "jsonl", "yaml", "csv"])),
        Option(
            "timestamps", .value("String: form"),
            help: "How times are printed: ms (milliseconds, the default), iso or relative.",
            completion: .words(["ms", "iso", "relative"])),
        Option(
            "tz", .value("String: time zone"),
            help: "The zone of times that are given and printed: UTC (the default), local, +02:00 or Europe/Berlin."),
    ]
}
