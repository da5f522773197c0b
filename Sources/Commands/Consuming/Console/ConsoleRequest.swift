import CommandLine
import Configuration
import KafkaClient
import Patterns
import Timing

/// What a command line of the console consumer asks for.
struct ConsoleRequest {
    enum Source {
        case topic(String)
        case matching(TopicFilter)
        case partition(String, Int32)
    }

    let source: Source
    let start: OffsetTarget?
    /// In front of this offset of the partition it ends.
    let endOffset: Int64?
    let tail: Int?
    let exitsAtEnd: Bool
    let readsAllPartitions: Bool
    let recordsMax: Int64
    /// Nil waits for ever.
    let timeoutMs: Int64?
    let skipsErrors: Bool
    let tellsShutdown: Bool
    let selection: RecordSelection
    let form: RecordForm
    let times: TimeForm?
    /// Settings of the consumer that options stand for.
    let isolation: String?
    let isFromBeginning: Bool
    let group: String?
    /// Options that say which partitions are read and from where, which a group decides by itself.
    let waysOfItsOwn: [String]

    /// - Parameter now: what relative times count from.
    init(_ arguments: Arguments, _ environment: Environment, now: Timestamp) throws(UsageError) {
        source = try Self.source(arguments)
        isFromBeginning = arguments.has("from-beginning")
        group = arguments.value("group")
        waysOfItsOwn = ["from-time", "to-time", "tail", "key"].filter { option in
            arguments.has(option) && (option != "key" || !arguments.has("all-partitions"))
        }
        isolation = arguments.value("isolation-level")
        recordsMax = try Self.recordsMax(arguments)
        let timeout = try Self.number(arguments, "timeout-ms") ?? -1
        timeoutMs = timeout < 0 ? nil : timeout
        skipsErrors = arguments.has("skip-message-on-error")
        tellsShutdown = arguments.has("enable-systest-events")
        exitsAtEnd = arguments.has("exit-at-end")
        readsAllPartitions = arguments.has("all-partitions")
        endOffset = try Self.number(arguments, "to-offset")
        if endOffset != nil, !arguments.has("partition") {
            throw UsageError("The partition is required when to-offset is specified.")
        }
        tail = try Self.tail(arguments)
        let zone = try Self.zone(arguments)
        let fromTime = try Self.time(arguments, "from-time", zone, now)
        start = try Self.start(arguments, fromTime)
        var selection = RecordSelection()
        selection.fromTime = fromTime?.milliseconds ?? .min
        selection.toTime = try Self.time(arguments, "to-time", zone, now)?.milliseconds ?? .max
        selection.valuePattern = try Self.pattern(arguments, "grep")
        selection.keyPattern = try Self.pattern(arguments, "grep-key")
        times = try Self.times(arguments, zone, now)
        let properties = try FormatterProperties.read(arguments)
        form = try Self.form(arguments, properties, times, environment)
        for name in FormatterProperties.unknown(properties) {
            environment.complain("the formatter has no property '\(name)', so it has no effect")
        }
        if let key = arguments.value("key") {
            let deserializer = try DefaultFormatter(properties).keyDeserializer
            selection.key = try Self.keyBytes(key, deserializer)
        }
        self.selection = selection
    }

    private static func source(_ arguments: Arguments) throws(UsageError) -> Source {
        let topic = arguments.value("topic")
        let include = arguments.value("include")
        guard (topic == nil) != (include == nil) else {
            throw UsageError("Exactly one of the following arguments is required: [topic], [include]")
        }
        if let word = arguments.value("partition") {
            guard let topic else { throw UsageError("The topic is required when partition is specified.") }
            if arguments.has("from-beginning"), arguments.has("offset") {
                throw UsageError("Options from-beginning and offset cannot be specified together.")
            }
            if arguments.has("group") {
                throw UsageError("Options group and partition cannot be specified together.")
            }
            guard let partition = Int32(word), partition >= 0 else {
                throw UsageError("Cannot parse argument '\(word)' of option partition")
            }
            return .partition(topic, partition)
        }
        if arguments.has("offset") { throw UsageError("The partition is required when offset is specified.") }
        if let topic { return .topic(topic) }
        return .matching(try TopicFilter(include ?? ""))
    }

    private static func start(
        _ arguments: Arguments, _ fromTime: Timestamp?
    ) throws(UsageError) -> OffsetTarget? {
        let ways = ["from-beginning", "offset", "from-time", "tail"].filter { arguments.has($0) }
        guard ways.count < 2 else {
            throw UsageError("Options \(ways[0]) and \(ways[1]) cannot be specified together.")
        }
        if let fromTime { return .time(fromTime) }
        if arguments.has("from-beginning") { return .earliest }
        guard let word = arguments.value("offset") else { return arguments.has("partition") ? .latest : nil }
        switch word.lowercased() {
        case "earliest": return .earliest
        case "latest": return .latest
        default:
            guard let offset = Int64(word), offset >= 0 else {
                throw UsageError(
                    "The provided offset value '\(word)' is incorrect. Valid values are 'earliest', 'latest', or a "
                        + "non-negative long.")
            }
            return .offset(offset)
        }
    }

    static func number(_ arguments: Arguments, _ name: String) throws(UsageError) -> Int64? {
        guard let word = arguments.value(name) else { return nil }
        guard let number = Int64(word) else { throw UsageError("Cannot parse argument '\(word)' of option \(name)") }
        return number
    }

    private static func recordsMax(_ arguments: Arguments) throws(UsageError) -> Int64 {
        let number = try number(arguments, "max-messages") ?? -1
        return number == -1 ? .max : max(0, number)
    }

    private static let tailMax: Int64 = 1_000_000

    private static func tail(_ arguments: Arguments) throws(UsageError) -> Int? {
        guard let number = try number(arguments, "tail") else { return nil }
        guard (0...tailMax).contains(number) else {
            throw UsageError("Option tail must be between 0 and \(tailMax)")
        }
        return Int(number)
    }

    private static func zone(_ arguments: Arguments) throws(UsageError) -> TimeZoneChoice {
        guard let word = arguments.value("tz") else { return .utc }
        guard let zone = TimeZoneChoice(word) else {
            throw UsageError("'\(word)' is no time zone", hint: "It may be UTC, local, +02:00 or Europe/Berlin.")
        }
        return zone
    }

    private static func time(
        _ arguments: Arguments, _ name: String, _ zone: TimeZoneChoice, _ now: Timestamp
    ) throws(UsageError) -> Timestamp? {
        guard let word = arguments.value(name) else { return nil }
        guard let time = TimePoint.parse(word, now: now, zone: zone) else {
            throw UsageError(
                "Cannot parse argument '\(word)' of option \(name)",
                hint: "It may be 2026-01-31T23:59:59, milliseconds since 1970, -1h or '2 hours ago'.")
        }
        return time
    }

    private static func times(
        _ arguments: Arguments, _ zone: TimeZoneChoice, _ now: Timestamp
    ) throws(UsageError) -> TimeForm? {
        switch arguments.value("timestamps") {
        case nil: arguments.has("tz") ? .iso(zone) : nil
        case "ms": .milliseconds
        case "iso": .iso(zone)
        case "relative": .relative(now)
        case let word?: throw UsageError("'\(word)' is no form of times: ms, iso or relative")
        }
    }

    private static func pattern(_ arguments: Arguments, _ name: String) throws(UsageError) -> Pattern? {
        guard let text = arguments.value(name) else { return nil }
        do throws(PatternError) {
            return try Pattern(text)
        } catch {
            throw UsageError("\(text) is an invalid regex.", hint: error.description)
        }
    }

    private static func form(
        _ arguments: Arguments, _ properties: [String: String], _ times: TimeForm?, _ environment: Environment
    ) throws(UsageError) -> RecordForm {
        let ways = ["formatter", "format", "output"].filter { arguments.has($0) }
        guard ways.count < 2 else {
            throw UsageError("Options \(ways[0]) and \(ways[1]) cannot be specified together.")
        }
        var plain = try DefaultFormatter(properties)
        plain.times = times
        if environment.outputStyle == .coloured { plain.ink = .terminal }
        if let text = arguments.value("format") { return .pieces(try RecordFormat(text, null: plain.null)) }
        switch arguments.value("output") {
        case nil: return try formatter(arguments.value("formatter"), plain)
        case "text": return .kafka(plain)
        case "json": return .json
        case "jsonl": return .jsonl
        case "yaml": return .yaml
        case "csv": return .csv
        case let word?: throw UsageError("'\(word)' is no form of output: text, json, jsonl, yaml or csv")
        }
    }

    private static func formatter(_ name: String?, _ plain: DefaultFormatter) throws(UsageError) -> RecordForm {
        switch name {
        case nil, "org.apache.kafka.tools.consumer.DefaultMessageFormatter", "kafka.tools.DefaultMessageFormatter":
            return .kafka(plain)
        case "org.apache.kafka.tools.consumer.LoggingMessageFormatter", "kafka.tools.LoggingMessageFormatter":
            return .logging(plain)
        case "org.apache.kafka.tools.consumer.NoOpMessageFormatter", "kafka.tools.NoOpMessageFormatter": return .nothing
        case let name?:
            if let formatter = CoordinatorFormatter(className: name) { return .coordinator(formatter) }
            throw UsageError(
                "'\(name)' is no formatter this program knows",
                hint: "It cannot load Java classes; --format and --output print records in other forms.")
        }
    }

    private static func keyBytes(_ key: String, _ deserializer: Deserializer?) throws(UsageError) -> [UInt8] {
        func bigEndian<Number: FixedWidthInteger>(_ type: Number.Type) throws(UsageError) -> [UInt8] {
            guard let number = Number(key) else { throw UsageError("Cannot parse argument '\(key)' of option key") }
            return withUnsafeBytes(of: number.bigEndian) { Array($0) }
        }
        switch deserializer {
        case .short: return try bigEndian(Int16.self)
        case .integer: return try bigEndian(Int32.self)
        case .long: return try bigEndian(Int64.self)
        case nil, .bytes, .string, .uuid, .escaped: return Array(key.utf8)
        case .boolean, .float, .double, .void:
            throw UsageError("Option key cannot be used with this key deserializer")
        }
    }
}
