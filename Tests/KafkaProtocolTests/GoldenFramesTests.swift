import Bytes
import KafkaModel
import KafkaProtocol
import Testing

@Suite struct GoldenFramesTests {
    @Test func `all recorded exchanges are there`() {
        #expect(GoldenFrame.all.count == 318)
        #expect(Set(GoldenFrame.all.map(\.api)).count == 47)
    }

    @Test func `recorded requests come back byte for byte`() throws {
        var withTail: [String] = []
        for frame in GoldenFrame.all {
            let row = try #require(APIKey(rawValue: frame.api).map(APITable.row))
            let type = try #require(row.request, "\(frame.testDescription)")
            var reader = ByteReader(frame.request.span.bytes)
            let header = try RequestHeader.decode(&reader)
            #expect(header.apiKey == frame.api && header.apiVersion == frame.version)
            let start = reader.position
            _ = try type.decode(&reader, version: frame.version)
            let tail = Array(frame.request[reader.position...])
            if !tail.isEmpty { withTail.append("\(row.name) of \(frame.client)") }

            var writer = ByteWriter()
            header.encode(into: &writer)
            let body = Array(frame.request[start..<frame.request.count - tail.count])
            let again = Array(writer.bytes) + (try type.recoded(body, version: frame.version)) + tail
            #expect(again == frame.request, "\(frame.testDescription)")
        }
        // Kafka ignores what stands behind a request, and librdkafka sends some.
        let known =
            [String](repeating: "AlterUserScramCredentials of librdkafka", count: 2) + ["Metadata of librdkafka"]
        #expect(withTail.sorted() == known)
    }

    @Test func `recorded responses come back byte for byte`() throws {
        for frame in GoldenFrame.all where !frame.response.isEmpty {
            let row = try #require(APIKey(rawValue: frame.api).map(APITable.row))
            let type = try #require(row.response, "\(frame.testDescription)")
            var reader = ByteReader(frame.response.span.bytes)
            let correlation = try ResponseHeader.decode(&reader, api: row.key, version: frame.version)
            let body = Array(frame.response[reader.position...])

            var writer = ByteWriter()
            ResponseHeader.encode(correlationId: correlation, api: row.key, version: frame.version, into: &writer)
            let again = Array(writer.bytes) + (try type.recoded(body, version: frame.version))
            #expect(again == frame.response, "\(frame.testDescription)")
        }
    }

    @Test func `recorded messages print as JSON`() throws {
        for frame in GoldenFrame.all {
            let row = try #require(APIKey(rawValue: frame.api).map(APITable.row))
            let type = try #require(row.request)
            var reader = ByteReader(frame.request.span.bytes)
            _ = try RequestHeader.decode(&reader)
            let text = try type.decode(&reader, version: frame.version).jsonDescription(version: frame.version)
            #expect(JSONValue(parsing: text) != nil, "\(text)")
        }
    }
}
