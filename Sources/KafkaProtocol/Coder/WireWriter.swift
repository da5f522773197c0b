import Bytes

/// Writes a message. It cannot fail; the values it meets are never changed.
struct WireWriter: WireCoder, ~Copyable {
    typealias Failure = Never

    var bytes: ByteWriter
    var gaps: [WireGap] = []
    let version: Int16
    let isFlexible: Bool
    /// `taggedFields` runs twice: once to count the tags that will be written, once to write them.
    private var isCountingTags = false
    private var tagCount: UInt32 = 0

    init(_ bytes: consuming ByteWriter, version: Int16, isFlexible: Bool) {
        self.bytes = bytes
        self.version = version
        self.isFlexible = isFlexible
    }

    consuming func finish() -> ByteWriter { bytes }

    @inline(__always)
    mutating func field<V: WireValue>(_ name: StaticString, _ value: inout V, _ versions: Versions) {
        if versions.contains(version) { value.code(&self) }
    }

    @inline(__always)
    mutating func field<V: WireNullable>(
        _ name: StaticString, _ value: inout V?, _ versions: Versions, nullable: Versions
    ) {
        guard versions.contains(version) else { return }
        if nullable.contains(version) { return value.code(&self) }
        var present = value ?? V()
        present.code(&self)
    }

    mutating func field(
        _ name: StaticString, _ value: inout RecordsField, _ versions: Versions, nullable: Versions
    ) {
        guard versions.contains(version) else { return }
        switch value {
        case .null:
            length(nullable.contains(version) ? nil : 0)
        case .bytes(let array):
            length(array.count)
            bytes.append(array)
        case .range, .external:
            length(value.count)
            if value.count > 0 { gaps.append(WireGap(position: bytes.count, count: value.count)) }
        }
    }

    @inline(__always)
    mutating func tag<V: WireValue>(
        _ id: UInt32, _ name: StaticString, _ value: inout V, _ versions: Versions, nullable: Versions, isDefault: Bool
    ) {
        guard !isDefault, versions.contains(version) else { return }
        if isCountingTags {
            tagCount &+= 1
            return
        }
        bytes.unsignedVarint(id)
        let start = bytes.count
        value.code(&self)
        insertSize(at: start)
    }

    @inline(__always) mutating func int8(_ value: inout Int8) { bytes.int8(value) }
    @inline(__always) mutating func int16(_ value: inout Int16) { bytes.int16(value) }
    @inline(__always) mutating func int32(_ value: inout Int32) { bytes.int32(value) }
    @inline(__always) mutating func int64(_ value: inout Int64) { bytes.int64(value) }
    @inline(__always) mutating func uint16(_ value: inout UInt16) { bytes.uint16(value) }
    @inline(__always) mutating func uint32(_ value: inout UInt32) { bytes.uint32(value) }
    @inline(__always) mutating func double(_ value: inout Double) { bytes.double(value) }
    @inline(__always) mutating func bool(_ value: inout Bool) { bytes.uint8(value ? 1 : 0) }
    @inline(__always) mutating func uuid(_ value: inout UUID) { bytes.uuid(value) }

    /// An answer may quote what a client sent and so come out longer than a string of the protocol can be: what is too
    /// much is left out, between characters.
    mutating func string(_ value: inout String) {
        if value.utf8.count > Int(Int16.max) { value = value.cut(toBytes: Int(Int16.max)) }
        let count = value.utf8.count
        if isFlexible {
            bytes.unsignedVarint(UInt32(truncatingIfNeeded: count &+ 1))
        } else {
            bytes.int16(Int16(truncatingIfNeeded: count))
        }
        bytes.append(utf8: value)
    }

    mutating func string(_ value: inout String?) {
        if var present = value { return string(&present) }
        if isFlexible { bytes.uint8(0) } else { bytes.int16(-1) }
    }

    mutating func bytes(_ value: inout [UInt8]) {
        length(value.count)
        bytes.append(value)
    }

    mutating func bytes(_ value: inout [UInt8]?) {
        if var present = value { return bytes(&present) }
        length(nil)
    }

    @inline(__always)
    mutating func list<E: WireValue>(_ values: inout [E]) {
        length(values.count)
        // Over copies: an element changed in place would make the array unique first, that is, copy it whole.
        for var element in values { element.code(&self) }
    }

    @inline(__always)
    mutating func list<E: WireValue>(_ values: inout [E]?) {
        if var present = values { return list(&present) }
        length(nil)
    }

    mutating func structure<S: WireStruct>(_ value: inout S) {
        value.fields(&self)
        if isFlexible { tagSection(&value) }
    }

    mutating func structure<S: WireStruct>(_ value: inout S?) {
        guard var present = value else { return bytes.int8(-1) }
        bytes.int8(1)
        structure(&present)
    }

    @inline(__always)
    private mutating func tagSection<S: WireStruct>(_ value: inout S) {
        tagCount = 0
        isCountingTags = true
        value.taggedFields(&self)
        isCountingTags = false
        bytes.unsignedVarint(tagCount)
        if tagCount > 0 { value.taggedFields(&self) }
    }

    /// A tag's size stands before its value and is known only behind it.
    private mutating func insertSize(at start: Int) {
        let size = UInt32(truncatingIfNeeded: bytes.count &- start)
        let room = unsignedVarintSize(size)
        bytes.insertVarint(size, at: start)
        for index in gaps.indices where gaps[index].position >= start { gaps[index].position += room }
    }

    /// The length of bytes or the count of a list; nil is null.
    @inline(__always)
    private mutating func length(_ length: Int?) {
        guard let length else {
            if isFlexible { bytes.uint8(0) } else { bytes.int32(-1) }
            return
        }
        precondition(length < Int(Int32.max), "\(length) bytes or elements do not fit the protocol")
        if isFlexible {
            bytes.unsignedVarint(UInt32(truncatingIfNeeded: length &+ 1))
        } else {
            bytes.int32(Int32(truncatingIfNeeded: length))
        }
    }
}

extension String {
    /// The longest beginning that has at most `limit` bytes and ends between two scalars.
    fileprivate func cut(toBytes limit: Int) -> String {
        var end = utf8.index(startIndex, offsetBy: limit)
        while utf8[end] & 0xc0 == 0x80 { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}
