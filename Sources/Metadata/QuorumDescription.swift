public import Bytes
public import KafkaModel

/// The quorum of a metadata log that one node keeps.
public struct QuorumDescription: Sendable, Equatable {
    public let leader: BrokerID
    public let epoch: Int32
    /// The offset of the next record. All before it is on the device, and therefore committed.
    public let logEndOffset: Int64
    /// The id of the log directory that the log is in.
    public let directoryID: UUID
}
