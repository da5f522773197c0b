/// Where the last few batches of the segment being written start. A reader that keeps up asks for one of them, and is
/// answered without a look at index or disk.
struct RecentBatches {
    static let countMax = 16

    struct Found {
        let baseOffset: Int64
        let position: Int
        /// Where the batch behind it starts; nil behind the last one.
        let nextPosition: Int?
    }

    private var baseOffsets = InlineArray<16, Int64>(repeating: 0)
    private var positions = InlineArray<16, Int>(repeating: 0)
    private var newest = -1
    private var count = 0

    mutating func add(_ baseOffset: Int64, position: Int) {
        newest = (newest + 1) % Self.countMax
        baseOffsets[newest] = baseOffset
        positions[newest] = position
        count = min(count + 1, Self.countMax)
    }

    mutating func removeAll() { count = 0 }

    /// The batch whose base offset is the largest that is not above `offset`, if it is among those kept.
    func find(_ offset: Int64) -> Found? {
        var nextPosition: Int?
        for age in 0..<count {
            let slot = (newest - age + Self.countMax) % Self.countMax
            if baseOffsets[slot] <= offset {
                return Found(baseOffset: baseOffsets[slot], position: positions[slot], nextPosition: nextPosition)
            }
            nextPosition = positions[slot]
        }
        return nil
    }
}
