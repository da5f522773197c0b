import Timing

/// What of a log compaction may work on now, and how urgent it is. A pure decision on what `PartitionLog.outline` tells.
public struct CleanableRange: Sendable, Equatable {
    /// Below are only records that were compacted before.
    public let firstDirtyOffset: Int64
    /// The start of the first segment that must stay as it is.
    public let firstUncleanableOffset: Int64
    public let cleanBytes: Int64
    public let cleanableBytes: Int64
    /// How long a record has waited beyond `max.compaction.lag.ms`; 0 if none has.
    public let overdueMs: Int64
    /// The checkpoint named an offset that is not in the log, and starts again at the log's start.
    public let reset: Reset?

    public enum Reset: Sendable, Equatable {
        case belowStart(checkpoint: Int64)
        case beyondEnd(checkpoint: Int64)
    }

    /// The share of the bytes that is dirty.
    public var dirtyRatio: Double {
        let total = cleanBytes + cleanableBytes
        return total > 0 ? Double(cleanableBytes) / Double(total) : 0
    }

    /// Whether compaction is due. Kafka's rule: more than the ratio is dirty, or a record has waited too long.
    public func isDue(minDirtyRatio: Double) -> Bool {
        (overdueMs > 0 && cleanableBytes > 0) || dirtyRatio > minDirtyRatio
    }

    /// - Parameter checkpoint: the first offset the last cleaning left alone; nil if there never was one.
    init(_ log: LogOutline, checkpoint: Int64?, settings: LogConfiguration, now: Int64) {
        switch checkpoint {
        case let known? where known < log.startOffset:
            firstDirtyOffset = log.startOffset
            reset = .belowStart(checkpoint: known)
        case let known? where known > log.endOffset:
            firstDirtyOffset = log.startOffset
            reset = .beyondEnd(checkpoint: known)
        default:
            firstDirtyOffset = checkpoint ?? log.startOffset
            reset = nil
        }
        let dirty = firstDirtyOffset
        // Neither what is not decided or not replicated yet, nor what is not on the device, nor the active segment.
        var limit = min(log.lastStableOffset, log.recoveryPoint, log.activeBaseOffset)
        if settings.minCompactionLagMs > 0 {
            let latest = now.addingClamped(-settings.minCompactionLagMs)
            let young = log.segments.first { $0.endOffset > dirty && $0.maxTimestamp ?? .max > latest }
            if let young { limit = min(limit, young.baseOffset) }
        }
        limit = max(limit, dirty)
        // A segment is cleaned as a whole.
        let end = log.segments.last { $0.baseOffset <= limit && $0.endOffset > limit }?.baseOffset
        firstUncleanableOffset = end ?? min(limit, log.activeBaseOffset)
        let firstUncleanable = firstUncleanableOffset
        var bytes: (clean: Int64, dirty: Int64) = (0, 0)
        for segment in log.segments where segment.baseOffset < firstUncleanable {
            if segment.endOffset > dirty { bytes.dirty += segment.bytes } else { bytes.clean += segment.bytes }
        }
        (cleanBytes, cleanableBytes) = bytes
        let limitMs = now.addingClamped(-max(settings.maxCompactionLagMs, 0))
        let oldest =
            log.segments
            .filter { $0.endOffset > dirty && $0.firstTimestamp ?? 0 > 0 }
            .compactMap(\.firstTimestamp).min() ?? .max
        overdueMs = oldest < limitMs ? limitMs.addingClamped(-oldest) : 0
    }
}

/// What compaction must know of a log to decide.
struct LogOutline: Equatable {
    /// A segment that is no longer written.
    struct ClosedSegment: Equatable {
        var baseOffset: Int64
        /// The base of the next segment.
        var endOffset: Int64
        var bytes: Int64
        var offsetIndexBytes: Int64 = 0
        var timeIndexBytes: Int64 = 0
        /// Nil where nobody asked: only `min.compaction.lag.ms` wants to know.
        var maxTimestamp: Int64?
        /// Of the first batch. Nil where nobody asked: only `max.compaction.lag.ms` wants to know.
        var firstTimestamp: Int64?
    }

    var startOffset: Int64
    var endOffset: Int64
    var recoveryPoint: Int64
    var lastStableOffset: Int64
    var activeBaseOffset: Int64
    /// Ascending.
    var segments: [ClosedSegment]
}
