public import Bytes

/// What a control record is about. Its number stands in the key, behind a version.
public enum ControlRecordType: Int16, CaseIterable, Sendable {
    case abort = 0
    case commit = 1
    case leaderChange = 2
    case snapshotHeader = 3
    case snapshotFooter = 4
    case kraftVersion = 5
    case kraftVoters = 6

    /// The name in the output of Kafka's tools.
    public var name: String {
        switch self {
        case .abort: "ABORT"
        case .commit: "COMMIT"
        case .leaderChange: "LEADER_CHANGE"
        case .snapshotHeader: "SNAPSHOT_HEADER"
        case .snapshotFooter: "SNAPSHOT_FOOTER"
        case .kraftVersion: "KRAFT_VERSION"
        case .kraftVoters: "KRAFT_VOTERS"
        }
    }

    /// The key of a control record: version 0 and the type.
    public var key: [UInt8] { [0, 0, 0, UInt8(truncatingIfNeeded: rawValue)] }

    /// Reads a key. A type that is not known is nil, for such records are passed over.
    public static func parse(key: RawSpan) throws(RecordError) -> ControlRecordType? {
        guard key.byteCount >= 4 else { throw .invalidControlRecord }
        let version: Int16 = key.loadBigEndian(at: 0)
        guard version >= 0 else { throw .invalidControlRecord }
        return ControlRecordType(rawValue: key.loadBigEndian(at: 2))
    }
}

/// The end of a transaction in a partition, as a control record says it.
public struct EndTransactionMarker: Sendable, Equatable {
    public var type: ControlRecordType
    public var coordinatorEpoch: Int32

    public init(type: ControlRecordType, coordinatorEpoch: Int32) {
        precondition(type == .abort || type == .commit, "a transaction ends with ABORT or COMMIT")
        self.type = type
        self.coordinatorEpoch = coordinatorEpoch
    }

    /// Reads a record of a control batch; nil if it is about something else.
    public init?(key: RawSpan, value: RawSpan) throws(RecordError) {
        guard let type = try ControlRecordType.parse(key: key), type == .abort || type == .commit else { return nil }
        guard value.byteCount >= 6 else { throw .invalidControlRecord }
        let version: Int16 = value.loadBigEndian(at: 0)
        guard version >= 0 else { throw .invalidControlRecord }
        self.type = type
        coordinatorEpoch = value.loadBigEndian(at: 2)
    }

    /// Version 0 and the coordinator's epoch.
    public var value: [UInt8] {
        let epoch = UInt32(bitPattern: coordinatorEpoch)
        return [
            0, 0,
            UInt8(truncatingIfNeeded: epoch >> 24), UInt8(truncatingIfNeeded: epoch >> 16),
            UInt8(truncatingIfNeeded: epoch >> 8), UInt8(truncatingIfNeeded: epoch),
        ]
    }

    /// Appends the batch that ends a producer's transaction.
    @discardableResult
    public func writeBatch(
        baseOffset: Int64 = 0, timestamp: Int64, leaderEpoch: Int32 = -1, producerID: Int64, producerEpoch: Int16,
        into writer: inout ByteWriter
    ) throws(RecordError) -> BatchHeader {
        var fields = RecordBatchBuilder.Fields()
        fields.baseOffset = baseOffset
        fields.leaderEpoch = leaderEpoch
        fields.producerID = producerID
        fields.producerEpoch = producerEpoch
        fields.isTransactional = true
        fields.isControl = true
        var builder = RecordBatchBuilder(fields)
        try builder.append(timestamp: timestamp, key: type.key, value: value)
        return try builder.finish(into: &writer)
    }
}
