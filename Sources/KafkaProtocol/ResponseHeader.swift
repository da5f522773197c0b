public import Bytes
public import KafkaModel

/// What stands in front of every response: the correlation id and, for flexible requests, a tag section. ApiVersions
/// never has the tag section, because its reader may not yet know what the broker speaks.
public enum ResponseHeader {
    public static func encode(correlationId: Int32, api: APIKey, version: Int16, into writer: inout ByteWriter) {
        writer.int32(correlationId)
        if hasTags(api, version) { writer.uint8(0) }
    }

    public static func decode(
        _ reader: inout ByteReader, api: APIKey, version: Int16
    ) throws(WireError) -> Int32 {
        let correlationId = try reader.int32()
        if hasTags(api, version) { try reader.skipTags() }
        return correlationId
    }

    private static func hasTags(_ api: APIKey, _ version: Int16) -> Bool {
        api != .apiVersions && APITable.isFlexible(key: api.rawValue, version: version)
    }
}
