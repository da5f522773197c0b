public import Bytes
public import KafkaModel

/// A message that stands alone: a request, a response, or a record that is stored.
///
/// `decode` and `encode` are requirements, although nobody implements them anew: so each message has its own
/// specialised walk in this module, and callers in other modules reach it through the conformance.
public protocol WireMessage: WireStruct {
    static var versions: ClosedRange<Int16> { get }
    /// The first version with compact lengths and tag sections, if any.
    static var flexibleFrom: Int16? { get }

    /// Reads one message and leaves the reader behind it. What follows a request in its frame is to be ignored, as
    /// Kafka does: librdkafka sends a few bytes too many in some.
    static func decode(_ reader: inout ByteReader, version: Int16) throws(WireError) -> Self
    /// Writes the message. `gaps` gains the places where records belong that are sent separately.
    func encode(into writer: inout ByteWriter, version: Int16, gaps: inout [WireGap])
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
    public static func isFlexible(_ version: Int16) -> Bool {
        guard let first = flexibleFrom else { return false }
        return version >= first
    }

    public static func decode(_ reader: inout ByteReader, version: Int16) throws(WireError) -> Self {
        guard versions.contains(version) else { throw .unsupportedVersion }
        var message = Self()
        var wire = WireReader(reader, version: version, isFlexible: isFlexible(version))
        try wire.structure(&message)
        try reader.move(to: wire.bytes.position)
        return message
    }

    /// Reads a message that must fill the bytes to the last, as a stored record does.
    public static func decode(_ bytes: RawSpan, version: Int16) throws(WireError) -> Self {
        var reader = ByteReader(bytes)
        let message = try decode(&reader, version: version)
        guard reader.isAtEnd else { throw .trailingBytes }
        return message
    }

    public func encode(into writer: inout ByteWriter, version: Int16, gaps: inout [WireGap]) {
        precondition(Self.versions.contains(version), "\(Self.self) has no version \(version)")
        var message = self
        var wire = WireWriter(writer, version: version, isFlexible: Self.isFlexible(version))
        wire.structure(&message)
        if !wire.gaps.isEmpty { gaps.append(contentsOf: wire.gaps) }
        writer = wire.finish()
    }

    public func encode(into writer: inout ByteWriter, version: Int16) {
        var gaps: [WireGap] = []
        encode(into: &writer, version: version, gaps: &gaps)
    }

    public func encoded(version: Int16) -> [UInt8] {
        var writer = ByteWriter()
        encode(into: &writer, version: version)
        return Array(writer.bytes)
    }
}
