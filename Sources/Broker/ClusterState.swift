import Controller
import KafkaModel
import Metadata
import Posix
import Telemetry

/// The cluster's metadata as this broker knows it, and the only door through which it changes. A change is decided on
/// the image of the moment, written to the store, published, and made real in the partitions before the next one is
/// decided and before anybody is told that it happened.
final class ClusterState: Sendable {
    /// Makes a change real: creates and deletes logs, takes over settings.
    typealias Applier = @Sendable (_ records: [MetadataRecord], _ before: ClusterImage, _ after: ClusterImage) -> Void

    private struct Follower {
        var apply: Applier?
        var storeFailed: (@Sendable (String) -> Void)?
    }

    private let changing = Lock(rank: LockRank.metadataChange)
    private let store: EmbeddedStore
    private let follower = Guarded(Follower())
    private let log: Log

    init(store: EmbeddedStore, log: Log) {
        self.store = store
        self.log = log
    }

    var image: ClusterImage { store.image }

    /// Waits for a change that is being written.
    var quorum: QuorumDescription { store.quorum }

    func setApplier(_ body: @escaping Applier) { follower.withLock { $0.apply = body } }

    /// Whom to tell that the store takes no more changes.
    func whenStoreFails(_ body: @escaping @Sendable (_ reason: String) -> Void) {
        follower.withLock { $0.storeFailed = body }
    }

    /// Runs something between two changes.
    func betweenChanges(_ body: () -> Void) { changing.withLock { body() } }

    /// Decides, writes and applies one change. `decide` gives the records and what to answer; with no records nothing
    /// is written. A store that cannot be written any more refuses this change and all that follow.
    func change<Answer>(
        _ decide: (ClusterImage) -> (records: [MetadataRecord], answer: Answer)
    ) -> Result<Answer, ErrorCode> {
        changing.lock()
        defer {
            changing.unlock()
            // Also after a change that went well: the snapshot behind it may have failed.
            if let failure = store.failure { follower.withLock { $0 }.storeFailed?(failure) }
        }
        let before = image
        let decision = decide(before)
        guard !decision.records.isEmpty else { return .success(decision.answer) }
        do throws(MetadataError) {
            let after = try store.commit(decision.records)
            follower.withLock { $0 }.apply?(decision.records, before, after)
            return .success(decision.answer)
        } catch {
            log.error("The metadata could not be changed: \(error)")
            return .failure(.kafkaStorageError)
        }
    }

    /// A block of producer ids that nobody had before.
    func reserveProducerIDs(for broker: BrokerID) -> Result<Range<Int64>, ErrorCode> {
        change { image -> (records: [MetadataRecord], answer: Result<Range<Int64>, ErrorCode>) in
            let epoch = image.brokers[broker]?.epoch ?? -1
            do throws(Refusal) {
                let (ids, records) = try ProducerIDBlocks.allocate(to: broker, epoch: epoch, in: image)
                return (records, .success(ids))
            } catch {
                return ([], .failure(error.code))
            }
        }.flatMap { $0 }
    }
}
