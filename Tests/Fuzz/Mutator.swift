/// Changes bytes the way that finds faults in readers of lengths and counts. The same seed gives the same bytes.
struct Mutator {
    private var state: UInt64

    /// Numbers at which readers go wrong, as they stand in one, two, four and eight bytes.
    private static let edges: [Int64] = [
        0, 1, -1, -2, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
        .max, .min, .max - 1, .min + 1, 1_000_000, 100 << 20,
    ]
    private static let longestInput = 1 << 16

    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func random() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func random(below bound: Int) -> Int { bound <= 1 ? 0 : Int(random() % UInt64(bound)) }

    /// One to six changes; now and then none, so that what is right stays right.
    mutating func mutated(_ original: [UInt8], other: [UInt8]) -> [UInt8] {
        var bytes = original
        for _ in 0..<random(below: 7) { change(&bytes, other) }
        if bytes.count > Self.longestInput { bytes.removeLast(bytes.count - Self.longestInput) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8], _ other: [UInt8]) {
        let kind = random(below: 10)
        guard !bytes.isEmpty else { return bytes.append(UInt8(truncatingIfNeeded: random())) }
        let at = random(below: bytes.count)
        let end = min(bytes.count, at + 1 + random(below: 1 << random(below: 9)))
        switch kind {
        case 0: bytes[at] ^= 1 << UInt8(random(below: 8))
        case 1: bytes[at] = UInt8(truncatingIfNeeded: random())
        case 2, 3: setEdge(in: &bytes, at)
        case 4: setVarint(in: &bytes, at)
        case 5: bytes.removeLast(bytes.count - at)
        case 6: bytes.removeSubrange(at..<end)
        case 7: bytes.insert(contentsOf: bytes[at..<end], at: at)
        case 8: bytes.insert(contentsOf: (at..<end).map { _ in UInt8(truncatingIfNeeded: random()) }, at: at)
        default: bytes.replaceSubrange(at..., with: other.suffix(other.count - min(at, other.count)))
        }
    }

    private mutating func setEdge(in bytes: inout [UInt8], _ at: Int) {
        let width = 1 << random(below: 4)
        let value = UInt64(bitPattern: Self.edges[random(below: Self.edges.count)])
        for index in 0..<min(width, bytes.count - at) {
            bytes[at + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * (width - 1 - index)))
        }
    }

    /// Five or ten bytes that go on and on, or a large count in them.
    private mutating func setVarint(in bytes: inout [UInt8], _ at: Int) {
        let width = random(below: 2) == 0 ? 5 : 10
        let last = UInt8(truncatingIfNeeded: random() & (random(below: 2) == 0 ? 0x0f : 0xff))
        let varint = [UInt8](repeating: 0xff, count: width - 1) + [last]
        bytes.replaceSubrange(at..<min(bytes.count, at + width), with: varint)
    }
}
