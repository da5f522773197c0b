/// Which segments of a log are cleaned together, so that what is left of many becomes one. Pure.
struct CleanPlan: Equatable {
    /// Ranges of the segments in the outline, ascending.
    let groups: [Range<Int>]

    /// A group stays within the sizes of one segment, and within the reach of the 32-bit offsets of its indexes.
    ///
    /// - Parameter endOffset: segments that begin at or behind it are left alone.
    init(_ segments: [LogOutline.ClosedSegment], endOffset: Int64, settings: LogConfiguration) {
        var groups: [Range<Int>] = []
        var first = 0
        let count = segments.count { $0.baseOffset < endOffset }
        while first < count {
            var bytes = segments[first].bytes
            var offsetIndexBytes = segments[first].offsetIndexBytes
            var timeIndexBytes = segments[first].timeIndexBytes
            var next = first + 1
            while next < count {
                let segment = segments[next]
                bytes += segment.bytes
                offsetIndexBytes += segment.offsetIndexBytes
                timeIndexBytes += segment.timeIndexBytes
                // An empty segment has no offset that could be out of reach; it must not stay for ever.
                let isInReach =
                    segment.bytes == 0
                    || OffsetIndex.canHold(segment.endOffset - 1, baseOffset: segments[first].baseOffset)
                guard bytes <= Int64(settings.segmentBytes), offsetIndexBytes <= Int64(settings.indexBytesMax),
                    timeIndexBytes <= Int64(settings.indexBytesMax), isInReach
                else { break }
                next += 1
            }
            groups.append(first..<next)
            first = next
        }
        self.groups = groups
    }
}
