import Testing

@testable import Metadata

struct ShardedMapTests {
    @Test func `it holds what a dictionary would hold`() {
        var map = ShardedMap<Int, String>()
        var dictionary: [Int: String] = [:]
        for step in 0..<2000 {
            let key = (step * 7919) % 500
            if step % 3 == 2 {
                #expect(map.removeValue(forKey: key) == dictionary.removeValue(forKey: key))
            } else {
                map[key] = "\(step)"
                dictionary[key] = "\(step)"
            }
            #expect(map.count == dictionary.count)
        }
        for key in 0..<500 { #expect(map[key] == dictionary[key]) }
        #expect(map.keys.sorted() == dictionary.keys.sorted())
    }

    @Test func `a copy does not see later changes`() {
        var map = ShardedMap<Int, [Int]>()
        for key in 0..<300 { map[key] = [key] }
        let copy = map
        for key in 0..<300 { #expect(map.update(key) { $0.append(-1) } != nil) }
        #expect(map.update(300) { $0.append(0) } == nil)
        for key in 0..<300 {
            #expect(copy[key] == [key])
            #expect(map[key] == [key, -1])
        }
    }
}
