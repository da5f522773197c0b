import Bytes
import KafkaModel

/// What a fetcher is to do next.
enum FetcherWork {
    case lookUp([PartitionRequest], [OffsetTarget])
    case validate([PartitionRequest])
    case fetch([PartitionRequest])

    var requests: [PartitionRequest] {
        switch self {
        case .lookUp(let requests, _), .validate(let requests), .fetch(let requests): requests
        }
    }
}

/// One partition in a request, as it was when the request was made.
struct PartitionRequest {
    let slot: Int
    let ticket: Int
    let generation: Int
    let partition: TopicPartition
    let topicID: UUID
    let offset: Int64
    let leaderEpoch: Int32
    let fetchedEpoch: Int32

    init(_ slot: Int, _ state: PartitionSlot, ticket: Int) {
        self.slot = slot
        self.ticket = ticket
        generation = state.generation
        partition = state.partition
        topicID = state.topicID
        offset = state.fetchOffset
        leaderEpoch = state.leaderEpoch
        fetchedEpoch = state.fetchedEpoch
    }
}

/// What a fetch brought for one partition.
struct FetchResult {
    enum Outcome {
        case nothing
        /// Whole batches; the next fetch goes on behind the last.
        case records(FetchedStretch, nextOffset: Int64, epoch: Int32)
        /// Another replica is nearer.
        case replica(Int32)
        case failed(ErrorCode)
        case broken(ConsumerError)
    }

    let outcome: Outcome
    var highWatermark: Int64 = -1
    var lastStableOffset: Int64 = -1
    var logStartOffset: Int64 = -1
}
