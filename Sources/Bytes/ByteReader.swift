/// A cursor over bytes that belong to somebody else. Every read checks the end first and throws
/// `WireError.truncated` instead of passing it; integers are big-endian, as everywhere in Kafka.
public struct ByteReader: ~Escapable {
    @usableFromInline let span: RawSpan
    @usableFromInline var offset: Int

    @_lifetime(copy span)
    @inlinable public init(_ span: RawSpan) {
        self.span = span
        self.offset = 0
    }

    /// Where the next read starts, counted from the first byte of the span.
    public var position: Int { @inlinable get { offset } }
    public var count: Int { @inlinable get { span.byteCount } }
    public var remaining: Int { @inlinable get { span.byteCount &- offset } }
    public var isAtEnd: Bool { @inlinable get { offset == span.byteCount } }

    @_lifetime(self: copy self)
    @inlinable public mutating func integer<T: FixedWidthInteger & BitwiseCopyable>(
        as type: T.Type = T.self
    ) throws(WireError) -> T {
        guard remaining >= MemoryLayout<T>.size else { throw .truncated }
        let value = span.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: T.self)
        offset &+= MemoryLayout<T>.size
        return T(bigEndian: value)
    }

    @_lifetime(self: copy self)
    @inlinable public mutating func int8() throws(WireError) -> Int8 { try integer() }
    @_lifetime(self: copy self)
    @inlinable public mutating func int16() throws(WireError) -> Int16 { try integer() }
    @_lifetime(self: copy self)
    @inlinable public mutating func int32() throws(WireError) -> Int32 { try integer() }
    @_lifetime(self: copy self)
    @inlinable public mutating func int64() throws(WireError) -> Int64 { try integer() }
    @_lifetime(self: copy self)
    @inlinable public mutating func uint8() throws(WireError) -> UInt8 { try integer() }
    @_lifetime(self: copy self)
    @inlinable public mutating func uint16() throws(WireError) -> UInt16 { try integer() }
    @_lifetime(self: copy self)
    @inlinable public mutating func uint32() throws(WireError) -> UInt32 { try integer() }

    @_lifetime(self: copy self)
    @inlinable public mutating func double() throws(WireError) -> Double {
        Double(bitPattern: try integer(as: UInt64.self))
    }

    @_lifetime(self: copy self)
    @inlinable public mutating func uuid() throws(WireError) -> UUID {
        UUID(high: try integer(as: UInt64.self), low: try integer(as: UInt64.self))
    }

    /// Seven bits a byte, least significant first, at most five bytes.
    @_lifetime(self: copy self)
    @inlinable public mutating func unsignedVarint() throws(WireError) -> UInt32 {
        var result: UInt32 = 0
        var shift: UInt32 = 0
        while true {
            let byte = try uint8()
            guard shift < 28 || (shift == 28 && byte < 0x10) else { throw .malformedVarint }
            result |= UInt32(byte & 0x7f) &<< shift
            if byte & 0x80 == 0 { return result }
            shift &+= 7
        }
    }

    @_lifetime(self: copy self)
    @inlinable public mutating func unsignedVarlong() throws(WireError) -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try uint8()
            guard shift < 63 || (shift == 63 && byte < 0x02) else { throw .malformedVarint }
            result |= UInt64(byte & 0x7f) &<< shift
            if byte & 0x80 == 0 { return result }
            shift &+= 7
        }
    }

    /// A zigzag-coded signed integer, as record batches use them.
    @_lifetime(self: copy self)
    @inlinable public mutating func varint() throws(WireError) -> Int32 {
        let raw = try unsignedVarint()
        return Int32(bitPattern: raw &>> 1) ^ -Int32(bitPattern: raw & 1)
    }

    @_lifetime(self: copy self)
    @inlinable public mutating func varlong() throws(WireError) -> Int64 {
        let raw = try unsignedVarlong()
        return Int64(bitPattern: raw &>> 1) ^ -Int64(bitPattern: raw & 1)
    }

    /// The next `count` bytes as a range of positions; the cursor moves behind them.
    @_lifetime(self: copy self)
    @inlinable public mutating func range(_ count: Int) throws(WireError) -> Range<Int> {
        guard count >= 0 else { throw .invalidLength }
        guard remaining >= count else { throw .truncated }
        let start = offset
        offset &+= count
        return Range(uncheckedBounds: (start, start &+ count))
    }

    @_lifetime(self: copy self)
    @inlinable public mutating func skip(_ count: Int) throws(WireError) { _ = try range(count) }

    /// Moves to a offset that was seen before or lies ahead, inside the span.
    @_lifetime(self: copy self)
    @inlinable public mutating func move(to newPosition: Int) throws(WireError) {
        guard newPosition >= 0, newPosition <= span.byteCount else { throw .truncated }
        offset = newPosition
    }

    @_lifetime(copy self)
    @inlinable public mutating func bytes(_ count: Int) throws(WireError) -> RawSpan {
        let range = try range(count)
        return span.extracting(unchecked: range)
    }

    @_lifetime(copy self)
    @inlinable public func bytes(in range: Range<Int>) -> RawSpan { span.extracting(range) }

    @_lifetime(self: copy self)
    @inlinable public mutating func string(_ count: Int) throws(WireError) -> String {
        let range = try range(count)
        return try String(validating: span.extracting(unchecked: range))
    }

    @_lifetime(self: copy self)
    @inlinable public mutating func array(_ count: Int) throws(WireError) -> [UInt8] {
        let range = try range(count)
        return Array(span.extracting(unchecked: range))
    }
}

extension String {
    @inlinable public init(validating bytes: RawSpan) throws(WireError) {
        do throws(UTF8.ValidationError) {
            // A quarter of the time of `String(validating:as:)`.
            self.init(copying: try UTF8Span(validating: bytes._unsafeView(as: UInt8.self)))
        } catch {
            throw .invalidUTF8
        }
    }
}

extension Array where Element == UInt8 {
    @inlinable public init(_ bytes: RawSpan) {
        self = bytes.withUnsafeBytes { Array($0) }
    }
}
