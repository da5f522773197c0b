/// What an accepted batch amounts to.
public struct BatchSummary: Sendable, Equatable {
    public var header: BatchHeader
    /// The largest timestamp of the records; of a batch whose records were not looked at, what its header states.
    public var maxTimestamp: Int64
    /// How far behind the base offset the first record with that timestamp is, where the records were looked at.
    public var maxTimestampDelta: Int32?

    public var recordCount: Int32 { header.recordCount }
    public var sizeInBytes: Int { header.sizeInBytes }

    /// Whether the header states another largest timestamp than the records have, so that
    /// `BatchAssignment.setMaxTimestamp` is due before the batch is written.
    public var statesWrongMaxTimestamp: Bool { maxTimestampDelta != nil && maxTimestamp != header.maxTimestamp }
}
