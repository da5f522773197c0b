public import Bytes
import KafkaModel

/// What stands in front of every request. Its own version follows from the key and version it carries: 2, with a tag
/// section, for flexible requests, else 1; ControlledShutdown 0 had a header without a client id.
public struct RequestHeader: Sendable, Equatable {
    public var apiKey: Int16
    public var apiVersion: Int16
    /// The client's number for this request; the answer repeats it.
    public var correlationId: Int32
    public var clientId: String?

    public init(apiKey: Int16, apiVersion: Int16, correlationId: Int32, clientId: String?) {
        self.apiKey = apiKey
        self.apiVersion = apiVersion
        self.correlationId = correlationId
        self.clientId = clientId
    }

    private var hasClientId: Bool { apiKey != APIKey.controlledShutdown.rawValue || apiVersion != 0 }

    /// Reads the header and leaves the reader at the first byte of the request. A key that is not known has header 1.
    public static func decode(_ reader: inout ByteReader) throws(WireError) -> RequestHeader {
        var header = RequestHeader(
            apiKey: try reader.int16(), apiVersion: try reader.int16(), correlationId: try reader.int32(),
            clientId: nil)
        guard header.hasClientId else { return header }
        // Never compact, so that a broker can read it before it knows anything of the version.
        let length = Int(try reader.int16())
        guard length >= -1 else { throw .invalidLength }
        if length >= 0 { header.clientId = try reader.string(length) }
        if APITable.isFlexible(key: header.apiKey, version: header.apiVersion) { try reader.skipTags() }
        return header
    }

    public func encode(into writer: inout ByteWriter) {
        writer.int16(apiKey)
        writer.int16(apiVersion)
        writer.int32(correlationId)
        guard hasClientId else { return }
        if let clientId {
            precondition(clientId.utf8.count <= Int(Int16.max), "a client id too long for the protocol")
            writer.int16(Int16(clientId.utf8.count))
            writer.append(utf8: clientId)
        } else {
            writer.int16(-1)
        }
        if APITable.isFlexible(key: apiKey, version: apiVersion) { writer.unsignedVarint(0) }
    }
}

extension ByteReader {
    /// Steps over a tag section of which no tag is known.
    @_lifetime(self: copy self)
    mutating func skipTags() throws(WireError) {
        var previous: UInt32?
        for _ in 0..<(try unsignedVarint()) {
            let id = try unsignedVarint()
            if let previous, previous >= id { throw .invalidTag }
            previous = id
            try skip(Int(try unsignedVarint()))
        }
    }
}
