public import Configuration
public import KafkaModel

/// A broker as a cluster tells its clients.
public struct BrokerNode: Sendable, Hashable {
    public let id: Int32
    public let address: HostPort
    public let rack: String?
    /// Registered, but not serving.
    public let isFenced: Bool

    public init(id: Int32, address: HostPort, rack: String?, isFenced: Bool = false) {
        self.id = id
        self.address = address
        self.rack = rack
        self.isFenced = isFenced
    }
}

/// A cluster: who is in it.
public struct ClusterDescription: Sendable {
    public let clusterID: String?
    public let controllerID: Int32
    /// In the order of their ids.
    public let brokers: [BrokerNode]
}

/// A log directory of a broker.
public struct LogDirectoryDescription: Sendable {
    public struct Replica: Sendable {
        public let partition: TopicPartition
        public let size: Int64
        /// How far it is behind; -1 where nobody knows.
        public let offsetLag: Int64
        /// It is on its way into this directory.
        public let isFuture: Bool

        public init(partition: TopicPartition, size: Int64, offsetLag: Int64, isFuture: Bool) {
            self.partition = partition
            self.size = size
            self.offsetLag = offsetLag
            self.isFuture = isFuture
        }
    }

    public let path: String
    public let error: ErrorCode
    /// Nil where the broker is too old to tell, or the directory is out of service.
    public let totalBytes: Int64?
    public let usableBytes: Int64?
    public let replicas: [Replica]

    public init(path: String, error: ErrorCode, totalBytes: Int64?, usableBytes: Int64?, replicas: [Replica]) {
        self.path = path
        self.error = error
        self.totalBytes = totalBytes
        self.usableBytes = usableBytes
        self.replicas = replicas
    }
}
