import Bytes

/// One line of a message's table, as the specification would list it.
public struct SchemaField: Sendable, Equatable {
    /// The names from the message down, such as `Topics.Partitions.LeaderEpoch`.
    public let path: String
    /// The specification's word: `int32`, `string`, `[]FetchTopic`.
    public let type: String
    public let versions: Versions
    public let nullable: Versions
    public let tag: UInt32?
}

extension SchemaField: CustomStringConvertible {
    public var description: String {
        var text = "\(path): \(type) \(versions)"
        if nullable != .none { text += " nullable \(nullable)" }
        if let tag { text += " tag \(tag)" }
        return text
    }
}

/// Lists the table of a message itself: every field of every version, in wire order, the tagged ones last.
struct SchemaPrinter: WireCoder {
    typealias Failure = Never

    let version: Int16 = 0
    private(set) var fields: [SchemaField] = []
    private var path: [String] = []
    /// The type of the value that was visited last.
    private var type = ""

    init() {}

    mutating func field<V: WireValue>(_ name: StaticString, _ value: inout V, _ versions: Versions) {
        add(name, &value, versions, nullable: .none, tag: nil)
    }

    mutating func field<V: WireNullable>(
        _ name: StaticString, _ value: inout V?, _ versions: Versions, nullable: Versions
    ) {
        var present = V()
        add(name, &present, versions, nullable: nullable, tag: nil)
    }

    mutating func field(
        _ name: StaticString, _ value: inout RecordsField, _ versions: Versions, nullable: Versions
    ) {
        let path = (path + [String(describing: name)]).joined(separator: ".")
        fields.append(SchemaField(path: path, type: "records", versions: versions, nullable: nullable, tag: nil))
    }

    mutating func tag<V: WireValue>(
        _ id: UInt32, _ name: StaticString, _ value: inout V, _ versions: Versions, nullable: Versions, isDefault: Bool
    ) {
        precondition(isDefault, "a tag's default differs from that of its property: \(name)")
        add(name, &value, versions, nullable: nullable, tag: id)
    }

    private mutating func add<V: WireValue>(
        _ name: StaticString, _ value: inout V, _ versions: Versions, nullable: Versions, tag: UInt32?
    ) {
        path.append(String(describing: name))
        let index = fields.count
        fields.append(
            SchemaField(path: path.joined(separator: "."), type: "", versions: versions, nullable: nullable, tag: tag))
        value.code(&self)
        fields[index] = SchemaField(
            path: fields[index].path, type: type, versions: versions, nullable: nullable, tag: tag)
        path.removeLast()
    }

    mutating func int8(_ value: inout Int8) { type = "int8" }
    mutating func int16(_ value: inout Int16) { type = "int16" }
    mutating func int32(_ value: inout Int32) { type = "int32" }
    mutating func int64(_ value: inout Int64) { type = "int64" }
    mutating func uint16(_ value: inout UInt16) { type = "uint16" }
    mutating func uint32(_ value: inout UInt32) { type = "uint32" }
    mutating func double(_ value: inout Double) { type = "float64" }
    mutating func bool(_ value: inout Bool) { type = "bool" }
    mutating func uuid(_ value: inout UUID) { type = "uuid" }
    mutating func string(_ value: inout String) { type = "string" }
    mutating func string(_ value: inout String?) { type = "string" }
    mutating func bytes(_ value: inout [UInt8]) { type = "bytes" }
    mutating func bytes(_ value: inout [UInt8]?) { type = "bytes" }

    mutating func list<E: WireValue>(_ values: inout [E]) {
        var element = E()
        element.code(&self)
        type = "[]" + type
    }

    mutating func list<E: WireValue>(_ values: inout [E]?) {
        var present: [E] = []
        list(&present)
    }

    mutating func structure<S: WireStruct>(_ value: inout S) {
        value.fields(&self)
        value.taggedFields(&self)
        type = String(describing: S.self)
    }

    mutating func structure<S: WireStruct>(_ value: inout S?) {
        var present = S()
        structure(&present)
    }
}

extension WireMessage {
    /// The table of the message, for tests and for people.
    @_semantics("optimize.sil.specialize.generic.never")
    @inline(never)
    public static var schema: [SchemaField] {
        var message = Self()
        var printer = SchemaPrinter()
        printer.structure(&message)
        return printer.fields
    }
}
