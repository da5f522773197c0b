public import Bytes

/// A transaction that was aborted, as `.txnindex` keeps it: 34 bytes, big-endian, in the order of the fields behind
/// an Int16 version of 0. The file exists only where there was one.
public struct AbortedTransaction: Hashable, Sendable {
    public static let size = 34
    static let version: Int16 = 0

    public let producerID: Int64
    public let firstOffset: Int64
    /// Where its marker is.
    public let lastOffset: Int64
    /// What was stable when the marker was written; a reader that has come so far needs no later entry.
    public let lastStableOffset: Int64

    public init(producerID: Int64, firstOffset: Int64, lastOffset: Int64, lastStableOffset: Int64) {
        self.producerID = producerID
        self.firstOffset = firstOffset
        self.lastOffset = lastOffset
        self.lastStableOffset = lastStableOffset
    }

    public func encode(into writer: inout ByteWriter) {
        writer.int16(Self.version)
        writer.int64(producerID)
        writer.int64(firstOffset)
        writer.int64(lastOffset)
        writer.int64(lastStableOffset)
    }

    /// Reads a whole file; a remainder that is no whole entry ends it.
    public static func decode(_ bytes: RawSpan) throws(WireError) -> [AbortedTransaction] {
        var reader = ByteReader(bytes)
        var transactions: [AbortedTransaction] = []
        transactions.reserveCapacity(bytes.byteCount / size)
        while reader.remaining >= size {
            guard try reader.int16() == version else { throw .unsupportedVersion }
            transactions.append(
                AbortedTransaction(
                    producerID: try reader.int64(), firstOffset: try reader.int64(), lastOffset: try reader.int64(),
                    lastStableOffset: try reader.int64()))
        }
        return transactions
    }
}
