import KafkaModel
import Testing

@Suite struct IdentifiersTests {
    @Test func `partitions read as topic and number and sort by number within a topic`() {
        #expect(TopicPartition("orders", 3).description == "orders-3")
        #expect(TopicPartition("orders", 9) < TopicPartition("orders", 10))
        #expect(TopicPartition("a", 10) < TopicPartition("b", 0))
    }

    @Test func `no broker is minus one`() {
        #expect(BrokerID.none.rawValue == -1 && BrokerID(3).description == "3" && BrokerID(3) < BrokerID(4))
    }
}
