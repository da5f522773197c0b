/// Reads records of magic 2 one behind the other: the walk that iteration and validation share.
///
/// No record becomes an object here; what comes out are numbers and places. Every length is checked against the end of
/// its record, and the record against the end of the batch, before it is used.
struct RecordScanner: ~Escapable {
    let span: RawSpan
    private(set) var position: Int

    @_lifetime(copy span)
    init(_ span: RawSpan, from position: Int) {
        self.span = span
        self.position = position
    }

    var isAtEnd: Bool { position == span.byteCount }

    /// What a record says about itself. A length of -1 is null.
    struct Scanned {
        var start: Int
        var end: Int
        var timestampDelta: Int64
        var offsetDelta: Int32
        var keyStart: Int
        var keyLength: Int32
        var valueStart: Int
        var valueLength: Int32
        var headerCount: Int32
        var headersStart: Int
    }

    @_lifetime(self: copy self)
    @inline(__always)
    mutating func next() throws(RecordFault) -> Scanned {
        let start = position
        var cursor = position
        let length = try varint(&cursor, span.byteCount)
        guard length >= 0 else { throw .invalidLength }
        guard span.byteCount &- cursor >= Int(length) else { throw .truncated }
        let end = cursor &+ Int(length)
        guard length > 0 else { throw .sizeMismatch }
        // The attributes of a record are not in use.
        cursor &+= 1
        let timestampDelta = try varlong(&cursor, end)
        let offsetDelta = try varint(&cursor, end)
        let keyLength = try varint(&cursor, end)
        let keyStart = cursor
        try skip(keyLength, &cursor, end)
        let valueLength = try varint(&cursor, end)
        let valueStart = cursor
        try skip(valueLength, &cursor, end)
        let headerCount = try varint(&cursor, end)
        let headersStart = cursor
        if headerCount != 0 { try skipHeaders(headerCount, &cursor, end) }
        guard cursor == end else { throw .sizeMismatch }
        position = end
        return Scanned(
            start: start, end: end, timestampDelta: timestampDelta, offsetDelta: offsetDelta, keyStart: keyStart,
            keyLength: keyLength, valueStart: valueStart, valueLength: valueLength, headerCount: headerCount,
            headersStart: headersStart)
    }

    private func skipHeaders(_ count: Int32, _ cursor: inout Int, _ end: Int) throws(RecordFault) {
        guard count > 0, Int(count) <= end &- cursor else { throw .invalidLength }
        for _ in 0..<count { _ = try header(&cursor, end) }
    }

    /// The header at `cursor`, which moves behind it.
    func header(_ cursor: inout Int, _ end: Int) throws(RecordFault) -> RecordHeaderView {
        let keyLength = try varint(&cursor, end)
        guard keyLength >= 0 else { throw .invalidLength }
        let keyStart = cursor
        try skip(keyLength, &cursor, end)
        let key = keyStart..<cursor
        let valueLength = try varint(&cursor, end)
        let valueStart = cursor
        try skip(valueLength, &cursor, end)
        return RecordHeaderView(key: key, value: valueLength < 0 ? nil : valueStart..<cursor)
    }

    @inline(__always)
    private func skip(_ length: Int32, _ cursor: inout Int, _ end: Int) throws(RecordFault) {
        guard length >= 0 else {
            if length == -1 { return }
            throw .invalidLength
        }
        guard end &- cursor >= Int(length) else { throw .sizeMismatch }
        cursor &+= Int(length)
    }

    @inline(__always)
    private func byte(_ position: Int) -> UInt8 {
        span.unsafeLoad(fromUncheckedByteOffset: position, as: UInt8.self)
    }

    @inline(__always)
    private func varint(_ cursor: inout Int, _ end: Int) throws(RecordFault) -> Int32 {
        guard cursor < end else { throw .truncated }
        let first = UInt32(byte(cursor))
        if first < 0x80 {
            cursor &+= 1
            return Int32(bitPattern: first &>> 1) ^ -Int32(bitPattern: first & 1)
        }
        let raw: UInt32
        if let short = twoBytes(first: UInt64(first), &cursor, end) {
            raw = UInt32(truncatingIfNeeded: short)
        } else {
            raw = UInt32(truncatingIfNeeded: try longVarint(&cursor, end, bits: 32))
        }
        return Int32(bitPattern: raw &>> 1) ^ -Int32(bitPattern: raw & 1)
    }

    @inline(__always)
    private func varlong(_ cursor: inout Int, _ end: Int) throws(RecordFault) -> Int64 {
        guard cursor < end else { throw .truncated }
        let first = UInt64(byte(cursor))
        if first < 0x80 {
            cursor &+= 1
            return Int64(bitPattern: first &>> 1) ^ -Int64(bitPattern: first & 1)
        }
        let raw: UInt64
        if let short = twoBytes(first: first, &cursor, end) {
            raw = short
        } else {
            raw = try longVarint(&cursor, end, bits: 64)
        }
        return Int64(bitPattern: raw &>> 1) ^ -Int64(bitPattern: raw & 1)
    }

    /// Most integers of a record have one byte or two; those are read without a call.
    @inline(__always)
    private func twoBytes(first: UInt64, _ cursor: inout Int, _ end: Int) -> UInt64? {
        guard cursor &+ 1 < end else { return nil }
        let second = UInt64(byte(cursor &+ 1))
        guard second < 0x80 else { return nil }
        cursor &+= 2
        return first & 0x7f | second &<< 7
    }

    private func longVarint(_ cursor: inout Int, _ end: Int, bits: UInt64) throws(RecordFault) -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard cursor < end else { throw .truncated }
            let next = UInt64(byte(cursor))
            cursor &+= 1
            // The last byte may fill the type and no more: four bits of 32, one of 64.
            guard shift &+ 7 <= bits || next < 1 &<< (bits &- shift) else { throw .malformedVarint }
            result |= (next & 0x7f) &<< shift
            if next & 0x80 == 0 { return result }
            shift &+= 7
            guard shift < bits else { throw .malformedVarint }
        }
    }
}
