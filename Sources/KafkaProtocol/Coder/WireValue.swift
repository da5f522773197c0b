public import Bytes

/// What an array of a protocol type can hold. Nearly everything is coded one after the other behind a count; an array
/// of `UInt8` is a byte string.
public protocol WireElement: Sendable {
    static func code<C: WireCoder & ~Copyable & ~Escapable>(
        list: inout [Self], _ wire: inout C
    ) throws(C.Failure)
    static func code<C: WireCoder & ~Copyable & ~Escapable>(
        list: inout [Self]?, _ wire: inout C
    ) throws(C.Failure)
}

/// A value that can stand in a field of a message.
public protocol WireValue: WireElement {
    init()
    mutating func code<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure)
}

/// A value for which the wire has a null.
public protocol WireNullable: WireValue {
    static func code<C: WireCoder & ~Copyable & ~Escapable>(
        nullable value: inout Self?, _ wire: inout C
    ) throws(C.Failure)
}

extension WireValue {
    @inline(__always)
    public static func code<C: WireCoder & ~Copyable & ~Escapable>(
        list: inout [Self], _ wire: inout C
    ) throws(C.Failure) { try wire.list(&list) }

    @inline(__always)
    public static func code<C: WireCoder & ~Copyable & ~Escapable>(
        list: inout [Self]?, _ wire: inout C
    ) throws(C.Failure) { try wire.list(&list) }
}

extension UInt8: WireElement {
    @inline(__always)
    public static func code<C: WireCoder & ~Copyable & ~Escapable>(
        list: inout [UInt8], _ wire: inout C
    ) throws(C.Failure) { try wire.bytes(&list) }

    @inline(__always)
    public static func code<C: WireCoder & ~Copyable & ~Escapable>(
        list: inout [UInt8]?, _ wire: inout C
    ) throws(C.Failure) { try wire.bytes(&list) }
}

extension Int8: WireValue {
    @inline(__always)
    public mutating func code<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.int8(&self)
    }
}

extension Int16: WireValue {
    @inline(__always)
    public mutating func code<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.int16(&self)
    }
}

extension Int32: WireValue {
    @inline(__always)
    public mutating func code<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.int32(&self)
    }
}

extension Int64: WireValue {
    @inline(__always)
    public mutating func code<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.int64(&self)
    }
}

extension UInt16: WireValue {
    @inline(__always)
    public mutating func code<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.uint16(&self)
    }
}

extension UInt32: WireValue {
    @inline(__always)
    public mutating func code<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.uint32(&self)
    }
}

extension Double: WireValue {
    @inline(__always)
    public mutating func code<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.double(&self)
    }
}

extension Bool: WireValue {
    @inline(__always)
    public mutating func code<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.bool(&self)
    }
}

extension UUID: WireValue {
    @inlinable public init() { self = .zero }

    @inline(__always)
    public mutating func code<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.uuid(&self)
    }
}

extension String: WireNullable {
    @inline(__always)
    public mutating func code<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.string(&self)
    }

    @inline(__always)
    public static func code<C: WireCoder & ~Copyable & ~Escapable>(
        nullable value: inout String?, _ wire: inout C
    ) throws(C.Failure) { try wire.string(&value) }
}

extension Array: WireElement, WireValue, WireNullable where Element: WireElement {
    @inline(__always)
    public mutating func code<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try Element.code(list: &self, &wire)
    }

    @inline(__always)
    public static func code<C: WireCoder & ~Copyable & ~Escapable>(
        nullable value: inout [Element]?, _ wire: inout C
    ) throws(C.Failure) { try Element.code(list: &value, &wire) }
}

extension Optional: WireElement, WireValue where Wrapped: WireNullable {
    @inlinable public init() { self = nil }

    @inline(__always)
    public mutating func code<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try Wrapped.code(nullable: &self, &wire)
    }
}
