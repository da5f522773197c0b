import Bytes
import KafkaModel
import KafkaRecords
import Timing

/// Records of one partition that are sent together, and who wants to know what became of them.
///
/// Guarded by the lock of the producer while it is in a queue. While it is on the wire it belongs to the sender's thread,
/// and its bytes do not move.
final class ProducerBatch: @unchecked Sendable {
    typealias Callback = @Sendable (Result<RecordMetadata, ProducerError>) -> Void

    var records: GrowingBatch
    unowned(unsafe) var queue: PartitionQueue
    /// Its place among the batches of its partition. It stays the same however often it is sent.
    var ordinal: Int64
    /// How many places behind `ordinal` belong to it, should it be split.
    var ordinalSpan: Int64
    var created: Instant
    /// What `flush` counts by.
    var generation: Int
    /// The bytes of `buffer.memory` it holds.
    var reservedBytes: Int
    /// The topic's id at the time the batch went out: the sender reads it without the lock, and the answer goes by it.
    var topicID = UUID.zero
    /// No batch of it grows beyond this.
    var bytesMax: Int
    var attempts = 0
    /// When it may be sent again.
    var retryAt: Instant?
    /// It takes no more records.
    var isClosed = false
    /// Somebody waits for it: it does not linger.
    var isUrgent = false
    /// Its outcome was told.
    var isReported = false
    var isOnWire = false
    /// Set when it is first sent by an idempotent producer.
    var identity: ProducerIdentity?
    var baseSequence: Int32 = -1
    /// Its header has to be written before it is sent.
    var needsSignature = true
    /// What the callers gave along with their records: one a record, or none at all.
    var tokens: [UInt64] = []
    var callbacks: [(index: Int, callback: Callback)] = []

    init(_ queue: PartitionQueue, capacity: Int) {
        self.queue = queue
        records = GrowingBatch(capacity: capacity)
        ordinal = 0
        ordinalSpan = 0
        created = Instant(nanoseconds: 0)
        generation = 0
        reservedBytes = 0
        bytesMax = capacity
    }

    /// Makes it a new one.
    func reset(_ queue: PartitionQueue, keepingAtMost limit: Int) {
        self.queue = queue
        records.clear(keepingAtMost: limit)
        attempts = 0
        retryAt = nil
        isClosed = false
        isUrgent = false
        isReported = false
        isOnWire = false
        identity = nil
        baseSequence = -1
        needsSignature = true
        tokens.removeAll(keepingCapacity: true)
        callbacks.removeAll(keepingCapacity: true)
    }

    var recordCount: Int { records.recordCount }
}

/// Whom an idempotent producer is known as to brokers.
struct ProducerIdentity: Equatable, Sendable {
    var id: Int64
    var epoch: Int16
}

/// The batches of one partition: those that wait, and those that were sent and not answered for good. Guarded by the lock
/// of the producer.
final class PartitionQueue {
    unowned(unsafe) let topic: TopicQueue
    let index: Int32
    /// -1 where nobody leads it.
    var leader: Int32 = -1
    var leaderEpoch: Int32 = -1

    /// In the order of their ordinals; only the last may still grow.
    private(set) var waiting: [ProducerBatch] = []
    private var head = 0
    /// Sent at least once and without an outcome, in the order of their ordinals, whether waiting again or on the wire.
    var unresolved: [ProducerBatch] = []
    var onWireCount = 0
    var isActive = false

    /// With which identity and number the next batch goes out.
    var identity: ProducerIdentity?
    var nextSequence: Int32 = 0
    /// A batch with a number failed, so the broker may wait for a number that does not come: when those behind it are
    /// done, the numbers begin anew.
    var hasLostSequence = false
    /// The broker does not take the numbers as they are: when nothing is on the wire they begin anew.
    var mustRenumber = false

    init(_ topic: TopicQueue, _ index: Int32) {
        self.topic = topic
        self.index = index
    }

    var partition: TopicPartition { TopicPartition(topic.name, index) }
    var count: Int { waiting.count - head }
    var isEmpty: Bool { head == waiting.count }
    var first: ProducerBatch? { head < waiting.count ? waiting[head] : nil }
    var last: ProducerBatch? { isEmpty ? nil : waiting[waiting.count - 1] }
    var batches: ArraySlice<ProducerBatch> { waiting[head...] }

    func append(_ batch: ProducerBatch) { waiting.append(batch) }

    func removeFirst() -> ProducerBatch {
        let batch = waiting[head]
        head += 1
        if head == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 64, head * 2 >= waiting.count {
            waiting.removeFirst(head)
            head = 0
        }
        return batch
    }

    /// Puts a batch back where its ordinal belongs.
    func insert(_ batch: ProducerBatch) {
        var place = head
        while place < waiting.count, waiting[place].ordinal <= batch.ordinal { place += 1 }
        waiting.insert(batch, at: place)
    }

    func insertUnresolved(_ batch: ProducerBatch) {
        var place = unresolved.count
        while place > 0, unresolved[place - 1].ordinal > batch.ordinal { place -= 1 }
        unresolved.insert(batch, at: place)
    }

    /// Gives the batches without an outcome numbers from 0 on, under another identity.
    func renumber(_ identity: ProducerIdentity) {
        self.identity = identity
        nextSequence = 0
        mustRenumber = false
        hasLostSequence = false
        for batch in unresolved { number(batch) }
    }

    func number(_ batch: ProducerBatch) {
        batch.identity = identity
        batch.baseSequence = nextSequence
        batch.needsSignature = true
        nextSequence = BatchHeader.sequence(nextSequence, advancedBy: Int32(truncatingIfNeeded: batch.recordCount))
    }
}

/// A topic that is sent to. Guarded by the lock of the producer.
final class TopicQueue {
    let name: String
    var id: UUID
    /// Those the cluster told of, and behind them what it no longer has.
    var partitions: [PartitionQueue] = []
    var partitionCount = 0
    var chooser: PartitionChooser
    var learned: Instant
    /// When somebody sent to it last.
    var used: Instant
    /// Nobody used it for so long that it is not asked about any more. Whoever sends to it asks first. The numbers of its
    /// partitions live on, since brokers count on from them.
    var isForgotten = false
    /// The size of batches after compression, as a share of before.
    var compressionRatio = 1.0

    init(_ name: String, id: UUID, chooser: PartitionChooser, learned: Instant) {
        self.name = name
        self.id = id
        self.chooser = chooser
        self.learned = learned
        used = learned
    }

    /// As Kafka estimates it: quick to expect worse, slow to expect better.
    func observe(compressionRatio observed: Double) {
        compressionRatio =
            observed > compressionRatio
            ? max(compressionRatio + 0.05, observed) : max(compressionRatio - 0.005, observed)
    }
}
