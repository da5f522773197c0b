/// On which partition of `__consumer_offsets` a group has its coordinator: Kafka hashes ids as Java does strings.
public enum GroupIDHash {
    /// Java's `String.hashCode`, over UTF-16.
    public static func of(_ id: String) -> Int32 {
        id.utf16.reduce(Int32(0)) { $0 &* 31 &+ Int32($1) }
    }

    public static func partition(of id: String, among count: Int) -> Int32 {
        guard count > 0 else { return 0 }
        let hash = of(id)
        // The one number without a positive counterpart counts as zero.
        return (hash == .min ? 0 : abs(hash)) % Int32(clamping: count)
    }
}
