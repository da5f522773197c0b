import CommandLine
import Timing

/// What `dump-log` was asked for.
struct DumpRequest: Sendable {
    static let maxMessageBytesDefault = 5 * 1024 * 1024

    var files: [String]
    var format = DumpSink.Format.text
    var printsContents = false
    var isDeep = false
    var verifiesOnly = false
    var checksSanityOnly = false
    var maxMessageBytes = Self.maxMessageBytesDefault
    var maxBytes = Int(Int32.max)
    var decoder = RecordDecoder.plain(key: .string, value: .string)
    var skipsRecordMetadata = false
    var filter = RecordFilter()
    var explainedOffset: Int64?
    var summarizes = false
    var follows = false

    init(files: [String]) { self.files = files }

    init(_ arguments: Arguments) throws(UsageError) {
        self.init(
            files: (arguments.value("files") ?? "").split(separator: ",", omittingEmptySubsequences: true).map(
                String.init))
        guard !files.isEmpty else { throw UsageError("--files names no file") }
        if let word = arguments.value("output") {
            guard let format = DumpSink.Format(rawValue: word) else {
                throw UsageError("Cannot parse argument '\(word)' of option output", hint: "It is text, json or jsonl.")
            }
            self.format = format
        }
        verifiesOnly = arguments.has("verify-index-only")
        checksSanityOnly = arguments.has("index-sanity-check")
        skipsRecordMetadata = arguments.has("skip-record-metadata")
        if let bytes = try Self.integer(arguments, "max-message-size", Int32.self) { maxMessageBytes = Int(bytes) }
        if let bytes = try Self.integer(arguments, "max-bytes", Int32.self) { maxBytes = Int(max(0, bytes)) }
        try takeDecoder(arguments)
        explainedOffset = try Self.integer(arguments, "explain", Int64.self)
        summarizes = arguments.has("summary")
        follows = arguments.has("follow")
        try takeFilter(arguments)
        isDeep = arguments.has("deep-iteration") || printsContents || filter.keyBytes != nil
        if summarizes && follows { throw UsageError("Option \"[summary]\" can't be used with option \"[follow]\"") }
        if explainedOffset != nil && follows {
            throw UsageError("Option \"[explain]\" can't be used with option \"[follow]\"")
        }
    }

    /// Whether a directory may stand for the segments in it.
    var takesDirectories: Bool { explainedOffset != nil || summarizes || follows || !filter.isEmpty }

    private mutating func takeDecoder(_ arguments: Arguments) throws(UsageError) {
        let special: [(String, RecordDecoder)] = [
            ("offsets-decoder", .coordinator(.groups)), ("transaction-log-decoder", .coordinator(.transactions)),
            ("cluster-metadata-decoder", .clusterMetadata), ("remote-log-metadata-decoder", .remoteLogMetadata),
            ("share-group-state-decoder", .coordinator(.shares)),
        ]
        let key = try Self.plainDecoder(arguments, "key-decoder-class")
        let value = try Self.plainDecoder(arguments, "value-decoder-class")
        printsContents = arguments.has("print-data-log") || key != nil || value != nil
        if let (_, decoder) = special.first(where: { arguments.has($0.0) }) {
            self.decoder = decoder
            printsContents = true
        } else {
            decoder = .plain(key: key ?? .string, value: value ?? .string)
        }
    }

    private mutating func takeFilter(_ arguments: Arguments) throws(UsageError) {
        filter.fromOffset = try Self.integer(arguments, "from-offset", Int64.self)
        filter.toOffset = try Self.integer(arguments, "to-offset", Int64.self)
        filter.fromTime = try Self.time(arguments, "from-time")
        filter.toTime = try Self.time(arguments, "to-time")
        filter.keyBytes = arguments.value("key").map { Array($0.utf8) }
    }

    private static func plainDecoder(_ arguments: Arguments, _ name: String) throws(UsageError) -> PlainDecoder? {
        guard let word = arguments.value(name) else { return nil }
        if word.isEmpty { return .string }
        guard let decoder = PlainDecoder(name: word) else {
            throw UsageError(
                "Failed to load decoder class \(word)", hint: "The decoders are string, bytes, integer and long.")
        }
        return decoder
    }

    private static func integer<T: FixedWidthInteger>(
        _ arguments: Arguments, _ name: String, _ type: T.Type
    ) throws(UsageError) -> T? {
        guard let word = arguments.value(name) else { return nil }
        guard let number = T(word) else { throw UsageError("Cannot parse argument '\(word)' of option \(name)") }
        return number
    }

    private static func time(_ arguments: Arguments, _ name: String) throws(UsageError) -> Int64? {
        guard let word = arguments.value(name) else { return nil }
        if let number = Int64(word) { return number }
        guard let time = Timestamp(iso8601: word) else {
            throw UsageError(
                "Cannot parse argument '\(word)' of option \(name)",
                hint: "A time is a number of milliseconds since 1970 or like 2026-01-31T23:59:59.123Z.")
        }
        return time.milliseconds
    }
}
