/// The hash by which Kafka's producers choose the partition of a key. All producers must agree on it to the bit.
enum Murmur2 {
    private static let seed: UInt32 = 0x9747_b28c
    private static let factor: UInt32 = 0x5bd1_e995

    static func hash(_ bytes: RawSpan) -> UInt32 {
        let count = bytes.byteCount
        var hash = seed ^ UInt32(truncatingIfNeeded: count)
        var position = 0
        while position &+ 4 <= count {
            let word = bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: position, as: UInt32.self)
            var mixed = UInt32(littleEndian: word) &* factor
            mixed ^= mixed &>> 24
            hash = hash &* factor ^ mixed &* factor
            position &+= 4
        }
        if position < count {
            var rest: UInt32 = 0
            for index in stride(from: count - 1, through: position, by: -1) {
                rest = rest &<< 8 | UInt32(bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self))
            }
            hash = (hash ^ rest) &* factor
        }
        hash ^= hash &>> 13
        hash = hash &* factor
        return hash ^ hash &>> 15
    }

    /// The partition of a key among so many.
    static func partition(of key: RawSpan, count: Int) -> Int32 {
        Int32(truncatingIfNeeded: Int(hash(key) & 0x7fff_ffff) % count)
    }
}
