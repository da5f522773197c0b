import Bytes
import KafkaModel
import KafkaProtocol
import Testing

@Suite struct HeaderTests {
    private func roundTrip(_ header: RequestHeader) throws -> [UInt8] {
        var writer = ByteWriter()
        header.encode(into: &writer)
        var reader = ByteReader(writer.bytes)
        #expect(try RequestHeader.decode(&reader) == header)
        let isAtEnd = reader.isAtEnd
        #expect(isAtEnd)
        return Array(writer.bytes)
    }

    @Test func `an ordinary request has header 1`() throws {
        let header = RequestHeader(apiKey: 3, apiVersion: 8, correlationId: 258, clientId: "me")
        #expect(try roundTrip(header) == [0, 3, 0, 8, 0, 0, 1, 2, 0, 2, 0x6d, 0x65])
    }

    @Test func `a flexible request has header 2, with the client id still not compact`() throws {
        let header = RequestHeader(apiKey: 3, apiVersion: 9, correlationId: 258, clientId: nil)
        #expect(try roundTrip(header) == [0, 3, 0, 9, 0, 0, 1, 2, 0xff, 0xff, 0])
    }

    @Test func `ControlledShutdown 0 has no client id`() throws {
        #expect(
            try roundTrip(RequestHeader(apiKey: 7, apiVersion: 0, correlationId: 1, clientId: nil)).count == 8)
        #expect(
            try roundTrip(RequestHeader(apiKey: 7, apiVersion: 1, correlationId: 1, clientId: "b")).count == 11)
    }

    @Test func `an unknown key is read with header 1`() throws {
        for key in [Int16(95), 1000, -1] {
            let header = RequestHeader(apiKey: key, apiVersion: 99, correlationId: 1, clientId: "x")
            #expect(try roundTrip(header).count == 11)
        }
    }

    @Test func `a version of ApiVersions from the future still has header 2`() throws {
        let header = RequestHeader(apiKey: 18, apiVersion: 77, correlationId: 1, clientId: "x")
        #expect(try roundTrip(header).count == 12)
    }

    @Test func `tags in a header are stepped over`() throws {
        let bytes: [UInt8] = [0, 3, 0, 9, 0, 0, 0, 1, 0, 0, 1, 4, 2, 0xaa, 0xbb, 0x77]
        var reader = ByteReader(bytes.span.bytes)
        #expect(try RequestHeader.decode(&reader).clientId == "")
        let remaining = reader.remaining
        #expect(remaining == 1)
    }

    @Test func `a header cut at any byte is refused`() {
        let bytes: [UInt8] = [0, 3, 0, 9, 0, 0, 0, 1, 0, 1, 0x61, 1, 4, 2, 0xaa, 0xbb]
        for count in 0..<bytes.count {
            #expect(throws: WireError.truncated) {
                var reader = ByteReader(bytes.span.bytes.extracting(first: count))
                _ = try RequestHeader.decode(&reader)
            }
        }
    }

    @Test func `answers to flexible requests have a tag section, ApiVersions never`() throws {
        for (api, version, size) in [(APIKey.metadata, Int16(8), 4), (.metadata, 9, 5), (.apiVersions, 4, 4)] {
            var writer = ByteWriter()
            ResponseHeader.encode(correlationId: 77, api: api, version: version, into: &writer)
            #expect(writer.count == size)
            var reader = ByteReader(writer.bytes)
            #expect(try ResponseHeader.decode(&reader, api: api, version: version) == 77)
            let isAtEnd = reader.isAtEnd
            #expect(isAtEnd)
        }
    }
}
