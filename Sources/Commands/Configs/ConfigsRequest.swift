import CommandLine
import Configuration
import Glibc
import KafkaClient

/// What a command line asks of `skafka configs`.
struct ConfigsRequest {
    enum Action {
        case describe(all: Bool)
        case alter(Change)
    }

    struct Change: Equatable {
        struct Setting: Equatable {
            let key: String
            let value: String
        }

        var set: [Setting] = []
        var delete: [String] = []
    }

    let action: Action
    /// At least one; two are a user and a client.
    let entities: [ConfigEntity]
    let form: OutputForm

    /// The options that name an entity by themselves.
    private static let shortcuts: [(option: String, kind: ConfigEntity.Kind)] = [
        ("topic", .topics), ("client", .clients), ("user", .users), ("broker", .brokers),
        ("broker-logger", .brokerLoggers), ("ip", .ips), ("client-metrics", .clientMetrics), ("group", .groups),
    ]
    private static let defaultShortcuts: [(option: String, kind: ConfigEntity.Kind)] = [
        ("client-defaults", .clients), ("user-defaults", .users), ("broker-defaults", .brokers), ("ip-defaults", .ips),
    ]

    init(_ arguments: Arguments) throws(ToolRefusal) {
        form = try ToolRefusal.reading { () throws(UsageError) in
            try arguments.requireOneAction(["describe", "alter"])
            try arguments.refuse("describe", with: "add-config", "delete-config")
            // Kafka's tool takes these and does nothing with them.
            try arguments.refuse("describe", with: "add-config-file")
            try arguments.refuse("alter", with: "all")
            if arguments.has("output") { try arguments.refuse("alter", with: "output") }
            return try OutputForm(arguments)
        }
        let kinds = try Self.kinds(arguments)
        let names = Self.names(arguments)
        try Self.check(kinds, names, arguments)
        if arguments.has("describe") {
            guard names.count <= kinds.count else { throw .plain("More entity names specified than entity types") }
            action = .describe(all: arguments.has("all"))
        } else {
            guard names.count == kinds.count else {
                throw .plain("An entity name must be specified for every entity type")
            }
            action = .alter(try Self.change(arguments))
        }
        entities = kinds.enumerated().map { index, kind in
            ConfigEntity(kind: kind, name: names.indices.contains(index) ? names[index] : .any)
        }
    }

    private static func kinds(_ arguments: Arguments) throws(ToolRefusal) -> [ConfigEntity.Kind] {
        let words =
            arguments.values("entity-type")
            + (shortcuts + defaultShortcuts).filter { arguments.has($0.option) }.map(\.kind.rawValue)
        var seen: Set<String> = []
        var repeated: [String] = []
        for word in words where !seen.insert(word).inserted && !repeated.contains(word) { repeated.append(word) }
        guard repeated.isEmpty else {
            throw .plain("Duplicate entity type(s) specified: \(repeated.joined(separator: ","))")
        }
        var kinds: [ConfigEntity.Kind] = []
        for word in words {
            guard let kind = ConfigEntity.Kind(rawValue: word) else {
                throw .plain(
                    "Invalid entity type \(word), the entity type must be one of "
                        + ConfigEntity.Kind.names.joined(separator: ", ")
                        + " with a --bootstrap-server or --bootstrap-controller argument",
                    hint: nearest(to: word, among: ConfigEntity.Kind.names).map { "Did you mean \($0)?" })
            }
            kinds.append(kind)
        }
        guard !kinds.isEmpty else { throw .plain("At least one entity type must be specified") }
        guard kinds.count == 1 || Set(kinds) == [.users, .clients] else {
            throw .plain("Only 'users' and 'clients' entity types may be specified together")
        }
        return kinds
    }

    /// In the order in which they were given.
    private static func names(_ arguments: Arguments) -> [ConfigEntity.Name] {
        var given = arguments.values("entity-name")[...]
        var names: [ConfigEntity.Name] = []
        for option in arguments.order {
            if option == "entity-name", let name = given.popFirst() { names.append(Self.name(name)) }
            if option == "entity-default" { names.append(.byDefault) }
        }
        names += shortcuts.compactMap { arguments.value($0.option).map(Self.name) }
        names += defaultShortcuts.filter { arguments.has($0.option) }.map { _ in .byDefault }
        return names
    }

    private static func name(_ text: String) -> ConfigEntity.Name { text.isEmpty ? .byDefault : .named(text) }

    private static func check(
        _ kinds: [ConfigEntity.Kind], _ names: [ConfigEntity.Name], _ arguments: Arguments
    ) throws(ToolRefusal) {
        let isGeneral = ["entity-type", "entity-name", "entity-default"].contains(where: arguments.has)
        if isGeneral, (shortcuts + defaultShortcuts).contains(where: { arguments.has($0.option) }) {
            throw .plain("--entity-{type,name,default} should not be used in conjunction with specific entity flags")
        }
        if arguments.has("bootstrap-server"), arguments.has("bootstrap-controller") {
            throw .plain("Only one of --bootstrap-server or --bootstrap-controller can be specified")
        }
        let list = kinds.map(\.rawValue).joined(separator: ",")
        let hasName = names.contains { if case .named = $0 { true } else { false } }
        for case .named(let name) in names {
            if kinds[0] == .brokers || kinds[0] == .brokerLoggers, Int32(name) == nil {
                throw .plain(
                    "The entity name for \(kinds[0].rawValue) must be a valid integer broker id, but it is: \(name)")
            }
            if kinds[0] == .ips, !isHost(name) {
                throw .plain("The entity name for ips must be a valid IP or resolvable host, but it is: \(name)")
            }
        }
        let haveDefaults = kinds.contains { [.users, .clients, .brokers, .ips].contains($0) }
        if arguments.has("describe") {
            if !haveDefaults, arguments.has("entity-default") {
                throw .plain("--entity-default must not be specified with --describe of \(list)")
            }
            if kinds.contains(.brokerLoggers), !hasName {
                throw .plain("An entity name must be specified with --describe of \(list)")
            }
            return
        }
        guard hasName || haveDefaults && names.contains(.byDefault) else {
            throw .plain(
                haveDefaults
                    ? "An entity-name or default entity must be specified with --alter of users, clients, brokers or ips"
                    : "An entity name must be specified with --alter of \(list)")
        }
        if arguments.has("add-config"), arguments.has("add-config-file") {
            throw .plain("Only one of --add-config or --add-config-file must be specified")
        }
        guard ["add-config", "add-config-file", "delete-config"].contains(where: arguments.has) else {
            throw .plain(
                "At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter")
        }
    }

    private static func isHost(_ name: String) -> Bool {
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, nil, &list) == 0 else { return false }
        freeaddrinfo(list)
        return true
    }
}

/// Reading what is to be set and removed.
extension ConfigsRequest {
    private static func change(_ arguments: Arguments) throws(ToolRefusal) -> Change {
        var change = Change()
        if let path = arguments.value("add-config-file") {
            do throws(ConfigurationFile.Failure) {
                change.set = try ConfigurationFile.read(path).sorted { $0.key < $1.key }.map {
                    Change.Setting(key: $0.key, value: $0.value)
                }
            } catch {
                throw .plain("\(error)")
            }
        }
        if let text = arguments.value("add-config") {
            for pair in split(text, at: UInt8(ascii: ",")) {
                let parts = split(pair, at: UInt8(ascii: "=")).map(trimmed)
                guard parts.count == 2 else {
                    throw .plain(
                        "Invalid entity config: all configs to be added must be in the format \"key=val\" or  "
                            + "\"key=[val1,val2]\" to group values which contain commas.")
                }
                change.set.removeAll { $0.key == parts[0] }
                let value = parts[1].filter { $0 != "[" && $0 != "]" }
                change.set.append(Change.Setting(key: parts[0], value: trimmed(value)))
            }
        }
        for setting in change.set where !setting.key.utf8.allSatisfy(isKeyCharacter) {
            throw .plain("Invalid character found for config key: \(setting.key)")
        }
        change.delete = arguments.values("delete-config").flatMap {
            $0.split(separator: ",", omittingEmptySubsequences: false).map { trimmed(String($0)) }
        }
        return change
    }

    /// The dollar sign is in names of loggers.
    private static func isKeyCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "$._-".utf8.contains(byte)
        }
    }

    private static func trimmed(_ text: String) -> String {
        var text = text.drop { $0.isWhitespace }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }

    /// The parts between the marks, except those inside brackets: where the next bracket behind a mark closes.
    static func split(_ text: String, at mark: UInt8) -> [String] {
        let bytes = Array(text.utf8)
        var isInside = [Bool](repeating: false, count: bytes.count)
        var closes = false
        for index in bytes.indices.reversed() {
            isInside[index] = closes
            if bytes[index] == UInt8(ascii: "]") { closes = true }
            if bytes[index] == UInt8(ascii: "[") { closes = false }
        }
        var parts: [[UInt8]] = [[]]
        for index in bytes.indices {
            if bytes[index] == mark, !isInside[index] {
                parts.append([])
            } else {
                parts[parts.count - 1].append(bytes[index])
            }
        }
        return parts.map { String(decoding: $0, as: UTF8.self) }
    }
}
