import KafkaModel
import Timing

/// What the threads of a consumer share, behind one lock: the partitions, what was fetched and not yet taken, and what went
/// wrong. It is a value that knows no socket and no clock; its events are told what happened and when.
struct ConsumerState {
    let limits: Limits
    let reset: OffsetReset
    var slots: [PartitionSlot] = []
    /// With which slot the next Fetch begins.
    var firstSlot = 0
    var numbers: [TopicPartition: Int] = [:]
    /// What was fetched of partitions that are not paused.
    var ready = StretchQueue()
    /// The bytes of what is ready or in the application's hands; what is aside counts for its partition alone.
    var queuedBytes = 0
    /// The end of all fetching; the application gets it when it has taken what was fetched before.
    var failure: ConsumerError?
    var notices: [ConsumerNotice] = []
    /// Notices are given once, until what they are about comes right.
    var noticed: Set<String> = []
    /// Somebody learned that leaders have changed.
    var wantsMetadata = true
    /// The application sleeps until something comes.
    var isAwaited = false
    /// Brokers whose fetchers ended, since nothing was left to fetch there.
    var retired: Set<Int32> = []
    var isClosed = false
    /// The thread of the group has something for the application.
    var groupHasNews = false

    struct Limits {
        /// Fetched bytes per partition that the application has not taken, from which on no more is asked for.
        var partitionQueueBytes = 2 << 20
        /// The same for all partitions together.
        var queueBytes = 16 << 20
        /// How long a nearer replica is believed to be one.
        var replicaAge = Duration.seconds(300)
    }

    static let noticesMax = 100

    init(reset: OffsetReset, limits: Limits = Limits()) {
        self.reset = reset
        self.limits = limits
    }

    /// There is something for the application.
    var hasNews: Bool { !ready.isEmpty || failure != nil || !notices.isEmpty || groupHasNews }

    mutating func fail(_ error: ConsumerError) { if failure == nil { failure = error } }

    mutating func note(_ notice: ConsumerNotice, about subject: String) {
        guard notices.count < Self.noticesMax, noticed.insert(subject).inserted else { return }
        notices.append(notice)
    }
}
