import CLinux
import Glibc

/// What a program does to a disk that a crash or a fault can interrupt.
public enum DiskOperation: Hashable, Sendable {
    case create(path: String)
    case write(path: String, offset: Int64, count: Int)
    case truncate(path: String, size: Int64)
    case synchronize(path: String)
    case rename(from: String, to: String)
    case remove(path: String)
    case makeDirectory(path: String)
}

/// The way to files and directories. In the product it is the kernel; a test gives an `interceptor`, which sees each
/// operation before it happens and may fail it, or end the world there, to prove what a restart finds.
public struct Disk: Sendable {
    public typealias Interceptor = @Sendable (DiskOperation) throws(SystemError) -> Void

    private let interceptor: Interceptor?

    public static let real = Disk(interceptor: nil)

    public init(interceptor: Interceptor?) { self.interceptor = interceptor }

    @inline(__always) func check(_ operation: @autoclosure () -> DiskOperation) throws(SystemError) {
        if let interceptor { try interceptor(operation()) }
    }

    public enum Mode: Sendable {
        case read
        /// Reading and writing; created when missing.
        case readWrite
        /// Reading and writing; emptied, or created when missing.
        case replace
    }

    public func open(_ path: String, _ mode: Mode) throws(SystemError) -> OpenFile {
        let flags: CInt
        switch mode {
        case .read: flags = O_RDONLY
        case .readWrite: flags = O_RDWR | O_CREAT
        case .replace: flags = O_RDWR | O_CREAT | O_TRUNC
        }
        if mode != .read { try check(.create(path: path)) }
        while true {
            let descriptor = linux_open(path, flags, 0o644)
            if descriptor >= 0 { return OpenFile(descriptor: descriptor, path: path, disk: self) }
            if errno != EINTR { throw SystemError("open", path) }
        }
    }

    public func rename(_ source: String, to target: String) throws(SystemError) {
        try check(.rename(from: source, to: target))
        guard Glibc.rename(source, target) == 0 else { throw SystemError("rename to \(target)", source) }
    }

    /// Gives a file a second name, on the same file system.
    public func link(_ source: String, as name: String) throws(SystemError) {
        try check(.create(path: name))
        guard Glibc.link(source, name) == 0 else { throw SystemError("link to \(name)", source) }
    }

    public func remove(_ path: String) throws(SystemError) {
        try check(.remove(path: path))
        guard unlink(path) == 0 || errno == ENOENT else { throw SystemError("remove", path) }
    }

    public func removeDirectory(_ path: String) throws(SystemError) {
        try check(.remove(path: path))
        guard rmdir(path) == 0 || errno == ENOENT else { throw SystemError("remove directory", path) }
    }

    /// A directory with all that is in it, depth first. Of a symbolic link only the link goes.
    public func removeTree(_ path: String) throws(SystemError) {
        guard !isSymbolicLink(path) else { return try remove(path) }
        for entry in try list(path) {
            let child = path + "/" + entry.name
            if entry.isDirectory { try removeTree(child) } else { try remove(child) }
        }
        try removeDirectory(path)
    }

    /// Creates a directory; that it exists already is no error.
    public func makeDirectory(_ path: String) throws(SystemError) {
        try check(.makeDirectory(path: path))
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw SystemError("create directory", path) }
    }

    /// A directory with all missing parents.
    public func makeDirectories(_ path: String) throws(SystemError) {
        guard !exists(path) else { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeDirectories(String(path[..<slash]))
        }
        try makeDirectory(path)
    }

    public func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    public func isDirectory(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }

    public func isSymbolicLink(_ path: String) -> Bool {
        var info = stat()
        return lstat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFLNK
    }

    /// How large a file is and when it was last written, in milliseconds since 1970.
    public func information(_ path: String) throws(SystemError) -> (size: Int64, modifiedMs: Int64) {
        var info = stat()
        guard stat(path, &info) == 0 else { throw SystemError("examine", path) }
        return (Int64(info.st_size), Int64(info.st_mtim.tv_sec) * 1000 + Int64(info.st_mtim.tv_nsec) / 1_000_000)
    }

    public struct Entry: Sendable {
        public let name: String
        /// Also of a symbolic link to a directory.
        public let isDirectory: Bool
    }

    /// What a directory holds, without `.` and `..`, in no particular order.
    public func list(_ path: String) throws(SystemError) -> [Entry] {
        guard let stream = opendir(path) else { throw SystemError("list", path) }
        defer { closedir(stream) }
        var entries: [Entry] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            let type = entry.pointee.d_type
            let mustLook = type == UInt8(DT_UNKNOWN) || type == UInt8(DT_LNK)
            let isDirectory = type == UInt8(DT_DIR) || (mustLook && self.isDirectory(path + "/" + name))
            entries.append(Entry(name: name, isDirectory: isDirectory))
        }
        return entries
    }

    /// Makes names that were created, renamed or removed in a directory survive a power cut.
    public func synchronizeDirectory(_ path: String) throws(SystemError) {
        try check(.synchronize(path: path))
        let descriptor = linux_open(path, O_RDONLY | O_DIRECTORY, 0)
        guard descriptor >= 0 else { throw SystemError("open directory", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw SystemError("flush directory", path) }
    }

    /// Flushes a file that nobody has open.
    public func synchronize(_ path: String) throws(SystemError) {
        try open(path, .read).synchronize()
    }

    /// Flushes the whole file system that holds a directory: when very many files are dirty, that is far quicker than
    /// one by one. Linux tells failures here since 5.8.
    public func synchronizeFileSystem(of directory: String) throws(SystemError) {
        try check(.synchronize(path: directory))
        let descriptor = linux_open(directory, O_RDONLY | O_DIRECTORY, 0)
        guard descriptor >= 0 else { throw SystemError("open directory", directory) }
        defer { close(descriptor) }
        guard linux_syncfs(descriptor) == 0 else { throw SystemError("flush the file system of", directory) }
    }

    /// The whole of a small file.
    public func contents(of path: String) throws(SystemError) -> [UInt8] {
        let file = try open(path, .read)
        return try file.read(count: Int(try file.size), at: 0)
    }

    /// Everything up to the end of a file, a pipe or a device, which may not know its size: `/dev/stdin`, what a shell
    /// makes of `<(command)`. More than `limit` bytes are refused.
    public func stream(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
        let file = try open(path, .read)
        var bytes: [UInt8] = []
        while true {
            let part = try file.next(4096)
            guard !part.isEmpty else { return bytes }
            bytes += part
            guard bytes.count <= limit else { throw SystemError("read", path, Errno(EFBIG)) }
        }
    }

    /// Like `replaceContents`, but safe only against the end of this process until somebody flushes.
    public func exchangeContents(of path: String, with bytes: [UInt8]) throws(SystemError) {
        try exchangeContents(of: path, with: bytes, flushing: false)
    }

    private func exchangeContents(of path: String, with bytes: [UInt8], flushing: Bool) throws(SystemError) {
        let temporary = path + ".tmp"
        let file = try open(temporary, .replace)
        try file.write(bytes, at: 0)
        if flushing { try file.synchronize() }
        try rename(temporary, to: path)
    }

    /// Replaces a small file so that a crash leaves the old contents or the new, never a mixture: written beside it
    /// as `.tmp`, flushed, renamed, and the directory flushed.
    public func replaceContents(of path: String, with bytes: [UInt8]) throws(SystemError) {
        try exchangeContents(of: path, with: bytes, flushing: true)
        if let slash = path.lastIndex(of: "/") { try synchronizeDirectory(String(path[..<slash])) }
    }
}
