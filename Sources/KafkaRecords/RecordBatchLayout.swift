/// Where the fields of a record batch lie (magic 2), counted from its first byte. The checksum covers everything from
/// `attributes` to the end, so a broker may set the base offset and the leader epoch without computing it anew.
// swift-format-ignore
public enum RecordBatchLayout {
    public static let baseOffset           = 0   // int64
    public static let batchLength          = 8   // int32, counted from partitionLeaderEpoch
    public static let partitionLeaderEpoch = 12  // int32
    public static let magic                = 16  // int8, at this place in every version
    public static let crc                  = 17  // uint32, CRC-32C
    public static let attributes           = 21  // int16
    public static let lastOffsetDelta      = 23  // int32
    public static let baseTimestamp        = 27  // int64
    public static let maxTimestamp         = 35  // int64
    public static let producerID           = 43  // int64
    public static let producerEpoch        = 51  // int16
    public static let baseSequence         = 53  // int32
    public static let recordCount          = 57  // int32
    public static let headerSize           = 61

    /// The offset and the length in front of every batch or message, which the length does not count.
    public static let logOverhead          = 12

    /// The least number of bytes from which `magic` and so the kind of header can be told.
    public static let magicEnd             = 17
}

/// The bits of the attributes field.
public enum BatchAttributes {
    public static let compressionMask: Int16 = 0x07
    public static let logAppendTime: Int16 = 0x08
    public static let transactional: Int16 = 0x10
    public static let control: Int16 = 0x20
    public static let deleteHorizon: Int16 = 0x40
}

/// Where the fields of a message of magic 0 or 1 lie, counted from its offset. Magic 0 has no timestamp, so its key
/// length stands where magic 1 has the timestamp. The checksum (CRC-32) covers everything from `magic` to the end.
// swift-format-ignore
public enum LegacyMessageLayout {
    public static let offset     = 0   // int64
    public static let size       = 8   // int32, counted from crc
    public static let crc        = 12  // uint32
    public static let magic      = 16  // int8
    public static let attributes = 17  // int8
    public static let timestamp  = 18  // int64, magic 1

    /// The bytes in front of the key length.
    public static let headerSizeV0 = 18
    public static let headerSizeV1 = 26

    /// The smallest value of `size`: key and value are null.
    public static let sizeMinV0: Int32 = 14
    public static let sizeMinV1: Int32 = 22
}
