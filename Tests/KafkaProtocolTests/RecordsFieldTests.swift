import Bytes
import KafkaProtocol
import Testing

@Suite struct RecordsFieldTests {
    private func response(_ records: [RecordsField]) -> FetchResponse {
        var topic = FetchResponse.FetchableTopicResponse()
        topic.topic = "orders"
        topic.partitions = records.map { field in
            var partition = FetchResponse.PartitionData()
            partition.records = field
            return partition
        }
        var response = FetchResponse()
        response.responses = [topic]
        return response
    }

    @Test func `external records leave gaps that fill to the same bytes`() throws {
        for version in FetchResponse.versions {
            let records: [UInt8] = Array(repeating: 0x52, count: 200)
            let whole = response([.bytes(records), .null, .bytes([1]), .bytes([])]).encoded(version: version)

            var writer = ByteWriter()
            writer.append([9, 9, 9])
            var gaps: [WireGap] = []
            response([.external(200), .null, .external(1), .external(0)])
                .encode(into: &writer, version: version, gaps: &gaps)
            #expect(gaps.map(\.count) == [200, 1])
            var filled = Array(writer.bytes)
            filled.insert(contentsOf: [1], at: gaps[1].position)
            filled.insert(contentsOf: records, at: gaps[0].position)
            #expect(filled == [9, 9, 9] + whole, "v\(version)")
        }
    }

    @Test func `decoded records say where they lie, counted from the first byte of the reader`() throws {
        let bytes = [7, 7] + response([.bytes([1, 2, 3])]).encoded(version: 12)
        var reader = ByteReader(bytes.span.bytes)
        try reader.skip(2)
        let decoded = try FetchResponse.decode(&reader, version: 12)
        let partition = try #require(decoded.responses.first?.partitions.first)
        guard case .range(let range) = partition.records else { throw WireError.invalidValue }
        #expect(Array(bytes[range]) == [1, 2, 3])
        let isAtEnd = reader.isAtEnd
        #expect(isAtEnd)
    }
}
