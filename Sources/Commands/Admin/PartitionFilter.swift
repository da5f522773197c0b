import CommandLine
import KafkaModel

/// Which partitions `get-offsets` is asked about.
struct PartitionFilter {
    private struct Rule {
        let topics: TopicFilter
        /// Nil means all.
        let partitions: Set<Int32>?
        let range: Range<Int32>

        func allows(_ topic: String, _ partition: Int32) -> Bool {
            (partitions?.contains(partition) ?? true) && range.contains(partition) && topics.allows(topic)
        }
    }

    private let rules: [Rule]
    private static let all = 0..<Int32.max

    /// `--topic` and `--partitions`.
    init(topic: String?, partitions text: String?) throws(UsageError) {
        var partitions: Set<Int32> = []
        for word in (text ?? "").split(separator: ",", omittingEmptySubsequences: text?.isEmpty ?? true) {
            guard let number = Int32(word) else {
                throw UsageError(
                    "--partitions expects a comma separated list of numeric partition ids, but received: \(text ?? "")")
            }
            partitions.insert(number)
        }
        let topics = try TopicFilter(topic ?? ".*")
        rules = [Rule(topics: topics, partitions: partitions.isEmpty ? nil : partitions, range: Self.all)]
    }

    /// `--topic-partitions`: rules of the form `regex`, `regex:3`, `regex:3-5`, `regex:3-`, `regex:-5`, `:3`, separated by
    /// commas. A range ends before its upper bound.
    init(rules text: String) throws(UsageError) {
        var rules: [Rule] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let rule = try Self.rule(String(word)) else {
                throw UsageError("Invalid rule specification: \(word)")
            }
            rules.append(rule)
        }
        self.rules = rules
    }

    private static func rule(_ word: String) throws(UsageError) -> Rule? {
        let parts = word.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { return nil }
        var range = all
        if parts.count == 2, !parts[1].isEmpty {
            let bounds = parts[1].split(separator: "-", omittingEmptySubsequences: false)
            guard bounds.count <= 2, let lower = number(bounds[0], 0),
                let upper = number(bounds[bounds.count - 1], .max)
            else { return nil }
            if bounds.count == 1 {
                guard lower < .max else { return nil }
                range = lower..<lower + 1
            } else {
                range = lower..<max(lower, upper)
            }
        }
        return Rule(topics: try TopicFilter(parts[0].isEmpty ? ".*" : String(parts[0])), partitions: nil, range: range)
    }

    private static func number(_ text: Substring, _ missing: Int32) -> Int32? {
        guard !text.isEmpty else { return missing }
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int32(text)
    }

    func allows(_ partition: TopicPartition) -> Bool {
        rules.contains { $0.allows(partition.topic, partition.partition) }
    }
}
