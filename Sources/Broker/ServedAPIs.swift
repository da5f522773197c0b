public import KafkaModel

/// What the broker serves, for whoever describes it: the dispatch table without its handlers.
public enum ServedAPIs {
    /// The versions that ApiVersions tells.
    public static func versions(of api: APIKey) -> ClosedRange<Int16>? {
        Dispatch.routes.first { $0.api == api }.map { $0.announcedMinimum...$0.versions.upperBound }
    }
}
