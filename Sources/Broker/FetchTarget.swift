import Bytes
import KafkaModel

/// One partition that a fetch asks for, found once and kept for as long as the fetch, or its session, lives.
struct FetchTarget {
    let topic: String
    let topicID: UUID
    let usesTopicIDs: Bool
    let index: Int32
    var partition: Partition?
    /// Why there is no partition: the name or the id is unknown.
    var unknown: ErrorCode
    var fetchOffset: Int64
    var maxBytes: Int32
    var currentLeaderEpoch: Int32
    var lastFetchedEpoch: Int32
    var logStartOffset: Int64

    /// What the session last told, so that an incremental answer can leave out what did not change.
    var toldHighWatermark: Int64 = -1
    var toldLogStart: Int64 = -1

    var key: FetchTargetKey { FetchTargetKey(topic: topic, topicID: topicID, index: index) }
}

/// By id where the request names ids, by name where it names names; the other half is empty.
struct FetchTargetKey: Hashable {
    let topic: String
    let topicID: UUID
    let index: Int32
}
