/// A hash of 128 bits that stands for a key: SipHash with 128 bits of output (Aumasson and Bernstein), one round a
/// word and three at the end.
///
/// Two keys with one hash would lose a record, so 128 bits: among six million keys, what fits into the usual memory,
/// the chance is 1 to 2^84. The function is keyed and the key is drawn anew for each cleaning, so nobody can look for
/// keys that collide. On short keys it is several times faster than a cryptographic hash without a key.
struct KeyHash {
    var low: UInt64
    var high: UInt64

    struct Seed: Sendable {
        let first: UInt64
        let second: UInt64

        static func random() -> Seed {
            var generator = SystemRandomNumberGenerator()
            return Seed(first: generator.next(), second: generator.next())
        }
    }

    init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    @inline(__always)
    init(_ key: RawSpan, _ seed: Seed) { self.init(key, seed, rounds: 1, finalRounds: 3) }

    @inline(__always)
    init(_ key: RawSpan, _ seed: Seed, rounds: Int, finalRounds: Int) {
        var state = State(seed)
        let count = key.byteCount
        var position = 0
        while count &- position >= 8 {
            let word = key.unsafeLoadUnaligned(fromUncheckedByteOffset: position, as: UInt64.self)
            state.absorb(UInt64(littleEndian: word), rounds)
            position &+= 8
        }
        // The last word is what is left of the key, with the length in its highest byte.
        var last = UInt64(truncatingIfNeeded: count) &<< 56
        var shift: UInt64 = 0
        while position < count {
            last |= UInt64(key.unsafeLoad(fromUncheckedByteOffset: position, as: UInt8.self)) &<< shift
            shift &+= 8
            position &+= 1
        }
        state.absorb(last, rounds)
        state.v2 ^= 0xee
        for _ in 0..<finalRounds { state.round() }
        low = state.v0 ^ state.v1 ^ state.v2 ^ state.v3
        state.v1 ^= 0xdd
        for _ in 0..<finalRounds { state.round() }
        high = state.v0 ^ state.v1 ^ state.v2 ^ state.v3
    }

    private struct State {
        var v0: UInt64
        var v1: UInt64
        var v2: UInt64
        var v3: UInt64

        @inline(__always)
        init(_ seed: Seed) {
            v0 = seed.first ^ 0x736f_6d65_7073_6575
            v1 = seed.second ^ 0x646f_7261_6e64_6f6d ^ 0xee
            v2 = seed.first ^ 0x6c79_6765_6e65_7261
            v3 = seed.second ^ 0x7465_6462_7974_6573
        }

        @inline(__always)
        mutating func absorb(_ word: UInt64, _ rounds: Int) {
            v3 ^= word
            for _ in 0..<rounds { round() }
            v0 ^= word
        }

        @inline(__always)
        mutating func round() {
            v0 &+= v1
            v1 = Self.rotated(v1, 13) ^ v0
            v0 = Self.rotated(v0, 32)
            v2 &+= v3
            v3 = Self.rotated(v3, 16) ^ v2
            v0 &+= v3
            v3 = Self.rotated(v3, 21) ^ v0
            v2 &+= v1
            v1 = Self.rotated(v1, 17) ^ v2
            v2 = Self.rotated(v2, 32)
        }

        @inline(__always)
        private static func rotated(_ word: UInt64, _ count: UInt64) -> UInt64 {
            word &<< count | word &>> (64 &- count)
        }
    }
}
