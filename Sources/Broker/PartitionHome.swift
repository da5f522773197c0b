import Storage

/// The log directory that a partition lies in, as far as the partition has to know it: who flushes there and whether it
/// has failed. All partitions of a directory share one; a partition that moves gets another.
final class PartitionHome: Sendable {
    let path: String
    let health: DirectoryHealth
    let flusher: Flusher

    init(path: String, health: DirectoryHealth, flusher: Flusher) {
        self.path = path
        self.health = health
        self.flusher = flusher
    }
}
