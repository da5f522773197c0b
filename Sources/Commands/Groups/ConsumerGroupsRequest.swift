import CommandLine
import KafkaClient

/// What a command line asks of `skafka consumer-groups`.
struct ConsumerGroupsRequest {
    enum Action {
        case list(Listing)
        case describe(Description)
        case delete
        case reset(OffsetsReset)
        case deleteOffsets(group: String, topics: [TopicSelection])
        case validateRegex(String)
    }

    enum Groups: Equatable {
        case all
        case named([String])
    }

    struct Listing: Equatable {
        let showsType: Bool
        let showsState: Bool
        let filter: Admin.GroupFilter
    }

    enum View: String, CaseIterable { case members, offsets, state }

    struct Description: Equatable {
        let view: View
        let isVerbose: Bool
        let showsLagSeconds: Bool
    }

    let action: Action
    let groups: Groups
    let form: OutputForm
    /// Seconds between two looks; nil for one look.
    let watch: Double?
    /// Lines to be told before anything is done.
    let notices: [String]
    /// Settings of the client that the command line decides.
    let limits: [String: String]

    private static let actions = ["list", "describe", "delete", "reset-offsets", "delete-offsets", "validate-regex"]
    private static let watchSecondsDefault = 2.0

    init(_ arguments: Arguments) throws(ToolRefusal) {
        form = try ToolRefusal.reading { () throws(UsageError) in try OutputForm(arguments) }
        try ToolRefusal.reading { () throws(UsageError) in try Self.check(arguments) }
        let action = try ToolRefusal.reading { () throws(UsageError) in
            try arguments.requireOneAction(Self.actions)
        }
        try ToolRefusal.reading { () throws(UsageError) in try Self.checkAdditions(action, arguments) }
        groups = arguments.has("all-groups") ? .all : .named(Self.unique(arguments.values("group")))
        watch = try ToolRefusal.reading { () throws(UsageError) in try Self.watch(arguments) }
        limits = Self.limits(arguments)
        notices = action == "reset-offsets" && !arguments.has("dry-run") && !arguments.has("execute") ? [Self.idle] : []
        switch action {
        case "list": self.action = .list(try ToolRefusal.reading { () throws(UsageError) in try Listing(arguments) })
        case "describe": self.action = .describe(Description(arguments))
        case "delete": self.action = .delete
        case "reset-offsets": self.action = .reset(try OffsetsReset(arguments))
        case "delete-offsets":
            self.action = .deleteOffsets(
                group: arguments.value("group") ?? "", topics: try Self.topics(arguments.values("topic")))
        default: self.action = .validateRegex(arguments.value("validate-regex") ?? "")
        }
    }

    static let idle =
        "WARN: No action will be performed as the --execute option is missing. In version 5.0, this command will require "
        + "either --dry-run or --execute to be specified. You should add the --dry-run option explicitly if you are "
        + "scripting this command and want to keep the current default behavior without prompting."

    /// In the order in which Kafka's tool looks.
    private static func check(_ arguments: Arguments) throws(UsageError) {
        try checkAvailable(["members", "verbose", "offsets"], with: ["describe"], arguments)
        try checkAvailable(["state"], with: ["describe", "list"], arguments)
        try checkAvailable(["type"], with: ["list"], arguments)
        if arguments.has("describe") {
            try requireGroups(for: "describe", arguments)
            let views = ["members", "offsets", "state"]
            guard views.filter(arguments.has).count <= 1 else {
                throw UsageError("Option [describe] takes at most one of these options: [members], [offsets], [state]")
            }
            if arguments.has("state"), !(arguments.value("state") ?? "").isEmpty {
                throw UsageError("Option [describe] does not take a value for [state]")
            }
        }
        if arguments.has("delete") {
            try requireGroups(for: "delete", arguments)
            guard !arguments.has("topic") else {
                throw UsageError(
                    "The consumer does not support topic-specific offset deletion from a consumer group.",
                    hint: "--delete-offsets does it.")
            }
        }
        if arguments.has("delete-offsets"), !arguments.has("group") || !arguments.has("topic") {
            throw UsageError("Option [delete-offsets] takes the following options: [group], [topic]")
        }
        if arguments.has("reset-offsets") {
            guard !arguments.has("dry-run") || !arguments.has("execute") else {
                throw UsageError("Option [reset-offsets] only accepts one of [execute] and [dry-run]")
            }
            try requireGroups(for: "reset-offsets", arguments)
            for name in OffsetsReset.scenarios {
                try arguments.refuse(name, with: OffsetsReset.scenarios.filter { $0 != name })
            }
        }
        try arguments.refuse("group", with: "all-groups")
        try arguments.refuse("group", with: "list")
        try arguments.refuse("topic", with: "list", "describe")
    }

    private static func requireGroups(for action: String, _ arguments: Arguments) throws(UsageError) {
        guard !arguments.has("group"), !arguments.has("all-groups") else { return }
        throw UsageError("Option [\(action)] takes one of these options: [group], [all-groups]")
    }

    private static func checkAvailable(
        _ names: [String], with actions: [String], _ arguments: Arguments
    ) throws(UsageError) {
        let given = names.filter(arguments.has)
        guard !given.isEmpty, !actions.contains(where: arguments.has) else { return }
        let list = given.joined(separator: ", ")
        throw UsageError("Option(s) [\(list)] are unavailable given other options on the command line")
    }

    /// What Kafka's tool takes and does nothing with, and the options that it has not.
    private static func checkAdditions(_ action: String, _ arguments: Arguments) throws(UsageError) {
        func only(_ name: String, with allowed: String...) throws(UsageError) {
            try arguments.refuse(name, with: actions.filter { !allowed.contains($0) })
        }
        for name in OffsetsReset.scenarios + ["dry-run", "execute", "export", "all-topics"] {
            try only(name, with: "reset-offsets")
        }
        if action == "delete-offsets", arguments.values("group").count > 1 {
            throw UsageError("Found multiple arguments for option group, but you asked for only one")
        }
        try only("lag-seconds", with: "describe")
        try arguments.refuse("lag-seconds", with: "members", "state")
        try only("watch", with: "list", "describe")
        try only("output", with: "list", "describe", "reset-offsets", "delete-offsets")
        try arguments.refuse("export", with: "output")
    }

    private static func watch(_ arguments: Arguments) throws(UsageError) -> Double? {
        guard let text = arguments.value("watch") else { return nil }
        guard !text.isEmpty else { return watchSecondsDefault }
        guard let seconds = Double(text), (0.1...86_400).contains(seconds) else {
            throw UsageError("Cannot parse argument '\(text)' of option watch", hint: "It is a number of seconds.")
        }
        return seconds
    }

    /// `--timeout` is for each call; what a file says counts when it is not given.
    private static func limits(_ arguments: Arguments) -> [String: String] {
        guard arguments.has("timeout"), let milliseconds = arguments.long("timeout") else { return [:] }
        return ["default.api.timeout.ms": String(min(max(milliseconds, 0), Int64(Int32.max)))]
    }

    static func topics(_ words: [String]) throws(ToolRefusal) -> [TopicSelection] {
        var topics: [TopicSelection] = []
        for word in words {
            topics.append(try ToolRefusal.reading { () throws(UsageError) in try TopicSelection(word) })
        }
        return topics
    }

    private static func unique(_ words: [String]) -> [String] {
        var seen: Set<String> = []
        return words.filter { seen.insert($0).inserted }
    }
}

extension ConsumerGroupsRequest.Listing {
    fileprivate init(_ arguments: Arguments) throws(UsageError) {
        showsType = arguments.has("type")
        showsState = arguments.has("state")
        var filter = Admin.GroupFilter.consumers
        let types = arguments.value("type") ?? ""
        if !types.isEmpty {
            filter.types = Self.words(types).map(GroupType.init(word:))
            guard filter.types.allSatisfy({ $0 == .classic || $0 == .consumer }) else {
                throw UsageError("Invalid types list '\(types)'. Valid types are: Classic, Consumer")
            }
        }
        let states = arguments.value("state") ?? ""
        if !states.isEmpty {
            filter.states = Self.words(states).map(GroupState.init(word:))
            guard filter.states.allSatisfy(GroupState.ofConsumers.contains) else {
                let valid = GroupState.ofConsumers.map(\.rawValue).joined(separator: ", ")
                throw UsageError("Invalid state list '\(states)'. Valid states are: \(valid)")
            }
        }
        self.filter = filter
    }

    private static func words(_ list: String) -> [String] {
        list.split(separator: ",", omittingEmptySubsequences: false).map { String($0).trimmed }
    }
}

extension ConsumerGroupsRequest.Description {
    fileprivate init(_ arguments: Arguments) {
        view = ConsumerGroupsRequest.View.allCases.first { arguments.has($0.rawValue) } ?? .offsets
        isVerbose = arguments.has("verbose")
        showsLagSeconds = arguments.has("lag-seconds")
    }
}

/// A topic of a command line, whole or with partitions: `orders` or `orders:0,1`.
struct TopicSelection: Equatable {
    let topic: String
    /// Nil for all of them.
    let partitions: [Int32]?

    init(_ text: String) throws(UsageError) {
        guard text.contains(":") else {
            topic = text
            partitions = nil
            return
        }
        var parts = text.split(separator: ":", omittingEmptySubsequences: false)
        while parts.last?.isEmpty == true { parts.removeLast() }
        guard parts.count == 2 else {
            throw UsageError("Invalid topic arg '\(text)', expected topic name and partitions")
        }
        topic = String(parts[0])
        var numbers: [Int32] = []
        for word in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
            guard let number = Int32(word) else {
                throw UsageError("Invalid partition '\(word)' specified in topic arg '\(text)''")
            }
            if !numbers.contains(number) { numbers.append(number) }
        }
        partitions = numbers
    }
}
