import Bytes

/// Fills a message from bytes. Lengths and counts are compared with the bytes that are left before anything is
/// allocated, and a list reserves no more memory than twice these bytes, whatever it claims to hold.
struct WireReader: WireCoder, ~Escapable {
    typealias Failure = WireError

    var bytes: ByteReader
    let version: Int16
    let isFlexible: Bool
    /// The tag that `taggedFields` is asked for, and whether one of its lines knew it.
    private var tag: UInt32 = 0
    private var tagIsKnown = false

    /// Kafka's limit for strings, in the compact encoding too.
    private static let stringBytesMax = Int(Int16.max)

    @_lifetime(copy bytes)
    init(_ bytes: consuming ByteReader, version: Int16, isFlexible: Bool) {
        self.bytes = bytes
        self.version = version
        self.isFlexible = isFlexible
    }

    @inline(__always)
    mutating func field<V: WireValue>(
        _ name: StaticString, _ value: inout V, _ versions: Versions
    ) throws(WireError) {
        if versions.contains(version) { try value.code(&self) }
    }

    @inline(__always)
    mutating func field<V: WireNullable>(
        _ name: StaticString, _ value: inout V?, _ versions: Versions, nullable: Versions
    ) throws(WireError) {
        guard versions.contains(version) else { return }
        if nullable.contains(version) { return try value.code(&self) }
        var present = V()
        try present.code(&self)
        value = present
    }

    @inline(__always)
    mutating func field(
        _ name: StaticString, _ value: inout RecordsField, _ versions: Versions, nullable: Versions
    ) throws(WireError) {
        guard versions.contains(version) else { return }
        let length = try byteLength()
        if length >= 0 {
            value = .range(try bytes.range(length))
        } else {
            guard nullable.contains(version) else { throw .unexpectedNull }
            value = .null
        }
    }

    @inline(__always)
    mutating func tag<V: WireValue>(
        _ id: UInt32, _ name: StaticString, _ value: inout V, _ versions: Versions, nullable: Versions, isDefault: Bool
    ) throws(WireError) {
        guard id == tag, versions.contains(version) else { return }
        tagIsKnown = true
        try value.code(&self)
    }

    @inline(__always) mutating func int8(_ value: inout Int8) throws(WireError) { value = try bytes.int8() }
    @inline(__always) mutating func int16(_ value: inout Int16) throws(WireError) { value = try bytes.int16() }
    @inline(__always) mutating func int32(_ value: inout Int32) throws(WireError) { value = try bytes.int32() }
    @inline(__always) mutating func int64(_ value: inout Int64) throws(WireError) { value = try bytes.int64() }
    @inline(__always) mutating func uint16(_ value: inout UInt16) throws(WireError) { value = try bytes.uint16() }
    @inline(__always) mutating func uint32(_ value: inout UInt32) throws(WireError) { value = try bytes.uint32() }
    @inline(__always) mutating func double(_ value: inout Double) throws(WireError) { value = try bytes.double() }
    @inline(__always) mutating func uuid(_ value: inout UUID) throws(WireError) { value = try bytes.uuid() }

    /// Kafka takes every byte but zero for true.
    @inline(__always) mutating func bool(_ value: inout Bool) throws(WireError) { value = try bytes.uint8() != 0 }

    mutating func string(_ value: inout String) throws(WireError) {
        let length = try stringLength()
        guard length >= 0 else { throw .unexpectedNull }
        value = try bytes.string(length)
    }

    mutating func string(_ value: inout String?) throws(WireError) {
        let length = try stringLength()
        value = length < 0 ? nil : try bytes.string(length)
    }

    mutating func bytes(_ value: inout [UInt8]) throws(WireError) {
        let length = try byteLength()
        guard length >= 0 else { throw .unexpectedNull }
        value = try bytes.array(length)
    }

    mutating func bytes(_ value: inout [UInt8]?) throws(WireError) {
        let length = try byteLength()
        value = length < 0 ? nil : try bytes.array(length)
    }

    @inline(__always)
    mutating func list<E: WireValue>(_ values: inout [E]) throws(WireError) {
        let count = try byteLength()
        guard count >= 0 else { throw .unexpectedNull }
        try elements(&values, count)
    }

    @inline(__always)
    mutating func list<E: WireValue>(_ values: inout [E]?) throws(WireError) {
        let count = try byteLength()
        guard count >= 0 else {
            values = nil
            return
        }
        var present: [E] = []
        try elements(&present, count)
        values = present
    }

    mutating func structure<S: WireStruct>(_ value: inout S) throws(WireError) {
        try value.fields(&self)
        if isFlexible { try tagSection(&value) }
    }

    mutating func structure<S: WireStruct>(_ value: inout S?) throws(WireError) {
        guard try bytes.int8() >= 0 else {
            value = nil
            return
        }
        var present = S()
        try structure(&present)
        value = present
    }

    private mutating func elements<E: WireValue>(_ values: inout [E], _ count: Int) throws(WireError) {
        // No element is shorter than a byte.
        guard count <= bytes.remaining else { throw .truncated }
        values.removeAll()
        values.reserveCapacity(
            Self.reservation(count: count, bytesLeft: bytes.remaining, stride: MemoryLayout<E>.stride))
        for _ in 0..<count {
            var element = E()
            try element.code(&self)
            values.append(element)
        }
    }

    /// How many elements to make room for at once. Elements can be many times larger in memory than on the wire, and
    /// a count is only a claim.
    @inline(__always)
    static func reservation(count: Int, bytesLeft: Int, stride: Int) -> Int {
        min(count, 2 &* bytesLeft / stride &+ 1)
    }

    /// `(id, size, value)` for each tag. Tags that the table does not know are stepped over.
    private mutating func tagSection<S: WireStruct>(_ value: inout S) throws(WireError) {
        let count = try bytes.unsignedVarint()
        if count == 0 { return }
        let outer = tag
        var previous: UInt32?
        for _ in 0..<count {
            let id = try bytes.unsignedVarint()
            if let previous, previous >= id { throw .invalidTag }
            previous = id
            let size = Int(try bytes.unsignedVarint())
            guard size <= bytes.remaining else { throw .truncated }
            let end = bytes.position &+ size
            tag = id
            tagIsKnown = false
            try value.taggedFields(&self)
            if tagIsKnown {
                guard bytes.position == end else { throw .invalidLength }
            } else {
                try bytes.move(to: end)
            }
        }
        tag = outer
        tagIsKnown = true
    }

    /// A length or count; -1 is null.
    @inline(__always)
    private mutating func byteLength() throws(WireError) -> Int {
        if isFlexible { return Int(try bytes.unsignedVarint()) &- 1 }
        let length = try bytes.int32()
        guard length >= -1 else { throw .invalidLength }
        return Int(length)
    }

    @inline(__always)
    private mutating func stringLength() throws(WireError) -> Int {
        if isFlexible {
            let length = Int(try bytes.unsignedVarint()) &- 1
            guard length <= Self.stringBytesMax else { throw .invalidLength }
            return length
        }
        let length = try bytes.int16()
        guard length >= -1 else { throw .invalidLength }
        return Int(length)
    }
}
