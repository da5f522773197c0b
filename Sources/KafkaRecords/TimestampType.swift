/// Who gave a batch its timestamps.
public enum TimestampType: Int8, Sendable {
    case createTime = 0
    case logAppendTime = 1

    /// The name in settings and in the output of Kafka's tools.
    public var name: String {
        switch self {
        case .createTime: "CreateTime"
        case .logAppendTime: "LogAppendTime"
        }
    }
}
