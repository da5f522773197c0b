import Bytes
import Configuration
import KafkaModel
import Metadata
import Network
import Posix
import Storage
import Telemetry
import Timing

/// Upkeep of the logs: what is done at the start, again and again, at a failure and at the end.
extension Broker {
    var upkeepTasks: [Upkeep.Task] {
        let current = configuration
        let delay = current.initialTaskDelay
        // All checkpoint files are written together, as often as the most frequent of them asks for.
        let checkpoints =
            [current.highWatermarkInterval, current.recoveryPointInterval, current.logStartOffsetInterval]
            .filter { $0 > .zero }.min() ?? .seconds(5)
        return [
            Upkeep.Task("retention", every: current.retentionCheckInterval, after: delay) { [weak self] in
                self?.enforceRetention()
            },
            Upkeep.Task("flush", every: min(current.flushCheckInterval, .seconds(5)), after: .seconds(5)) {
                [weak self] in self?.flushWhatIsDue()
            },
            Upkeep.Task("deletion", every: .seconds(5), after: .seconds(5)) { [weak self] in
                self?.unlinkDeleted()
            },
            Upkeep.Task("open files", every: .seconds(5), after: .seconds(5)) { [weak self] in
                self?.closeUnusedFiles()
            },
            Upkeep.Task("checkpoints", every: checkpoints, after: checkpoints) { [weak self] in
                self?.writeCheckpoints()
            },
            Upkeep.Task(
                "producers", every: current.producerIDExpirationInterval, after: current.producerIDExpirationInterval
            ) { [weak self] in self?.expireProducers() },
            Upkeep.Task(
                "group offsets", every: current.groups.offsetRetentionCheckInterval,
                after: current.groups.offsetRetentionCheckInterval
            ) { [weak self] in self?.groups.expire() },
        ]
    }

    /// Serves what the metadata says, and sets aside logs that it does not have.
    func serveImage() {
        let image = cluster.image
        serve(image.topics, image, isStart: true)
        for (name, log) in directories.partitions where image.partition(name) == nil {
            do throws(StorageError) {
                let reason = "the metadata has no such partition (topic id \(log.topicID?.description ?? "unknown"))"
                try setAside(name, reason)
            } catch {
                self.log.error("The log of \(name) cannot be set aside: \(error)")
            }
        }
    }

    /// Checks what a crash left unchecked; nil when there is nothing.
    var recovery: Recovery? {
        let partitions = topics.partitions.filter(\.isUnrecovered)
        guard !partitions.isEmpty else { return nil }
        let threads = configuration.recoveryThreadsPerDirectory * configuration.logDirectories.count
        return Recovery(partitions, threads: max(1, threads), clock: clock, log: log)
    }

    private func enforceRetention() {
        let now = clock.timestamp
        let spared: Set<DeletedSegments.Reason> = isTimeTrusted(now) ? [] : [.time]
        for partition in topics.partitions {
            partition.upkeepOfSegments { log, highWatermark throws(StorageError) in
                for deleted in try log.deleteExpired(now: now, highWatermark: highWatermark, except: spared) {
                    self.log.info(
                        "\(partition.name): deleting \(deleted.baseOffsets.count) segments of \(deleted.bytes) bytes "
                            + "from offset \(deleted.baseOffsets.first ?? 0) because of \(deleted.reason)")
                }
            }
        }
    }

    private func isTimeTrusted(_ wall: Timestamp) -> Bool {
        switch clockWatch.withLock({ $0.look(now: clock.now, wall: wall) }) {
        case .trusted: return true
        case .doubted: return false
        case .jumped(let ahead):
            log.warn(
                "The clock is \(ahead.wholeMilliseconds / 1000) s ahead of where it should be: for an hour no records are "
                    + "deleted for their age, so that it can be put right")
            return false
        case .trustedAgain:
            log.info("Records are deleted for their age again")
            return true
        }
    }

    private func unlinkDeleted() {
        let now = clock.timestamp
        for partition in topics.partitions {
            partition.upkeep { log, _ throws(StorageError) in
                if log.nextDeletion != nil { try log.deleteScheduled(now: now) }
            }
        }
        do throws(StorageError) {
            try directories.deleteScheduled(now: now)
        } catch {
            log.error("A deleted partition cannot be removed: \(error)")
        }
    }

    /// So many logs that merely rest are flushed at a time, so that flushes that are due need not wait for them.
    private static let restingFlushesMax = 200

    private func flushWhatIsDue() {
        let now = clock.timestamp
        var resting = Self.restingFlushesMax
        for partition in topics.partitions {
            if partition.flushWhatIsDue(now: now, includingResting: resting > 0) == .resting { resting -= 1 }
        }
    }

    /// Half of the files that may be open are for logs, the rest for connections and what comes and goes. Each log in
    /// use has one open; with fewer logs than a quarter of the limit there is nothing to watch.
    private func closeUnusedFiles() {
        let partitions = topics.partitions
        guard partitions.count > openFilesMax / 4 else { return }
        let open = partitions.reduce(0) { $0 + $1.openFileCount }
        closeFiles(open > openFilesMax / 2 ? .tight : .none)
    }

    func closeFiles(_ need: PartitionLog.FileNeed) {
        for partition in topics.partitions { partition.releaseUnusedFiles(need) }
    }

    private func expireProducers() {
        let now = clock.timestamp
        for partition in topics.partitions {
            partition.upkeep { log, _ in log.removeExpiredProducers(now: now) }
        }
    }

    func writeCheckpoints() {
        directories.writeCheckpoints { name, log in
            // Looked up for each log: one that is served since a moment ago is guarded by its partition's lock.
            topics.snapshot.topic(named: name.topic)?.partition(name.partition)?.checkpoint(of: log)
                ?? log.checkpoint(highWatermark: log.checkpointedHighWatermark)
        }
    }

    /// A directory that failed is out of service at once and for good; the other ones go on. Without the one with the
    /// metadata log, or without any, the broker is of no use.
    func directoryFailed(_ path: String, _ error: StorageError) {
        directories.takeOffline(path, reason: error.description)
        for partition in topics.partitions where partition.logDirectory == path { partition.retire(as: .offline) }
        for partition in topics.partitions { partition.moveTargetFailed(path) }
        let metadata = configuration.metadataLogDirectory
        if metadata == path || metadata == path + "/" {
            return doomed("the metadata log dir \(path) has failed: \(error)")
        }
        if directories.onlineDirectories.isEmpty {
            return doomed("all log dirs in \(directories.paths.joined(separator: ", ")) have failed")
        }
        // From now on they count as partitions that cannot be used, which is what metadata tells.
        cluster.betweenChanges {
            let topics = topics.snapshot.byName.values.filter { topic in
                topic.partitions.contains { $0?.logDirectory == path }
            }
            self.topics.replace(topics.map { $0.withoutPartitions(in: path) })
            serveGroups()
        }
    }

    func closeLogs() {
        let topics = topics.snapshot
        directories.shutDownCleanly(brokerEpoch: cluster.image.brokers[id]?.epoch ?? -1) { name, log in
            topics.topic(named: name.topic)?.partition(name.partition)?.checkpoint(of: log).highWatermark
                ?? log.logEndOffset
        }
    }

    func registerGauges() {
        groups.registerGauges(metrics)
        metrics.gauge("skafka_partitions", help: "Partitions that this broker serves.") { [weak self] in
            Double(self?.topics.partitions.count ?? 0)
        }
        metrics.gauge("skafka_topics", help: "Topics of the cluster.") { [weak self] in
            Double(self?.cluster.image.topicCount ?? 0)
        }
        metrics.gauge("skafka_fetch_sessions", help: "Incremental fetch sessions.") { [weak self] in
            Double(self?.fetchSessions.count ?? 0)
        }
        metrics.gauge("skafka_request_queue", help: "Requests that wait for a request thread.") { [weak self] in
            Double(self?.channel.depth ?? 0)
        }
        metrics.gauge("skafka_offline_log_directories", help: "Log directories that failed.") { [weak self] in
            Double(self?.directories.offlineDirectories.count ?? 0)
        }
    }
}
