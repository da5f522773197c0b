import Bytes
public import KafkaModel
import Posix
import Synchronization

/// Logs that nobody owns.
extension LogDirectories {
    /// Takes a log out of service whose topic the metadata does not have, without losing a byte: its directory is
    /// renamed to `<topic>-<n>.<id>-stray` and stays. Returns the new name.
    public func setAside(_ partition: TopicPartition) throws(StorageError) -> String? {
        guard let log = state.withLock({ $0.logs[partition] }) else { return nil }
        let path = Self.parent(of: log.directory)
        let deletion = PartitionDirectoryName.deletion(of: partition, id: .random())
        let target = path + "/" + deletion.dropLast("-delete".count) + "-stray"
        log.retire()
        _ = try onDirectory(path) { directory throws(StorageError) in
            try io(try directory.disk.rename(log.directory, to: target))
        }
        state.withLock { $0.logs[partition] = nil }
        return target
    }
}
