/// Whether skafka acts on a setting, or why it does not. What is known but not served is accepted and reported once at
/// the start, so that a file written for Kafka can be used as it is and nobody is misled.
public enum Serving: Equatable, Sendable {
    case served
    case unserved(String)

    public var reason: String? {
        if case .unserved(let reason) = self { reason } else { nil }
    }
}

// swift-format-ignore
extension Serving {
    static let quorum         = unserved("clusters of several nodes are not served by this version")
    static let replication    = unserved("replicas on several brokers are not served by this version")
    static let groups         = unserved("consumer groups are not served by this version")
    static let inlineGroups   = unserved("groups are handled on the network threads, each request at once")
    static let shareGroups    = unserved("share groups are not served by this version")
    static let streamsGroups  = unserved("streams groups are not served by this version")
    static let transactions   = unserved("transactions are not served by this version")
    static let quotas         = unserved("quotas are not served by this version")
    static let encryption     = unserved("TLS is not served by this version")
    static let authentication = unserved("authentication is not served by this version")
    static let authorizer     = unserved("access control is not served by this version")
    static let tieredStorage  = unserved("tiered storage is not served by this version")
    static let cordons        = unserved("new partitions go to every log directory in service")
    static let failureReport  = unserved("a failed log directory is out of service at once, no controller is waited for")
    static let telemetry      = unserved("metrics pushed by clients are not served by this version")
    static let providers      = unserved("values from configuration providers are not served by this version")
    static let development    = unserved("only released versions are offered")
    static let purgatory      = unserved("waiting requests are cleaned up at once, without an interval")
    static let metadataLog    = unserved("the metadata log rolls by size and keeps its last two snapshots")
    static let upkeep         = unserved("one thread does all upkeep")
    static let plugin         = unserved("Java classes cannot be loaded")
    static let virtualMachine = unserved("it has a meaning only inside a Java virtual machine")
    static let zookeeper      = unserved("clusters over ZooKeeper are not served by this version")
    static let idleConnections = unserved("an idle connection stays until the broker closes it")
    static let addresses       = unserved("every address of a host is tried")
    static let figures         = unserved("figures are kept from beginning to end, without samples")
    static let bytes           = unserved("keys and values are the bytes that the command line says")
    static let removed        = unserved("removed in Kafka 4, ignored")
}
