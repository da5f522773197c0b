import CommandLine
import KafkaRecords
import Timing

extension ConsoleProducer {
    /// What a command line asks for.
    struct Request {
        /// What stdin is.
        enum Input: String, CaseIterable {
            /// Lines.
            case text
            /// Lines whose key and value are written in hexadecimal digits or in base64.
            case hex, base64
            /// Records with their length in front, four bytes, the highest first.
            case binary
            /// An object a line.
            case json
        }

        let topic: String
        var isSync = false
        var input = Input.text
        var separator: [UInt8] = [10]
        var reader: ReaderSettings
        /// Each one record, instead of stdin.
        var files: [String] = []
        var partition: Int32?
        var timestamp: Int64?
        var key: [UInt8]?
        var headers: [RecordHeader] = []
        /// A line is the key of a null value.
        var isTombstone = false
        var deadLetter: String?

        init(_ arguments: Arguments, readerFile: [String: String] = [:]) throws(UsageError) {
            guard let topic = arguments.value("topic") else {
                throw UsageError("Missing required argument \"[topic]\"")
            }
            self.topic = topic
            isSync = arguments.has("sync")
            var properties = readerFile
            for pair in arguments.values("reader-property") {
                let (key, value) = ClientOptions.keyAndValue(pair)
                properties[key] = value
            }
            reader = try ReaderSettings(properties)
            try readReaderClass(arguments)
            try readShape(arguments)
            try readFixed(arguments)
        }

        private func readReaderClass(_ arguments: Arguments) throws(UsageError) {
            guard let name = arguments.value("line-reader") else { return }
            let known = [
                "org.apache.kafka.tools.LineMessageReader", "LineMessageReader",
                "kafka.tools.ConsoleProducer$LineMessageReader",
            ]
            guard known.contains(name) else {
                throw UsageError(
                    "the reader '\(name)' cannot be loaded: Java classes are not",
                    hint: "--input and the reader's properties say how the input is read.")
            }
        }

        private mutating func readShape(_ arguments: Arguments) throws(UsageError) {
            if let word = arguments.value("input") {
                guard let input = Input(rawValue: word) else {
                    throw UsageError("'\(word)' is no form of input: text, hex, base64, binary or json")
                }
                self.input = input
            }
            if let text = arguments.value("record-separator") {
                separator = try RecordFormat.bytes(text)
                guard !separator.isEmpty else { throw UsageError("--record-separator needs a text") }
                guard input != .binary else {
                    throw UsageError("--record-separator is for lines; in --input binary each record has its length")
                }
            }
            files = arguments.values("file")
            isTombstone = arguments.has("tombstone")
            deadLetter = arguments.value("dead-letter")
            if isTombstone, reader.parsesKey || input == .json || !files.isEmpty {
                throw UsageError(
                    "--tombstone takes each line for a key; it goes with neither keys in lines, json nor files")
            }
            if !files.isEmpty, arguments.has("input") || arguments.has("record-separator") {
                throw UsageError("--file sends whole files as they are; --input and --record-separator are for stdin")
            }
        }

        private mutating func readFixed(_ arguments: Arguments) throws(UsageError) {
            partition = arguments.value("partition").flatMap { Int32($0) }
            if let partition, partition < 0 { throw UsageError("--partition should not be negative") }
            if let text = arguments.value("timestamp") {
                guard let time = Timestamp(text: text) else {
                    throw UsageError("'\(text)' is no time: milliseconds since 1970, or ISO 8601")
                }
                timestamp = time.milliseconds
            }
            if let text = arguments.value("key") {
                guard !reader.parsesKey, !isTombstone else {
                    throw UsageError("--key gives all records one key; it goes with neither parse.key nor --tombstone")
                }
                key = Array(text.utf8)
            }
            for pair in arguments.values("header") {
                let (key, value) = ClientOptions.keyAndValue(pair)
                guard pair.contains("="), !key.isEmpty else {
                    throw UsageError("'\(pair)' is no header: --header takes name=value")
                }
                headers.append(RecordHeader(key: key, value: Array(value.utf8)))
            }
        }
    }

    /// What an option of the tool does to a setting of the producer.
    private struct Mapping {
        let option: String
        let setting: String
        /// Nil leaves it to the producer.
        let defaultValue: String?
    }

    // swift-format-ignore
    private static let mappings = [
        Mapping(option: "message-send-max-retries", setting: "retries",             defaultValue: "3"),
        Mapping(option: "retry-backoff-ms",         setting: "retry.backoff.ms",    defaultValue: "100"),
        Mapping(option: "timeout",                  setting: "linger.ms",           defaultValue: "1000"),
        Mapping(option: "request-required-acks",    setting: "acks",                defaultValue: "-1"),
        Mapping(option: "request-timeout-ms",       setting: "request.timeout.ms",  defaultValue: "1500"),
        Mapping(option: "metadata-expiry-ms",       setting: "metadata.max.age.ms", defaultValue: "300000"),
        Mapping(option: "max-block-ms",             setting: "max.block.ms",        defaultValue: "60000"),
        Mapping(option: "max-memory-bytes",         setting: "buffer.memory",       defaultValue: "33554432"),
        Mapping(option: "socket-buffer-size",       setting: "send.buffer.bytes",   defaultValue: nil),
        Mapping(option: "batch-size",               setting: "batch.size",          defaultValue: "16384"),
    ]

    /// An option that is given wins over a property, and a property over the default of the option.
    static func apply(_ arguments: Arguments, to properties: inout [String: String]) {
        for mapping in mappings {
            if arguments.has(mapping.option), let value = arguments.value(mapping.option) {
                properties[mapping.setting] = value
            } else if properties[mapping.setting] == nil {
                properties[mapping.setting] = mapping.defaultValue
            }
        }
        if arguments.has("max-partition-memory-bytes") {
            properties["batch.size"] = arguments.value("max-partition-memory-bytes")
        }
        if let codec = arguments.value("compression-codec") {
            properties["compression.type"] = codec.isEmpty ? "gzip" : codec
        } else if properties["compression.type"] == nil {
            properties["compression.type"] = "none"
        }
    }
}
