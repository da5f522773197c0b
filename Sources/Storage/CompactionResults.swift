/// What a cleaning may use.
public struct CompactionLimits: Sendable, Equatable {
    /// The memory of the map of keys, and how full it may be.
    public var mapBytes: Int
    public var mapLoadFactor: Double
    /// So much is read, and written, at a time.
    public var bufferBytes: Int

    public init(mapBytes: Int = 128 << 20, mapLoadFactor: Double = 0.9, bufferBytes: Int = 256 << 10) {
        self.mapBytes = mapBytes
        self.mapLoadFactor = mapLoadFactor
        self.bufferBytes = bufferBytes
    }
}

/// What a cleaning did.
public struct CompactionResult: Sendable, Equatable {
    public internal(set) var firstDirtyOffset: Int64
    /// The next cleaning begins here.
    public internal(set) var endOffset: Int64
    /// Keys in the map, and the share of it they took.
    public internal(set) var keys = 0
    public internal(set) var mapUtilization = 0.0
    /// Of the dirty part, to learn its keys.
    public internal(set) var bytesMapped: Int64 = 0
    /// Of all segments, to copy what stays.
    public internal(set) var bytesRead: Int64 = 0
    public internal(set) var bytesWritten: Int64 = 0
    /// The sizes of the segments that were looked at, before and after.
    public internal(set) var bytesBefore: Int64 = 0
    public internal(set) var bytesAfter: Int64 = 0
    public internal(set) var recordsRead = 0
    public internal(set) var recordsKept = 0
    /// Records without a key, which went.
    public internal(set) var keylessRecords = 0
    public internal(set) var segmentsBefore = 0
    public internal(set) var segmentsAfter = 0
}

/// Why a cleaning did not come to its end. The log is as good as before; groups that were replaced stay so.
public enum CleaningEnd: Error, Sendable {
    /// Somebody wanted the log for something else.
    case aborted
    /// The disk has no room for the compacted copy.
    case noRoom(StorageError)
    case failed(StorageError)
}
