/// Where Kafka's producers put the records of a key, unless they are told otherwise.
public enum KeyPlacement {
    /// - Parameter count: how many partitions there are, at least one.
    public static func partition(of key: [UInt8], count: Int) -> Int32 {
        Murmur2.partition(of: key.span.bytes, count: count)
    }
}
