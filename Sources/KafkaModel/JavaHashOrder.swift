/// The order in which Java's HashMap gives its keys. Kafka's tools print some lists in it, and its assignors break ties by
/// it: a script that compares the output, and a group with members of both kinds, must find the same.
public enum JavaHashOrder {
    /// - Parameters:
    ///   - elements: in the order in which they were put into the map.
    ///   - count: how many there were in the map; nil if these are all.
    ///   - room: for how many keys the map was made; nil where it was made for no certain number.
    public static func sorted<Element>(
        _ elements: [Element], among count: Int? = nil, room: Int? = nil, by key: (Element) -> String
    ) -> [Element] {
        let buckets = buckets(for: count ?? elements.count, room: room)
        let places = elements.enumerated().map { (bucket: bucket(key($1), of: buckets), index: $0) }
        return places.sorted { ($0.bucket, $0.index) < ($1.bucket, $1.index) }.map { elements[$0.index] }
    }

    /// A power of two; it doubles as soon as the map is more than three quarters full.
    static func buckets(for count: Int, room: Int?) -> Int {
        var buckets = 1
        let least = room ?? 16
        while buckets < least { buckets *= 2 }
        while count > buckets * 3 / 4 { buckets *= 2 }
        return buckets
    }

    private static func bucket(_ key: String, of buckets: Int) -> Int { bucket(of: hash(key), among: buckets) }

    static func bucket(of hash: UInt32, among buckets: Int) -> Int { Int(hash ^ hash >> 16) & (buckets - 1) }

    /// `String.hashCode`.
    static func hash(_ key: String) -> UInt32 {
        var hash: UInt32 = 0
        for unit in key.utf16 { hash = hash &* 31 &+ UInt32(unit) }
        return hash
    }
}
