import KafkaModel
import Testing

@Suite struct TopicNameTests {
    @Test func `letters, digits, dots, dashes and underscores are legal`() {
        for name in ["a", "orders.v2-x_Y9", "...", String(repeating: "n", count: 249)] {
            #expect(TopicName.problem(with: name) == nil, "\(name)")
        }
    }

    @Test func `other names are refused with a reason`() {
        for name in ["", ".", "..", "a b", "a/b", "ä", "a\0", String(repeating: "n", count: 250)] {
            #expect(TopicName.problem(with: name) != nil, "\(name)")
        }
    }

    @Test func `names that differ in dots and underscores only collide`() {
        #expect(TopicName.collides("a.b", "a_b") && TopicName.collides("a.b", "a.b"))
        #expect(!TopicName.collides("a.b", "a-b") && !TopicName.collides("a.b", "a.bc"))
    }

    @Test func `Kafka's own topics are internal`() {
        #expect(TopicName.isInternal("__consumer_offsets") && !TopicName.isInternal("__orders"))
    }
}
