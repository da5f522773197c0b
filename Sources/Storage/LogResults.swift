public import KafkaModel
public import KafkaRecords
public import Posix
public import Timing

/// Who appends, and with it what is checked and who assigns offsets.
public enum AppendOrigin: Sendable {
    /// A producer: everything is checked, offsets are assigned. Older versions of its request know less.
    case client(produceVersion: Int16 = .max)
    /// A producer, and `LogConfiguration.admit` has checked it already: offsets are assigned, epochs are checked.
    case admitted
    /// A coordinator or the controller of this broker: records are trusted, offsets are assigned, epochs are checked.
    case coordinator
    /// The leader, through a fetch: offsets are taken as they are, checksums are checked.
    case follower

    var isClient: Bool {
        switch self {
        case .client, .admitted: true
        case .coordinator, .follower: false
        }
    }
    var isFollower: Bool { if case .follower = self { true } else { false } }
}

public struct AppendResult: Sendable, Equatable {
    public let baseOffset: Int64
    public let lastOffset: Int64
    /// The time that was stamped, or `.none` when the producer's own timestamps stand.
    public let logAppendTime: Timestamp
    public let logStartOffset: Int64
    /// The batch was in the log already; the offsets are those of the first time.
    public let isDuplicate: Bool
}

/// Why an append was not done. Nothing of it is in the log.
public enum AppendRefusal: Error, Sendable, CustomStringConvertible {
    /// The records are not acceptable. `recordIndex` names the record, where it is one of them.
    case refused(ErrorCode, message: String, recordIndex: Int?)
    /// The batch is not acceptable, or the records it names are not.
    case batch(BatchRefusal)
    case storage(StorageError)

    public var code: ErrorCode {
        switch self {
        case .refused(let code, _, _): code
        case .batch(let refusal): refusal.code
        case .storage: .kafkaStorageError
        }
    }

    public var message: String {
        switch self {
        case .refused(_, let message, _): message
        case .batch(let refusal): refusal.message
        case .storage(let error): error.description
        }
    }

    public var recordIndex: Int? { records.first?.index }

    /// The records that are to blame.
    public var records: [RecordRefusal] {
        switch self {
        case .refused(_, let message, let index): index.map { [RecordRefusal(index: $0, message: message)] } ?? []
        case .batch(let refusal): refusal.records
        case .storage: []
        }
    }

    public var description: String { "\(message) (\(code))" }
}

/// What a read found: bytes of one segment, from the start of a batch on. The last batch may be cut off, which every
/// client of Kafka understands.
public struct LogRead: Sendable {
    /// Nil when there is nothing between the offset and the limit.
    public let region: FileRegion?
    /// The base offset of the first batch in the region; it may lie below the offset that was asked for.
    public let firstOffset: Int64
    public let logStartOffset: Int64
}

/// A place in the log found by time.
public struct TimestampOffset: Sendable, Equatable {
    public let timestamp: Int64
    public let offset: Int64
    /// `-1` when the records are older than leader epochs.
    public let leaderEpoch: Int32

    public init(timestamp: Int64, offset: Int64, leaderEpoch: Int32 = -1) {
        self.timestamp = timestamp
        self.offset = offset
        self.leaderEpoch = leaderEpoch
    }
}

/// What the checkpoint files of a directory keep of one partition.
public struct PartitionCheckpoint: Sendable, Equatable {
    public var recoveryPoint: Int64
    /// Nil where it is the base offset of the first segment, which the file names tell.
    public var logStartOffset: Int64?
    public var highWatermark: Int64

    public init(recoveryPoint: Int64, logStartOffset: Int64?, highWatermark: Int64) {
        self.recoveryPoint = recoveryPoint
        self.logStartOffset = logStartOffset
        self.highWatermark = highWatermark
    }
}

/// Segments that retention took out of a log.
public struct DeletedSegments: Sendable, Equatable {
    public enum Reason: Sendable { case logStartOffset, size, time }

    public let reason: Reason
    public let baseOffsets: [Int64]
    public let bytes: Int64
}
