import Bytes
import Controller
import KafkaModel
import Metadata
import Network
import Posix
import Storage
import Telemetry

/// Which log directory each partition lies in: moving it to another one, and telling the metadata.
extension Broker {
    /// AlterReplicaLogDirs for one partition: what Kafka answers, and a move under way if there is to be one. The
    /// directory where the partition is ends a move to another.
    func move(_ name: TopicPartition, to path: String) -> ErrorCode {
        guard PartitionDirectoryName.future(of: name, id: .zero) != nil else { return .invalidTopicException }
        switch directories.standing(of: path) {
        case .unknown: return .logDirNotFound
        case .offline: return .kafkaStorageError
        case .online: break
        }
        guard let target = homes[path] else { return .kafkaStorageError }
        let topic = topics.snapshot.topic(named: name.topic)
        guard let partition = topic?.partition(name.partition) else {
            if topic?.absence(of: name.partition) == .kafkaStorageError { return .kafkaStorageError }
            // What does not exist yet will be made there.
            directories.prefer(path, for: name)
            return .replicaNotAvailable
        }
        return moveRequests.withLock { move(partition, to: target) }
    }

    private func move(_ partition: Partition, to target: PartitionHome) -> ErrorCode {
        do throws(StorageError) {
            try partition.endMove(unlessTo: target, directories)
        } catch {
            log.error("The copy of \(partition.name) cannot be removed: \(error)")
        }
        let (home, move) = partition.whereabouts
        if home !== target, move == nil, !directories.offlineDirectories.isEmpty {
            // As in Kafka: a copy from before may lie in the directory that is out of service.
            return .kafkaStorageError
        }
        switch partition.beginMove(to: target, directories) {
        case .success(let move):
            if let move { mover.submit(partition, move) }
            return .none
        case .failure(let code): return code == .unknownTopicOrPartition ? .replicaNotAvailable : code
        }
    }

    /// Goes on with the moves that the last run of the broker did not finish.
    func resumeMoves() {
        let topics = topics.snapshot
        for (name, future) in directories.futures.sorted(by: { $0.key < $1.key }) {
            guard let topic = topics.topic(named: name.topic), future.topicID == nil || future.topicID == topic.id
            else {
                log.warn("The copy \(future.directory) is removed: the metadata has no such partition")
                do throws(StorageError) {
                    try directories.removeFuture(name)
                } catch {
                    log.error("The copy \(future.directory) cannot be removed: \(error)")
                }
                continue
            }
            // A partition that is not served, because its own directory is out of service, keeps its copy.
            guard let partition = topic.partition(name.partition) else { continue }
            do throws(StorageError) {
                guard let move = partition.resumeMove(future, to: try home(of: future)) else { continue }
                mover.submit(partition, move)
            } catch {
                log.error("The move of \(name) does not go on: \(error)")
            }
        }
    }

    /// Where a broker has several directories it chooses one itself, and tells the metadata afterwards.
    func recordDirectories(ofGrown topics: [UUID], _ image: ClusterImage) {
        guard image.metadataVersion.assignsDirectories else { return }
        let snapshot = self.topics.snapshot
        let placed = topics.flatMap { id -> [Partition] in
            guard let topic = image.topic(id: id), let served = snapshot.topic(id: id) else { return [] }
            return zip(topic.partitions, served.partitions).compactMap { image, partition in
                image.directories.contains(DirectoryID.unassigned) ? partition : nil
            }
        }
        guard !placed.isEmpty else { return }
        _ = channel.submit(isUrgent: true) { [weak self] in self?.recordDirectories(of: placed) }
    }

    /// Brings the metadata in line with where logs lie (KIP-858), where its version can say so.
    func recordDirectories(of partitions: [Partition]) {
        let ids = directories.directoryIDs
        guard cluster.image.metadataVersion.assignsDirectories else { return }
        let places = partitions.compactMap { partition in
            ids[partition.logDirectory].map { (partition: partition.name, directory: $0) }
        }
        let outcome = cluster.change { image in
            (BrokerChanges.assignDirectories(places, of: id, in: image), ())
        }
        if case .failure(let code) = outcome {
            log.error("The log directories of \(places.count) partitions are not in the metadata: \(code)")
        }
    }
}
