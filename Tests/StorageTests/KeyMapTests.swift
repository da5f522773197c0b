import Posix
import Testing

@testable import Storage

@Suite struct KeyMapTests {
    private static let seed = KeyHash.Seed(first: 0x0706_0504_0302_0100, second: 0x0f0e_0d0c_0b0a_0908)

    private func hex(_ hash: KeyHash) -> String {
        [hash.low, hash.high].map { word in
            withUnsafeBytes(of: word.littleEndian) { bytes in
                bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            }
        }.joined()
    }

    /// From the authors' reference implementation, vectors of the 128-bit form.
    @Test(
        arguments: [
            (0, "a3817f04ba25a8e66df67214c7550293"), (1, "da87c1d86b99af44347659119b22fc45"),
            (2, "8177228da4a45dc7fca38bdef60affe4"),
        ])
    func `the hash is SipHash with 128 bits`(count: Int, expected: String) {
        let key = (0..<count).map { UInt8($0) }
        #expect(hex(KeyHash(key.span.bytes, Self.seed, rounds: 2, finalRounds: 4)) == expected)
    }

    @Test func `every byte and the length of a key count`() {
        var seen: Set<String> = []
        var count = 0
        for length in 0..<40 {
            for position in -1..<length {
                var key = [UInt8](repeating: 0, count: length)
                if position >= 0 { key[position] = 1 }
                seen.insert(hex(KeyHash(key.span.bytes, Self.seed)))
                count += 1
            }
        }
        #expect(seen.count == count)
    }

    @Test func `another seed gives another hash`() {
        let key: [UInt8] = [1, 2, 3]
        let hashes = (0..<100).map { _ in hex(KeyHash(key.span.bytes, .random())) }
        #expect(Set(hashes).count == 100)
    }

    private func key(_ number: Int) -> [UInt8] { Array("key-\(number)".utf8) }

    @Test func `the last offset of each key is found, and of others none`() throws {
        var map = try KeyMap(bytes: 24 * 1000, loadFactor: 0.9)
        for round in 0..<3 {
            for number in 0..<900 {
                let isIn = map.put(key(number).span.bytes, Int64(round * 1000 + number))
                #expect(isIn)
            }
        }
        #expect(map.count == 900 && map.isFull)
        for number in 0..<900 {
            let offset = map.offset(of: key(number).span.bytes)
            #expect(offset == Int64(2000 + number))
        }
        for number in 900..<2000 {
            let offset = map.offset(of: key(number).span.bytes)
            #expect(offset == -1)
        }
    }

    @Test func `a full map takes known keys only`() throws {
        var map = try KeyMap(bytes: 24 * 10, loadFactor: 0.5)
        for number in 0..<5 {
            let isIn = map.put(key(number).span.bytes, 0)
            #expect(isIn)
        }
        let isNewIn = map.put(key(5).span.bytes, 1)
        let isOldIn = map.put(key(3).span.bytes, 7)
        let offset = map.offset(of: key(3).span.bytes)
        #expect(!isNewIn && isOldIn && offset == 7)
    }

    @Test func `a map is no larger than what can come`() throws {
        let map = try KeyMap(bytes: 1 << 30, loadFactor: 0.9, entriesMax: 10)
        let capacity = map.capacity
        #expect(capacity >= 10 && capacity < 14)
    }

    @Test func `offset 0 and the largest offset are offsets`() throws {
        var map = try KeyMap(bytes: 240, loadFactor: 0.9)
        _ = map.put(key(1).span.bytes, 0)
        _ = map.put(key(2).span.bytes, .max)
        let offsets = [map.offset(of: key(1).span.bytes), map.offset(of: key(2).span.bytes)]
        #expect(offsets == [0, .max])
    }
}
