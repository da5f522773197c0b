import Metadata
import Patterns
import Timing

/// The search for the topics that regular expressions match, as a value that can stop and go on. It runs where all groups
/// of a shard wait for it, and a group may have many expressions, of any kind, and a cluster many topics.
struct RegexSearch: Sendable {
    /// When it began, and in what image.
    let look: ConsumerGroup.RegexLook
    /// What is found is written even if it is known.
    let isRefresh: Bool
    /// The topics of each expression, in order.
    private(set) var found: [(regex: String, topics: [String])] = []

    private let names: [String]
    private var left: ArraySlice<String>
    /// The expression that is being looked for, its topics so far, and the first name that was not looked at.
    private var current: (regex: String, pattern: Pattern?, topics: [String], next: Int)?
    private var stopped: Instant?

    /// Steps of a pattern in one go, about 10 ms.
    static let effortMax = 2_000_000
    static let pause = Duration.milliseconds(100)

    init(_ regexes: [String], in image: ClusterImage, _ look: ConsumerGroup.RegexLook, isRefresh: Bool) {
        self.look = look
        self.isRefresh = isRefresh
        names = image.topicNames
        left = regexes[...]
    }

    /// Answers whether all is found.
    mutating func goOn(_ now: Instant) -> Bool {
        if let stopped, now < stopped + Self.pause { return false }
        var effort = 0
        while effort < Self.effortMax {
            if var search = current {
                current = nil
                while search.next < names.count, effort < Self.effortMax {
                    let name = names[search.next]
                    if search.pattern?.matches(name, effort: &effort) == true { search.topics.append(name) }
                    effort += 1
                    search.next += 1
                }
                guard search.next == names.count else {
                    current = search
                    break
                }
                found.append((search.regex, search.topics))
            } else if let regex = left.popFirst() {
                // What was taken in once may be no pattern any more, for a broker of another version.
                current = (regex, try? Pattern(regex), [], 0)
                effort += regex.utf8.count
            } else {
                return true
            }
        }
        stopped = now
        return false
    }
}
