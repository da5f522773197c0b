import KafkaModel
import Testing

@Suite struct APIKeyTests {
    @Test func `95 keys without holes`() {
        #expect(APIKey.allCases.map(\.rawValue) == Array(0...94))
    }

    @Test func `names are those of the protocol`() {
        #expect(APIKey.produce.name == "Produce")
        #expect(APIKey.offsetForLeaderEpoch.name == "OffsetForLeaderEpoch")
        #expect(APIKey.saslHandshake.name == "SaslHandshake")
        #expect(APIKey(rawValue: 95) == nil)
    }
}
