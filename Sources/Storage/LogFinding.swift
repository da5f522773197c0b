/// Something that is not as it should be in a data directory.
public struct LogFinding: Sendable, Equatable {
    public enum Severity: String, Sendable {
        /// A broker stumbles over it, or something is lost.
        case damage
        /// The next start of a broker clears it away by itself, or it hurts nobody.
        case note
    }

    public enum Kind: String, Sendable {
        /// A batch whose bytes are not what its writer wrote, or bytes that are no batch.
        case batch
        case records
        /// Offsets that do not ascend, or are missing.
        case offsets
        /// The end of a log that was not flushed and is not whole.
        case tail
        case index
        case timeIndex = "timeindex"
        case transactionIndex = "txnindex"
        case snapshot
        case leaderEpochs = "leader-epochs"
        case checkpoint
        case partitionMetadata = "partition-metadata"
        case properties
        case leftover
        case foreign
        /// The system did not let it be read.
        case unreadable
    }

    public let severity: Severity
    public let kind: Kind
    public let file: String
    /// The byte it begins at, where that means something.
    public let position: Int64?
    public let reason: String

    public init(_ severity: Severity, _ kind: Kind, _ file: String, at position: Int64? = nil, _ reason: String) {
        self.severity = severity
        self.kind = kind
        self.file = file
        self.position = position
        self.reason = reason
    }
}
