public import KafkaModel
import Posix

/// How far each log is compacted: `cleaner-offset-checkpoint` in each directory.
extension LogDirectories {
    /// The first offset that the last cleaning of a log left alone; nil if it never was compacted.
    public func cleanedOffset(of partition: TopicPartition) -> Int64? {
        state.withLock { state in
            guard let log = state.logs[partition] else { return nil }
            let path = Self.parent(of: log.directory)
            return state.directories.first { $0.path == path }?.cleanedOffsets[partition]
        }
    }

    /// To be called before a log is compacted: a start after a crash must know that the gaps below `offset` are none
    /// that a power cut has torn, even where the topic is no longer compacted then.
    public func raiseRecoveryPoint(of partition: TopicPartition, to offset: Int64) throws(StorageError) {
        guard let log = self[partition] else { return }
        try onDirectory(Self.parent(of: log.directory)) { directory throws(StorageError) in
            try directory.raiseRecoveryPoint(of: partition, to: offset)
        }
    }

    /// Notes how far a log is compacted; nil forgets it, so that the next cleaning begins at the start. It is on the
    /// device when this returns.
    public func noteCleaned(_ partition: TopicPartition, upTo offset: Int64?) throws(StorageError) {
        guard let log = self[partition] else { return }
        try onDirectory(Self.parent(of: log.directory)) { directory throws(StorageError) in
            try directory.noteCleaned(partition, upTo: offset)
        }
    }
}
