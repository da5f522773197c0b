public import Bytes

/// One walk over a message in wire order. A message is a table of `field` and `tag` lines; who walks it decides what
/// happens: `WireReader` fills the fields from bytes, `WireWriter` writes them, `JSONPrinter` prints them,
/// `SchemaPrinter` lists the table itself and `RandomFiller` makes values up.
///
/// Everything that depends on the version or on the flexible encoding (compact lengths, tag sections) is the
/// walker's affair, so that a table says nothing but the facts of the specification.
public protocol WireCoder: ~Copyable, ~Escapable {
    /// `Never` for all that cannot meet bad bytes.
    associatedtype Failure: Error

    mutating func field<V: WireValue>(
        _ name: StaticString, _ value: inout V, _ versions: Versions
    ) throws(Failure)

    /// A field that may be null in some of its versions. Where it may not, nil is written as the empty value.
    mutating func field<V: WireNullable>(
        _ name: StaticString, _ value: inout V?, _ versions: Versions, nullable: Versions
    ) throws(Failure)

    mutating func field(
        _ name: StaticString, _ value: inout RecordsField, _ versions: Versions, nullable: Versions
    ) throws(Failure)

    /// A tagged field. It takes room only when it differs from its default; tables list tags in ascending order.
    mutating func tag<V: WireValue>(
        _ id: UInt32, _ name: StaticString, _ value: inout V, _ versions: Versions, nullable: Versions, isDefault: Bool
    ) throws(Failure)

    mutating func int8(_ value: inout Int8) throws(Failure)
    mutating func int16(_ value: inout Int16) throws(Failure)
    mutating func int32(_ value: inout Int32) throws(Failure)
    mutating func int64(_ value: inout Int64) throws(Failure)
    mutating func uint16(_ value: inout UInt16) throws(Failure)
    mutating func uint32(_ value: inout UInt32) throws(Failure)
    mutating func double(_ value: inout Double) throws(Failure)
    mutating func bool(_ value: inout Bool) throws(Failure)
    mutating func uuid(_ value: inout UUID) throws(Failure)

    mutating func string(_ value: inout String) throws(Failure)
    mutating func string(_ value: inout String?) throws(Failure)
    mutating func bytes(_ value: inout [UInt8]) throws(Failure)
    mutating func bytes(_ value: inout [UInt8]?) throws(Failure)
    mutating func list<E: WireValue>(_ values: inout [E]) throws(Failure)
    mutating func list<E: WireValue>(_ values: inout [E]?) throws(Failure)

    /// The fields of a structure and, in flexible versions, its tag section.
    mutating func structure<S: WireStruct>(_ value: inout S) throws(Failure)
    mutating func structure<S: WireStruct>(_ value: inout S?) throws(Failure)
}

extension WireCoder where Self: ~Copyable & ~Escapable {
    @inline(__always)
    public mutating func tag<V: WireValue & Equatable>(
        _ id: UInt32, _ name: StaticString, _ value: inout V, _ versions: Versions, default: V
    ) throws(Failure) {
        let isDefault = value == `default`
        try tag(id, name, &value, versions, nullable: .none, isDefault: isDefault)
    }

    /// A tagged list or byte string; the default is the empty one.
    @inline(__always)
    public mutating func tag<E: WireElement>(
        _ id: UInt32, _ name: StaticString, _ value: inout [E], _ versions: Versions
    ) throws(Failure) {
        let isDefault = value.isEmpty
        try tag(id, name, &value, versions, nullable: .none, isDefault: isDefault)
    }

    /// A tagged field that may be null; the default is null.
    @inline(__always)
    public mutating func tag<V: WireNullable>(
        _ id: UInt32, _ name: StaticString, _ value: inout V?, _ versions: Versions, nullable: Versions
    ) throws(Failure) {
        let isDefault = value == nil
        try tag(id, name, &value, versions, nullable: nullable, isDefault: isDefault)
    }
}
