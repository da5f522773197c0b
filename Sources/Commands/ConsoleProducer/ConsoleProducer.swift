import CommandLine
import KafkaClient
import Posix

/// `skafka console-producer`: sends what comes from stdin, a record a line.
enum ConsoleProducer {
    static let declaration = Command(
        "console-producer", summary: "Send what comes from stdin to a topic",
        description: [
            "Each line of stdin is the value of a record. With --reader-property parse.key=true a line is a key, a "
                + "separator and the value; with parse.headers=true headers stand in front: h1:v1,h2:v2, a tab, and the rest. "
                + "The end of the input, or Ctrl-C, sends what was read and waits for it; Ctrl-C again gives up.",
            "A record that cannot be sent is told on stderr, and the others go on; then the command ends with 1. "
                + "--dead-letter keeps such records in a file, which the command reads with --input json.",
            "Each record is sent once and in order, whatever is lost on the way, as long as acks is all, the default.",
        ],
        options: ClientOptions.options(configFormerly: ["producer.config"], serverFormerly: ["broker-list"]) + [
            ClientOptions.property(formerly: ["producer-property"]),
            Option("topic", .value("String: topic"), help: "Where to send to.", completion: .topics),
            Option("sync", help: "Send one record at a time and wait for it."),
            Option(
                "compression-codec", .optional("String: compression-codec"),
                help: "none, gzip, snappy, lz4 or zstd; without a value gzip.",
                completion: .words(["none", "gzip", "snappy", "lz4", "zstd"])),
            Option(
                "batch-size", .value("Integer: size"), help: "Bytes that are collected for one request.",
                default: "16384"),
            Option(
                "max-partition-memory-bytes", .value("Integer: memory in bytes per partition"),
                help: "What --batch-size was called before; it wins over it.", default: "16384"),
            Option(
                "message-send-max-retries", .value("Integer"), help: "How often a request is tried again.", default: "3"
            ),
            Option(
                "retry-backoff-ms", .value("Long"), help: "Milliseconds before it is tried again.", default: "100"),
            Option(
                "timeout", .value("Long: timeout_ms"), help: "Milliseconds that a batch waits for more records.",
                default: "1000"),
            Option(
                "request-required-acks", .value("String: request required acks"),
                help: "Who must have a record: 0 nobody, 1 the leader, -1 or all every in-sync replica.", default: "-1"),
            Option(
                "request-timeout-ms", .value("Integer: request timeout ms"),
                help: "Milliseconds to wait for an answer.",
                default: "1500"),
            Option(
                "metadata-expiry-ms", .value("Long: metadata expiration interval"),
                help: "Milliseconds after which the topic is asked about anew.", default: "300000"),
            Option(
                "max-block-ms", .value("Long: max block on send"),
                help: "Milliseconds that sending waits for memory or for the topic.", default: "60000"),
            Option(
                "max-memory-bytes", .value("Long: total memory in bytes"), help: "Bytes of records that may wait.",
                default: "33554432"),
            Option(
                "socket-buffer-size", .value("Integer: size"),
                help: "Send buffer of the socket. Without it the system suits it to the connection."),
            Option("line-reader", .value("String: reader_class"), help: "Kafka's line reader is the only one."),
            Option(
                "reader-property", .repeated("String: prop"),
                help: "A property of the reader: parse.key, key.separator, parse.headers, headers.delimiter, "
                    + "headers.separator, headers.key.separator, ignore.error, null.marker.",
                formerly: ["property"]),
            Option(
                "reader-config", .value("String: config file"), help: "A file with properties of the reader.",
                completion: .files),
        ] + additions,
        examples: [
            Command.Example(
                "seq 1000 | skafka console-producer --bootstrap-server localhost:9092 --topic numbers",
                does: "Send a thousand records."),
            Command.Example(
                "printf 'a:1\\nb:2\\n' | skafka console-producer --bootstrap-server localhost:9092 --topic t "
                    + "--reader-property parse.key=true --reader-property key.separator=:",
                does: "Send two records with keys."),
            Command.Example(
                "skafka console-producer --bootstrap-server localhost:9092 --topic pictures --file a.png --file b.png "
                    + "--header type=png",
                does: "Send two files, a record each."),
        ],
        isKafkaTool: true, deprecation: .warning,
        classNames: ["org.apache.kafka.tools.ConsoleProducer", "kafka.tools.ConsoleProducer"])

    /// Beyond Kafka's tool.
    private static let additions = [
        Option(
            "input", .value("String: form"),
            help:
                "What stdin is: text; hex or base64 for lines whose key and value are written so; binary for records with "
                + "their length in front, four bytes; json for an object a line, with key, value, headers and timestamp, as "
                + "'skafka log cat --output jsonl' prints them.",
            completion: .words(Request.Input.allCases.map(\.rawValue))),
        Option(
            "record-separator", .value("String: text"),
            help: "What ends a record instead of a line end; \\0 and \\x1e work."),
        Option(
            "file", .repeated("String: path"), help: "Send a file as one record, instead of stdin.", completion: .files),
        Option("key", .value("String: key"), help: "The key of all records."),
        Option("header", .repeated("String: name=value"), help: "A header of all records."),
        Option("partition", .value("Integer: partition"), help: "Where all records go."),
        Option(
            "timestamp", .value("String: time"), help: "The time of all records: milliseconds, or ISO 8601."),
        Option("tombstone", help: "Take each line for a key and send it with a null value, which deletes it."),
        Option(
            "dead-letter", .value("String: path"),
            help: "Append records that cannot be sent to this file, an object of JSON a line.", completion: .files),
    ]

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        try ClientOptions.checkServers(arguments)
        var readerFile: [String: String] = [:]
        if let path = arguments.value("reader-config") {
            do throws(ConfigurationFile.Failure) {
                readerFile = try ConfigurationFile.read(path)
            } catch {
                environment.complain("cannot send: \(error)")
                return .failed
            }
        }
        let request = try Request(arguments, readerFile: readerFile)
        let reader = try LineReader(request.reader)
        for name in request.reader.unknown {
            environment.complain("the reader has no property '\(name)', so it has no effect")
        }
        guard
            let configuration = try ProducingOptions.configuration(
                arguments, environment, clientID: "console-producer", attempt: "send", { apply(arguments, to: &$0) })
        else { return .failed }
        var deadLetter: DeadLetter?
        if let path = request.deadLetter {
            do throws(SystemError) {
                deadLetter = try DeadLetter(path)
            } catch {
                environment.complain("cannot send: \(error)")
                return .failed
            }
        }
        let interrupts = InterruptListener(environment)
        defer { interrupts.end() }
        var run = ConsoleSending(request, reader, configuration, deadLetter, interrupts, environment)
        return run.run()
    }
}
