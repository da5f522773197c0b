/// Long work on the files of a partition that goes on without its lock, beside serving it. There is one at a time:
/// whoever finds one under way looks again later, or ends it by `Partition.endMaintenance` where he cannot wait.
enum Maintenance {
    /// Compaction copies closed segments and will put the copies in their place.
    case cleaning
    /// The partition is copied to another log directory.
    case moving
}
