public import Bytes
public import KafkaModel

/// A message that stands alone: a request, a response, or a record that is stored.
///
/// `read` and `write` are requirements, although nobody implements them anew, and `decode` and `encode` only call
/// them: so each message's conformance holds walks that are specialised here, once, and the other modules need not
/// specialise the tables again. (Without it they did so by halves, at four times the cost of a walk.)
public protocol WireMessage: WireStruct {
    static var versions: ClosedRange<Int16> { get }
    /// The first version with compact lengths and tag sections, if any.
    static var flexibleFrom: Int16? { get }

    static func read(_ reader: inout ByteReader, version: Int16) throws(WireError) -> Self
    func write(into writer: inout ByteWriter, version: Int16, gaps: inout [WireGap])
}

/// A request and what answers it.
public protocol RequestMessage: WireMessage {
    associatedtype Response: WireMessage
    static var api: APIKey { get }
}

/// A record of the metadata log. `recordType` tells its kind in the frame around it.
public protocol MetadataMessage: WireMessage {
    static var recordType: UInt16 { get }
}

extension WireMessage {
    @inlinable public static func isFlexible(_ version: Int16) -> Bool {
        guard let first = flexibleFrom else { return false }
        return version >= first
    }

    /// Reads one message and leaves the reader behind it. What follows a request in its frame is to be ignored, as
    /// Kafka does: librdkafka sends a few bytes too many in some.
    @inlinable public static func decode(_ reader: inout ByteReader, version: Int16) throws(WireError) -> Self {
        try read(&reader, version: version)
    }

    /// Reads a message that must fill the bytes to the last, as a stored record does.
    @inlinable public static func decode(_ bytes: RawSpan, version: Int16) throws(WireError) -> Self {
        var reader = ByteReader(bytes)
        let message = try read(&reader, version: version)
        guard reader.isAtEnd else { throw .trailingBytes }
        return message
    }

    /// Writes the message. `gaps` gains the places where records belong that are sent separately.
    @inlinable public func encode(into writer: inout ByteWriter, version: Int16, gaps: inout [WireGap]) {
        write(into: &writer, version: version, gaps: &gaps)
    }

    @inlinable public func encode(into writer: inout ByteWriter, version: Int16) {
        var gaps: [WireGap] = []
        write(into: &writer, version: version, gaps: &gaps)
    }

    @inlinable public func encoded(version: Int16) -> [UInt8] {
        var writer = ByteWriter()
        encode(into: &writer, version: version)
        return Array(writer.bytes)
    }
}

extension WireMessage {
    @_semantics("optimize.no.crossmodule")
    public static func read(_ reader: inout ByteReader, version: Int16) throws(WireError) -> Self {
        guard versions.contains(version) else { throw .unsupportedVersion }
        var message = Self()
        var wire = WireReader(reader, version: version, isFlexible: isFlexible(version))
        try wire.structure(&message)
        try reader.move(to: wire.bytes.position)
        return message
    }

    @_semantics("optimize.no.crossmodule")
    public func write(into writer: inout ByteWriter, version: Int16, gaps: inout [WireGap]) {
        precondition(Self.versions.contains(version), "\(Self.self) has no version \(version)")
        var message = self
        var wire = WireWriter(writer, version: version, isFlexible: Self.isFlexible(version))
        wire.structure(&message)
        if !wire.gaps.isEmpty { gaps.append(contentsOf: wire.gaps) }
        writer = wire.finish()
    }
}
