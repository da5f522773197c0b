import KafkaModel
public import Timing

/// Where reading begins in a partition.
public enum OffsetTarget: Sendable, Hashable {
    case earliest
    case latest
    case offset(Int64)
    /// The first record of this time or later; behind the last one where there is none.
    case time(Timestamp)
}

/// `auto.offset.reset`: where reading begins when nobody says so, or goes on where the log has no such offset.
public enum OffsetReset: Sendable, Hashable {
    case earliest
    case latest
    case none
    /// So long before now (KIP-1106).
    case ago(milliseconds: Int64)

    /// Reads the value of the setting; nil where it is none.
    public init?(_ text: String) {
        switch text.lowercased() {
        case "earliest": self = .earliest
        case "latest": self = .latest
        case "none": self = .none
        default:
            let prefix = "by_duration:"
            guard text.lowercased().hasPrefix(prefix),
                let duration = IsoDuration.milliseconds(String(text.dropFirst(prefix.count))), duration >= 0
            else { return nil }
            self = .ago(milliseconds: duration)
        }
    }

    /// What to look up; nil where the application has to say it.
    public func target(now: Timestamp) -> OffsetTarget? {
        switch self {
        case .earliest: .earliest
        case .latest: .latest
        case .none: nil
        case .ago(let milliseconds): .time(Timestamp(milliseconds: max(0, now.milliseconds - milliseconds)))
        }
    }
}

/// `isolation.level`.
public enum IsolationLevel: Int8, Sendable {
    case readUncommitted = 0
    case readCommitted = 1

    public init?(_ text: String) {
        switch text.lowercased() {
        case "read_uncommitted": self = .readUncommitted
        case "read_committed": self = .readCommitted
        default: return nil
        }
    }
}
