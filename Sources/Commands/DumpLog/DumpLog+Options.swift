import CommandLine

extension DumpLog {
    static let decoders = ["string", "bytes", "integer", "long"]

    // The first ones are Kafka's; those from `output` on are not.
    static let options = [
        Option(
            "files", .value("file1,file2,..."), help: "The files to dump, separated by commas.", isRequired: true,
            completion: .files),
        Option(
            "print-data-log",
            help: "Print keys and values too. Any decoder does the same."),
        Option(
            "deep-iteration",
            help: "Print records, not only batches. Printing keys and values does the same."),
        Option("verify-index-only", help: "Compare indexes with their log and print only what is wrong."),
        Option(
            "index-sanity-check",
            help: "Look only for what makes a broker build an index anew when it starts."),
        Option(
            "max-message-size", .value("bytes"),
            help: "The size of the largest batch an index entry may name.", default: "5242880"),
        Option(
            "max-bytes", .value("bytes"),
            help: "Stop after so many bytes of batches.", default: "2147483647"),
        Option(
            "key-decoder-class", .optional("decoder"),
            help: "What keys are: string, bytes, integer or long, or the class of that decoder in Kafka. (default: "
                + "string)", completion: .words(decoders)),
        Option(
            "value-decoder-class", .optional("decoder"),
            help: "What values are, likewise. (default: string)", completion: .words(decoders)),
        Option("offsets-decoder", help: "Decode the records of __consumer_offsets."),
        Option("transaction-log-decoder", help: "Decode the records of __transaction_state."),
        Option("cluster-metadata-decoder", help: "Decode the records of __cluster_metadata and of its snapshots."),
        Option("remote-log-metadata-decoder", help: "Decode the records of __remote_log_metadata."),
        Option("share-group-state-decoder", help: "Decode the records of __share_group_state."),
        Option(
            "skip-record-metadata",
            help: "Print only keys and values of records, and nothing of control records."),
        Option(
            "output", .value("format"), help: "The form of the output: text, json or jsonl.",
            completion: .words(DumpSink.Format.allCases.map(\.rawValue)), default: "text"),
        Option(
            "explain", .value("offset"),
            help: "Show how the record at an offset is found, step by step."),
        Option(
            "summary",
            help: "Count instead of printing, from batch headers alone; with --deep-iteration also the bytes before "
                + "compression."),
        Option("follow", help: "Go on with what is appended, also to the segments that come."),
        Option("from-offset", .value("offset"), help: "Leave out what stands before this offset."),
        Option("to-offset", .value("offset"), help: "Leave out what stands behind this offset."),
        Option(
            "from-time", .value("time"),
            help: "Leave out older records. A time is a number of milliseconds since 1970, or like "
                + "2026-01-31T23:59:59.123Z; without a zone it is UTC."),
        Option("to-time", .value("time"), help: "Leave out newer records."),
        Option("key", .value("text"), help: "Leave out records with other keys."),
    ]
}
