import Bytes
import KafkaModel
import KafkaRecords
import Posix
import Replication
import Storage
import Synchronization
import Timing

/// A partition that this broker leads: its log, its replica set, the fetches that wait for more and the answers that wait
/// for the device. The lock guards all of them; who waits is told after it is released.
final class Partition: @unchecked Sendable {
    let topic: String
    let topicID: UUID
    let index: Int32
    /// Only the broker itself writes it, and Kafka's administrative clients.
    let isInternal: Bool

    let failures: LogFailures
    let lock = Lock(rank: LockRank.partition)

    // Guarded by `lock`; touched in the files of this type only.
    /// Who flushes the log, and whether its directory has failed.
    var home: PartitionHome
    var log: PartitionLog
    var replicas: ReplicaSet
    var settings: PartitionSettings
    var waiting: [FetchWait] = []
    /// In the order of arrival.
    var waitingAnswers: [(offset: Int64, answer: WaitingAnswer)] = []
    var flushState = FlushState.idle
    var standing = Standing.serving
    /// What is under way with the files of the log beside serving it.
    var maintenance: Maintenance?
    var move: Move?
    /// A cleaning failed, and would again.
    var isUncleanable = false
    /// The last trouble that was told, so that clients who ask again do not fill the log.
    var toldTrouble: String?

    /// Long work looks here whether it must end; set by whoever wants the files.
    let maintenanceEnds = Atomic(false)

    /// The codec of the topic, `CompressionTarget.codecID`: what an append will cost is asked without the lock.
    private let keptCodec: Atomic<Int8>

    /// Whether the log may be touched.
    enum Standing {
        case serving
        /// A crash came before; the log is checked before it is used, see `recover`.
        case unrecovered(@Sendable (PartitionLog) -> ReplicaSet)
        /// The log directory failed; nothing is read or written until a restart.
        case offline
        /// The topic was deleted; who still holds this object answers as if it had never been.
        case deleted
    }

    init(
        _ name: TopicPartition, topicID: UUID, log: PartitionLog, replicas: ReplicaSet, settings: PartitionSettings,
        home: PartitionHome, failures: LogFailures
    ) {
        topic = name.topic
        index = name.partition
        isInternal = TopicName.isInternal(name.topic)
        self.topicID = topicID
        self.home = home
        self.log = log
        keptCodec = Atomic(settings.log.compression.codecID)
        self.replicas = replicas
        self.settings = settings
        self.failures = failures
    }

    var name: TopicPartition { TopicPartition(topic, index) }

    /// The log directory that holds it.
    var logDirectory: String { lock.withLock { home.path } }

    /// What checking a batch, and packing it anew, will cost before it can be appended.
    func admissionNanoseconds(_ batch: RawSpan) -> Int {
        AdmissionCost.nanoseconds(batch, target: CompressionTarget(codecID: keptCodec.load(ordering: .relaxed)))
    }

    func settingsChanged() { keptCodec.store(settings.log.compression.codecID, ordering: .relaxed) }

    /// Where a reader of some isolation may read to, and what the log reaches.
    struct Offsets {
        var logStart: Int64
        var highWatermark: Int64
        var lastStable: Int64
        var logEnd: Int64
        var leaderEpoch: Int32
    }
}

extension Partition {
    typealias Appended = (outcome: Result<AppendResult, AppendRefusal>, milestone: Milestone?)

    /// Appends an admitted batch, writing its offsets and epoch into it in place. With a milestone the answer must not
    /// leave before `hold` lets it go.
    func appendAdmitted(
        _ records: inout MutableRawSpan, _ range: Range<Int>, requiredAcks: Int16, now: Timestamp
    ) -> Appended {
        lock.lock()
        let outcome: Result<AppendResult, AppendRefusal>
        var milestone: Milestone?
        var woken: [FetchWait] = []
        var flusher: Flusher?
        if let refusal = appendRefusal(requiredAcks: requiredAcks) {
            outcome = .failure(refusal)
        } else {
            do throws(AppendRefusal) {
                let result = try log.append(
                    &records, range: range, origin: .admitted, leaderEpoch: replicas.leaderEpoch, now: now)
                if !result.isDuplicate {
                    replicas.leaderAppended(logEndOffset: log.logEndOffset, committableEnd: log.committableEnd)
                }
                // While a flush is demanded nothing new can be read; its end wakes those who wait.
                if log.demandsFlush {
                    if demandFlush() { flusher = home.flusher }
                } else if !result.isDuplicate {
                    swap(&woken, &waiting)
                }
                milestone = self.milestone(of: result, requiredAcks: requiredAcks)
                outcome = .success(result)
            } catch {
                if case .storage(let cause) = error { _ = storageFailed(cause) }
                outcome = .failure(error)
            }
        }
        lock.unlock()
        flusher?.submit(self, .demanded)
        for fetch in woken { fetch.wake() }
        return (outcome, milestone)
    }

    /// What a fetch gets: the batches from `offset` as a region of a file, or why not.
    func read(
        from offset: Int64, maxBytes: Int, minOneBatch: Bool, isolation: Isolation, claimedEpoch: Int32,
        lastFetchedEpoch: Int32
    ) -> PartitionRead {
        lock.lock()
        defer { lock.unlock() }
        if let code = refusalCode ?? epochProblem(claimedEpoch) { return PartitionRead(error: code) }
        do throws(StorageError) {
            var read = PartitionRead(offsets: try offsets())
            if lastFetchedEpoch >= 0, let divergence = try divergence(from: offset, epoch: lastFetchedEpoch) {
                read.divergence = divergence
                return read
            }
            let limit = try limit(for: isolation)
            guard offset >= log.logStartOffset, offset <= log.logEndOffset else {
                read.error = .offsetOutOfRange
                return read
            }
            guard offset < limit, maxBytes > 0 || minOneBatch else { return read }
            read.region = try log.read(
                from: offset, maxBytes: maxBytes, minOneBatch: minOneBatch, upTo: limit
            ).region
            if isolation == .readCommitted, read.region != nil {
                read.abortedTransactions = try log.abortedTransactions(from: offset, upTo: limit)
            }
            return read
        } catch {
            return PartitionRead(error: storageFailed(error))
        }
    }

    /// KIP-320: a reader whose last record came from an epoch that ended earlier here has read a branch that is gone.
    private func divergence(
        from offset: Int64, epoch: Int32
    ) throws(StorageError) -> (epoch: Int32, endOffset: Int64)? {
        guard let end = try end(ofEpoch: epoch) else {
            throw .offsetOutOfRange(requested: offset, start: log.logStartOffset, end: log.logEndOffset)
        }
        guard end.epoch < epoch || end.endOffset < offset else { return nil }
        return end
    }

    /// Puts a fetch on the list of those to wake at the next append. A fetch registers before it reads, so that an
    /// append between the two is not missed.
    func register(_ fetch: FetchWait) {
        lock.withLock { waiting.append(fetch) }
    }

    func deregister(_ fetch: FetchWait) {
        lock.withLock { waiting.removeAll { $0 === fetch } }
    }

    /// Whether what was appended up to the milestone counts.
    func isCommitted(_ milestone: Milestone) -> Bool { lock.withLock { log.committableEnd >= milestone.offset } }

    /// Whether nothing was ever appended, as far as that is known without a look at the files.
    var isNew: Bool {
        lock.withLock {
            if case .serving = standing { log.logEndOffset == 0 } else { false }
        }
    }

    var messageBytesMax: Int { lock.withLock { settings.log.messageBytesMax } }

    /// Nil while the log cannot be used.
    var logStart: Int64? { lock.withLock { refusalCode == nil ? log.logStartOffset : nil } }

    var waitingCount: Int { lock.withLock { waiting.count } }

    func offset(
        for query: OffsetQuery, isolation: Isolation, claimedEpoch: Int32
    ) -> Result<FoundOffset, ErrorCode> {
        lock.lock()
        defer { lock.unlock() }
        if let code = refusalCode ?? epochProblem(claimedEpoch) { return .failure(code) }
        do throws(StorageError) {
            let limit = try limit(for: isolation)
            switch query {
            case .earliest:
                let epoch = try log.leaderEpochs.epoch(at: log.logStartOffset) ?? -1
                return .success(FoundOffset(offset: log.logStartOffset, timestamp: .none, leaderEpoch: epoch))
            case .latest:
                return .success(FoundOffset(offset: limit, timestamp: .none, leaderEpoch: replicas.leaderEpoch))
            case .maxTimestamp:
                guard let found = try log.maxTimestampOffset(), found.offset < limit else { return .success(.nothing) }
                return .success(FoundOffset(found) ?? .nothing)
            case .atOrAfter(let timestamp):
                guard let found = try log.offset(forTimestamp: timestamp.milliseconds), found.offset < limit else {
                    return .success(.nothing)
                }
                return .success(FoundOffset(found) ?? .nothing)
            }
        } catch {
            return .failure(storageFailed(error))
        }
    }

    func endOffset(forEpoch epoch: Int32, claimedEpoch: Int32) -> Result<(epoch: Int32, endOffset: Int64), ErrorCode> {
        lock.lock()
        defer { lock.unlock() }
        if let code = refusalCode ?? epochProblem(claimedEpoch) { return .failure(code) }
        if epoch == replicas.leaderEpoch { return .success((epoch, log.logEndOffset)) }
        do throws(StorageError) {
            return .success(try end(ofEpoch: epoch) ?? (-1, -1))
        } catch {
            return .failure(storageFailed(error))
        }
    }

    /// Where an epoch ended and which epoch wrote its last record. The log knows only epochs that wrote something: one
    /// that came after all of them and before this leader's ended where it began.
    private func end(ofEpoch epoch: Int32) throws(StorageError) -> (epoch: Int32, endOffset: Int64)? {
        if let known = try log.endOffset(forEpoch: epoch) { return known }
        guard epoch >= 0, epoch < replicas.leaderEpoch else { return nil }
        return (try log.leaderEpochs.latest?.epoch ?? epoch, log.logEndOffset)
    }

    /// Moves the log start up to `offset`; -1 means the high watermark. Returns the new log start.
    func deleteRecords(before offset: Int64) -> Result<Int64, ErrorCode> {
        lock.lock()
        defer { lock.unlock() }
        if let code = refusalCode { return .failure(code) }
        let target = offset == -1 ? replicas.highWatermark : offset
        // What is compacted keeps the last value of each key; nobody but the compactor takes it away.
        guard settings.log.cleanupPolicy.contains(.delete) else { return .failure(.policyViolation) }
        guard target >= 0, target <= replicas.highWatermark else { return .failure(.offsetOutOfRange) }
        do throws(StorageError) {
            if target > log.logStartOffset { try log.advanceLogStart(to: target) }
            return .success(log.logStartOffset)
        } catch {
            return .failure(storageFailed(error))
        }
    }

    func producers() -> Result<ProducerStateTable, ErrorCode> {
        lock.lock()
        defer { lock.unlock() }
        if let code = refusalCode { return .failure(code) }
        do throws(StorageError) {
            return .success(try log.producers)
        } catch {
            return .failure(storageFailed(error))
        }
    }

    private func offsets() throws(StorageError) -> Offsets {
        let lastStable = try log.lastStableOffset(highWatermark: replicas.highWatermark)
        return Offsets(
            logStart: log.logStartOffset, highWatermark: replicas.highWatermark, lastStable: lastStable,
            logEnd: log.logEndOffset, leaderEpoch: replicas.leaderEpoch)
    }

    private func limit(for isolation: Isolation) throws(StorageError) -> Int64 {
        switch isolation {
        case .readUncommitted: replicas.highWatermark
        case .readCommitted: try log.lastStableOffset(highWatermark: replicas.highWatermark)
        case .logEnd: log.logEndOffset
        }
    }

    /// Why the partition cannot be used. Whoever asks means to use it.
    var refusalCode: ErrorCode? {
        switch standing {
        case .serving: home.health.hasFailed ? .kafkaStorageError : nil
        case .unrecovered(let replicas): home.health.hasFailed ? .kafkaStorageError : recover(replicas)
        case .offline: .kafkaStorageError
        case .deleted: .unknownTopicOrPartition
        }
    }

    /// -1 means the client does not know the epoch and takes any.
    private func epochProblem(_ claimed: Int32) -> ErrorCode? {
        if claimed < 0 || claimed == replicas.leaderEpoch { return nil }
        return claimed < replicas.leaderEpoch ? .fencedLeaderEpoch : .unknownLeaderEpoch
    }

    /// Why nothing may be appended at the moment, whatever it is. The caller holds the lock.
    func appendRefusal(requiredAcks: Int16) -> AppendRefusal? {
        if let code = refusalCode { return AppendRefusal(code) }
        guard requiredAcks == -1, case .notEnough(let inSync, let required) = sufficiency else { return nil }
        let message = "The ISR of \(name) has \(inSync) members, min.insync.replicas is \(required)."
        return .refused(.notEnoughReplicas, message: message, recordIndex: nil)
    }

    private var sufficiency: ReplicaSet.Sufficiency {
        replicas.sufficiency(minInSync: settings.minInSyncReplicas)
    }

    func storageFailed(_ error: StorageError, _ home: PartitionHome? = nil) -> ErrorCode {
        let home = home ?? self.home
        tell(error)
        if error.endsDirectory { home.health.fail() }
        failures.report(error, directory: home.path)
        if case .offsetOutOfRange = error { return .offsetOutOfRange }
        return .kafkaStorageError
    }
}
