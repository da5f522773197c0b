public import KafkaModel
import Metadata

/// What is known about settings when they are changed. The tables themselves belong to Configuration; this is how the
/// controller asks them.
public struct ConfigRules: Sendable {
    public enum Shape: Sendable, Equatable {
        case single
        /// Values may be added and taken away one by one, starting from the default.
        case list(defaultValue: String?)
    }

    /// Looks at all the dynamic settings a resource would have; `changed` names those that the request is about.
    public var check:
        @Sendable (_ resource: ConfigResource, _ all: [String: String], _ changed: Set<String>) -> Refusal?
    public var shape: @Sendable (_ kind: ConfigResource.Kind, _ name: String) -> Shape

    public init(
        check: @escaping @Sendable (ConfigResource, [String: String], Set<String>) -> Refusal?,
        shape: @escaping @Sendable (ConfigResource.Kind, String) -> Shape
    ) {
        self.check = check
        self.shape = shape
    }

    /// Accepts everything as it is.
    public static let permissive = ConfigRules(check: { _, _, _ in nil }, shape: { _, _ in .single })
}
