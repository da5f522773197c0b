import CLinux
import Glibc
import Synchronization

/// An open file that closes itself when the last holder lets go. Reads and writes name their position, so several
/// threads may share one.
public final class OpenFile: Sendable {
    public let descriptor: CInt
    public let path: String
    private let disk: Disk
    private let isLocked = Atomic(false)

    init(descriptor: CInt, path: String, disk: Disk) {
        self.descriptor = descriptor
        self.path = path
        self.disk = disk
    }

    deinit {
        // A child that was forked and has not yet become another program holds this opening too: closing alone would
        // leave the lock with it.
        if isLocked.load(ordering: .relaxed) {
            _ = linux_unlock_file(descriptor)
            flock(descriptor, LOCK_UN)
        }
        close(descriptor)
    }

    /// Reads until the buffer is full or the file ends; returns how many bytes came.
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(SystemError) -> Int {
        var done = 0
        while done < buffer.count {
            let count = pread(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset) + done)
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemError("read", path)
            }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// The bytes from `offset`, as many as the file has, at most `count`.
    public func read(count: Int, at offset: Int64) throws(SystemError) -> [UInt8] {
        var failure: SystemError?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(SystemError) {
                filled = try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
            } catch {
                failure = error
                filled = 0
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// The bytes that come next, at most `count`, where there is no position to read at. None at the end.
    func next(_ count: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        while true {
            let got = Glibc.read(descriptor, &bytes, count)
            if got >= 0 { return Array(bytes.prefix(got)) }
            if errno != EINTR { throw SystemError("read", path) }
        }
    }

    /// Writes all of `bytes`. When it throws, a part may be in the file: the caller must cut it off.
    public func write(_ bytes: RawSpan, at offset: Int64) throws(SystemError) {
        try disk.check(.write(path: path, offset: offset, count: bytes.byteCount))
        let failure = bytes.withUnsafeBytes { buffer -> SystemError? in
            var done = 0
            while done < buffer.count {
                let start = buffer.baseAddress! + done
                let count = pwrite(descriptor, start, buffer.count - done, off_t(offset) + done)
                if count < 0 {
                    if errno == EINTR { continue }
                    return SystemError("write to", path)
                }
                done += count
            }
            return nil
        }
        if let failure { throw failure }
    }

    public func write(_ bytes: [UInt8], at offset: Int64) throws(SystemError) {
        try write(bytes.span.bytes, at: offset)
    }

    public var size: Int64 {
        get throws(SystemError) {
            var info = stat()
            guard fstat(descriptor, &info) == 0 else { throw SystemError("examine", path) }
            return Int64(info.st_size)
        }
    }

    public func truncate(to size: Int64) throws(SystemError) {
        try disk.check(.truncate(path: path, size: size))
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw SystemError("truncate", path) }
    }

    /// Data, and as much of the metadata as is needed to read it back, is on the device when this returns.
    public func synchronizeData() throws(SystemError) {
        try disk.check(.synchronize(path: path))
        guard fdatasync(descriptor) == 0 else { throw SystemError("flush", path) }
    }

    public func synchronize() throws(SystemError) {
        try disk.check(.synchronize(path: path))
        guard fsync(descriptor) == 0 else { throw SystemError("flush", path) }
    }

    /// Reserves blocks without changing the size that readers see.
    public func preallocate(_ count: Int64) throws(SystemError) {
        guard linux_fallocate_keep_size(descriptor, 0, off_t(count)) == 0 else {
            throw SystemError("preallocate", path)
        }
    }

    /// Tells the kernel that reads will jump about, so that it does not read megabytes ahead for each.
    public func adviseRandomAccess() { _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_RANDOM) }
    public func adviseSequentialAccess() { _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL) }

    /// Lets the kernel begin to write a part to the device, so that a later flush has less to wait for. It promises
    /// nothing. A count of 0 means up to the end.
    public func startWriteback(from offset: Int64, count: Int64) {
        _ = linux_start_writeback(descriptor, off_t(offset), off_t(count))
    }

    /// When the file counts as last written, in milliseconds since 1970.
    public func setModificationTime(_ milliseconds: Int64) throws(SystemError) {
        let (seconds, rest) = max(0, milliseconds).quotientAndRemainder(dividingBy: 1000)
        let time = timespec(tv_sec: Int(seconds), tv_nsec: Int(rest) * 1_000_000)
        let times = [time, time]
        guard futimens(descriptor, times) == 0 else { throw SystemError("set the time of", path) }
    }

    /// Takes the whole file for this opening of it, or tells that somebody else has it, be it a Java program.
    public func tryLock() -> Bool {
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return false }
        isLocked.store(true, ordering: .relaxed)
        return linux_lock_file(descriptor) == 0
    }

    /// Whether somebody else has the file locked, as `tryLock` or a Java program does it. Nothing is locked to find out.
    public var isLockedElsewhere: Bool { linux_file_is_locked(descriptor) == 1 }
}

/// A part of a file, ready to be sent. It keeps the file open, so the file may be deleted meanwhile.
public struct FileRegion: Sendable {
    public let file: OpenFile
    public var offset: Int64
    public var count: Int

    public init(file: OpenFile, offset: Int64, count: Int) {
        self.file = file
        self.offset = offset
        self.count = count
    }
}
