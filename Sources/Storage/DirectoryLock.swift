public import Posix

/// The lock of a data directory, as a broker takes it, for tools that change what is in it. It is held as long as this
/// value lives.
public struct DirectoryLock: Sendable {
    private let file: OpenFile

    public init(_ path: String, disk: Disk) throws(StorageError) { file = try LogDirectory.lock(path, disk) }
}
