/// A structure of the protocol: its ordinary fields in wire order, and its tagged fields in ascending order.
///
/// There is no synthesized `Equatable` on messages; comparing them is for tests, which compare the encoded bytes, and
/// it would lengthen the compilation by half. Only structures that stand in a tagged field have it, because a tag is
/// written when its value differs from the default.
public protocol WireStruct: WireNullable {
    mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure)
    mutating func taggedFields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure)
}

extension WireStruct {
    @inline(__always)
    public mutating func taggedFields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {}

    @inline(__always)
    public mutating func code<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.structure(&self)
    }

    @inline(__always)
    public static func code<C: WireCoder & ~Copyable & ~Escapable>(
        nullable value: inout Self?, _ wire: inout C
    ) throws(C.Failure) { try wire.structure(&value) }
}
