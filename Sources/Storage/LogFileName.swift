/// The names of the files of a partition: 20 digits of an offset, a dot, and what the file is.
public enum LogFileName {
    public static let log = "log"
    public static let offsetIndex = "index"
    public static let timeIndex = "timeindex"
    public static let transactionIndex = "txnindex"
    public static let producerSnapshot = "snapshot"

    /// Added behind the whole name of a file that is about to be removed.
    public static let deleted = ".deleted"
    /// A segment that compaction is writing.
    public static let cleaned = ".cleaned"
    /// A compacted segment on its way to replace others.
    public static let swap = ".swap"

    public static func make(_ offset: Int64, _ kind: String) -> String {
        let digits = String(offset)
        return String(repeating: "0", count: max(0, 20 - digits.utf8.count)) + digits + "." + kind
    }

    /// The offset in front of the first dot and what stands behind it, or nil for other names.
    public static func parse(_ name: String) -> (offset: Int64, kind: Substring)? {
        var offset: Int64 = 0
        var digits = 0
        for byte in name.utf8 {
            if byte == UInt8(ascii: ".") {
                guard digits > 0 else { return nil }
                return (offset, name[name.utf8.index(name.startIndex, offsetBy: digits + 1)...])
            }
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            let (product, overflow) = offset.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            offset = sum
            digits += 1
        }
        return nil
    }
}
