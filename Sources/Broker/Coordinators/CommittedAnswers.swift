import KafkaModel

/// What one event of a shard has to say once the records that it rests on are committed.
final class CommittedAnswers: Sendable {
    /// Takes the failure, if what was waited for is lost.
    typealias Delivery = @Sendable (ErrorCode?) -> Void

    private let deliveries: [Delivery]

    init(_ deliveries: [Delivery]) { self.deliveries = deliveries }

    func settle(_ failure: ErrorCode?) {
        for deliver in deliveries { deliver(failure) }
    }
}
