#if canImport(Glibc)
    import Glibc
#endif

/// Growable memory that is written from front to back. It owns its memory, is moved and never copied, and keeps
/// its capacity when it is cleared, so that a loop reuses one writer for every answer.
public struct ByteWriter: ~Copyable {
    @usableFromInline var base: UnsafeMutableRawPointer
    @usableFromInline var capacity: Int
    @usableFromInline var filled: Int

    @inlinable public init(capacity: Int = 256) {
        self.capacity = max(capacity, 16)
        self.base = UnsafeMutableRawPointer.allocate(byteCount: self.capacity, alignment: 16)
        self.filled = 0
    }

    deinit { base.deallocate() }

    public var bytes: RawSpan {
        @_lifetime(borrow self)
        @inlinable get {
            let span = RawSpan(_unsafeStart: UnsafeRawPointer(base), byteCount: filled)
            return _overrideLifetime(span, borrowing: self)
        }
    }

    /// What is written, for system calls.
    @inlinable public borrowing func withUnsafeBytes<R, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: base, count: filled))
    }

    public var mutableBytes: MutableRawSpan {
        @_lifetime(&self)
        @inlinable mutating get {
            let span = MutableRawSpan(_unsafeStart: base, byteCount: filled)
            return _overrideLifetime(span, mutating: &self)
        }
    }

    /// How many bytes are written.
    public var count: Int { @inlinable get { filled } }
    public var reservedBytes: Int { @inlinable get { capacity } }

    @inlinable public mutating func reserve(_ more: Int) {
        if capacity &- filled < more { grow(more) }
    }

    @usableFromInline mutating func grow(_ more: Int) {
        let wanted = max(capacity * 2, filled + more)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 16)
        larger.copyMemory(from: base, byteCount: filled)
        base.deallocate()
        base = larger
        capacity = wanted
    }

    /// Forgets what was written and keeps the memory, unless it grew beyond `limit`.
    @inlinable public mutating func clear(keepingAtMost limit: Int = .max) {
        filled = 0
        if capacity > limit {
            base.deallocate()
            capacity = max(limit, 16)
            base = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        }
    }

    /// Takes back everything behind `newCount`.
    @inlinable public mutating func truncate(to newCount: Int) {
        precondition(newCount >= 0 && newCount <= filled, "truncating a writer beyond its end")
        filled = newCount
    }

    @inlinable public mutating func integer<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
        reserve(MemoryLayout<T>.size)
        base.storeBytes(of: value.bigEndian, toByteOffset: filled, as: T.self)
        filled &+= MemoryLayout<T>.size
    }

    @inlinable public mutating func int8(_ value: Int8) { integer(value) }
    @inlinable public mutating func int16(_ value: Int16) { integer(value) }
    @inlinable public mutating func int32(_ value: Int32) { integer(value) }
    @inlinable public mutating func int64(_ value: Int64) { integer(value) }
    @inlinable public mutating func uint8(_ value: UInt8) { integer(value) }
    @inlinable public mutating func uint16(_ value: UInt16) { integer(value) }
    @inlinable public mutating func uint32(_ value: UInt32) { integer(value) }
    @inlinable public mutating func double(_ value: Double) { integer(value.bitPattern) }

    @inlinable public mutating func uuid(_ value: UUID) {
        integer(value.high)
        integer(value.low)
    }

    @inlinable public mutating func unsignedVarint(_ value: UInt32) {
        var rest = value
        while rest >= 0x80 {
            integer(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest &>>= 7
        }
        integer(UInt8(truncatingIfNeeded: rest))
    }

    @inlinable public mutating func unsignedVarlong(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            integer(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest &>>= 7
        }
        integer(UInt8(truncatingIfNeeded: rest))
    }

    @inlinable public mutating func varint(_ value: Int32) {
        unsignedVarint(UInt32(bitPattern: (value &<< 1) ^ (value &>> 31)))
    }

    @inlinable public mutating func varlong(_ value: Int64) {
        unsignedVarlong(UInt64(bitPattern: (value &<< 1) ^ (value &>> 63)))
    }

    @inlinable public mutating func append(_ span: RawSpan) {
        reserve(span.byteCount)
        span.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            (base + filled).copyMemory(from: start, byteCount: source.count)
        }
        filled &+= span.byteCount
    }

    @inlinable public mutating func append(_ array: [UInt8]) {
        append(array.span.bytes)
    }

    /// UTF-8 bytes without a length in front.
    @inlinable public mutating func append(utf8 text: String) {
        var text = text
        text.withUTF8 { utf8 in
            reserve(utf8.count)
            guard let start = utf8.baseAddress else { return }
            (base + filled).copyMemory(from: UnsafeRawPointer(start), byteCount: utf8.count)
            filled &+= utf8.count
        }
    }

    @inlinable public mutating func appendZeros(_ zeros: Int) {
        reserve(zeros)
        (base + filled).initializeMemory(as: UInt8.self, repeating: 0, count: zeros)
        filled &+= zeros
    }

    /// Overwrites an integer that was written before, such as a length that is known only now.
    @inlinable public mutating func set<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, at offset: Int) {
        precondition(offset >= 0 && offset &+ MemoryLayout<T>.size <= filled, "patching beyond what was written")
        base.storeBytes(of: value.bigEndian, toByteOffset: offset, as: T.self)
    }

    /// Puts a length in front of what was written from `offset` on, which moves behind it.
    @inlinable public mutating func insertVarint(_ value: UInt32, at offset: Int) {
        precondition(offset >= 0 && offset <= filled, "inserting beyond what was written")
        let end = filled
        let room = unsignedVarintSize(value)
        reserve(room)
        (base + offset + room).copyMemory(from: base + offset, byteCount: end &- offset)
        filled = offset
        unsignedVarint(value)
        filled = end &+ room
    }

    /// Gives `body` room for `count` bytes behind the end; what it returns is how many it filled.
    @inlinable public mutating func appendUninitialized<E: Error>(
        upTo room: Int, _ body: (UnsafeMutableRawBufferPointer) throws(E) -> Int
    ) throws(E) -> Int {
        reserve(room)
        let added = try body(UnsafeMutableRawBufferPointer(start: base + filled, count: room))
        precondition(added >= 0 && added <= room, "a body filled more than its room")
        filled &+= added
        return added
    }
}

/// How many bytes `unsignedVarint` writes.
@inlinable public func unsignedVarintSize(_ value: UInt32) -> Int {
    value == 0 ? 1 : (38 &- value.leadingZeroBitCount) / 7
}

@inlinable public func unsignedVarlongSize(_ value: UInt64) -> Int {
    value == 0 ? 1 : (70 &- value.leadingZeroBitCount) / 7
}

@inlinable public func varintSize(_ value: Int32) -> Int {
    unsignedVarintSize(UInt32(bitPattern: (value &<< 1) ^ (value &>> 31)))
}

@inlinable public func varlongSize(_ value: Int64) -> Int {
    unsignedVarlongSize(UInt64(bitPattern: (value &<< 1) ^ (value &>> 63)))
}
