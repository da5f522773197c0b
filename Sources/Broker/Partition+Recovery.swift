import KafkaModel
import Posix
import Replication
import Storage
import Telemetry

/// A log that a crash left unchecked: it is checked when somebody first wants it, or by `Recovery` before.
extension Partition {
    /// Makes the partition wait for its first use. `replicas` makes the replica set anew once the end of the log is known.
    func awaitRecovery(_ replicas: @escaping @Sendable (PartitionLog) -> ReplicaSet) {
        lock.withLock { standing = .unrecovered(replicas) }
    }

    /// Checks the log and takes up service, under the lock. Returns what to answer when that fails.
    func recover(_ replicas: (PartitionLog) -> ReplicaSet) -> ErrorCode? {
        do throws(StorageError) {
            try log.load()
        } catch {
            return storageFailed(error)
        }
        self.replicas = replicas(log)
        standing = .serving
        return nil
    }

    /// Names damage once in the broker's log. What ends the whole directory is told there; a mistake of a reader is none.
    func tell(_ error: StorageError) {
        if case .offsetOutOfRange = error { return }
        guard !error.endsDirectory, toldTrouble != error.description else { return }
        toldTrouble = error.description
        Log("Broker").error("Partition \(name): \(error)")
    }

    var isUnrecovered: Bool {
        lock.withLock { if case .unrecovered = standing { true } else { false } }
    }

    /// Returns false when there was nothing to do.
    func recoverUnused() -> Bool {
        lock.lock()
        defer { lock.unlock() }
        guard case .unrecovered = standing else { return false }
        if refusalCode == nil { log.releaseFiles() }
        return true
    }
}
