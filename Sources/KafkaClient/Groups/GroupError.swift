public import KafkaModel

/// Why a member of a group cannot go on, or its offsets cannot be committed. The description is one line for a person.
public enum GroupError: Error, Sendable, CustomStringConvertible {
    case client(ClientError)
    case refused(group: String, ErrorCode, message: String?)
    /// An offset cannot be committed.
    case offsetRefused(TopicPartition, ErrorCode)
    /// It cannot be known what was committed.
    case offsetUnknown(TopicPartition, ErrorCode)
    /// The group is just being shared anew.
    case rebalancing
    /// The member was given up by its group.
    case notMember
    /// Another member came with the same lasting name.
    case fenced(instance: String)
    case timedOut(milliseconds: Int64)
    /// What came through the group is no such message.
    case malformed(String)
    case unsupported(String)
    case noGroup

    /// Whether trying again may help, and the member is still the same.
    public var isRetriable: Bool {
        switch self {
        case .client(let error): error.isRetriable
        case .refused(_, let code, _), .offsetRefused(_, let code), .offsetUnknown(_, let code):
            code.isRetriable
        case .rebalancing: true
        case .notMember, .fenced, .timedOut, .malformed, .unsupported, .noGroup: false
        }
    }

    public var description: String {
        switch self {
        case .client(let error): "\(error)"
        case .refused(let group, let code, let message): "group '\(group)': \(message ?? code.message) (\(code.name))"
        case .offsetRefused(let partition, let code):
            "cannot commit the offset of \(partition): \(code.message) (\(code.name))"
        case .offsetUnknown(let partition, let code):
            "cannot tell the committed offset of \(partition): \(code.message) (\(code.name))"
        case .rebalancing:
            "Offset commit cannot be completed since the consumer is undergoing a rebalance for auto partition "
                + "assignment. You can try completing the rebalance by calling poll() and then retry the operation."
        case .notMember:
            "Offset commit cannot be completed since the consumer is not part of an active group for auto partition "
                + "assignment; it is likely that the consumer was kicked out of the group."
        case .fenced(let instance): "another consumer of the group has the group.instance.id '\(instance)'"
        case .timedOut(let milliseconds): "the offsets were not committed within \(milliseconds) ms"
        case .malformed(let what): what
        case .unsupported(let what): what
        case .noGroup:
            "To use the group management or offset commit APIs, you must provide a valid group.id in the consumer "
                + "configuration."
        }
    }
}
