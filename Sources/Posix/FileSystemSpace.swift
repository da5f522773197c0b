import CLinux

/// The room on the file system that holds a path.
public struct FileSystemSpace: Sendable {
    public let total: Int64
    /// What an ordinary process may still use.
    public let usable: Int64

    public init(at path: String) throws(SystemError) {
        var info = statvfs()
        guard statvfs(path, &info) == 0 else { throw SystemError("examine the file system of", path) }
        total = Int64(clamping: UInt64(info.f_blocks) * UInt64(info.f_frsize))
        usable = Int64(clamping: UInt64(info.f_bavail) * UInt64(info.f_frsize))
    }
}
