import KafkaModel
import KafkaProtocol
import Testing

@Suite struct APITableTests {
    @Test func `every key has its row, in order`() {
        #expect(APITable.rows.map(\.key) == APIKey.allCases)
        #expect(APITable.rows.map { Int($0.key.rawValue) } == Array(0...94))
        for key in APIKey.allCases { #expect(APITable.row(key).key == key) }
    }

    @Test func `request and response have the same versions`() throws {
        for row in APITable.rows {
            guard let request = row.request, let response = row.response else { continue }
            #expect(request.versions == response.versions && request.flexibleFrom == response.flexibleFrom)
            #expect(String(describing: request) == row.name + "Request")
            #expect(String(describing: response) == row.name + "Response")
        }
    }

    @Test func `Produce is announced from version 0`() {
        #expect(APITable.row(.produce).versions == 0...13)
    }

    @Test func `versions that are not stable yet are left out`() {
        #expect(APITable.row(.initProducerId).versions == 0...5)
    }

    @Test func `handshakes that come before the versions are known are never flexible`() {
        #expect(!APITable.row(.saslHandshake).isFlexible(1))
        #expect(!APITable.row(.offsetDelete).isFlexible(0))
        #expect(APITable.row(.apiVersions).isFlexible(3))
    }

    @Test func `metadata records have the numbers of the log`() {
        let types = MessageType.ofMetadata.map { $0.recordType }
        #expect(Set(types).count == types.count)
        #expect(TopicRecord.recordType == 2 && PartitionRecord.recordType == 3 && NoOpRecord.recordType == 20)
    }
}
