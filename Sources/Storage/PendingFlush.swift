import Posix

/// What must be flushed so that a log is safe up to an offset. It holds what it needs, so that it can run without the
/// lock of the log.
public struct PendingFlush: Sendable {
    /// Everything below is on the device once this has run.
    public let endOffset: Int64
    let truncations: Int
    let disk: Disk
    var logs: [OpenFile] = []
    /// Other files and directories, by path.
    var files: [String] = []
    var directories: [String] = []
    var leaderEpochs: (path: String, text: String)?

    /// Waits for the device. A failure is final: the log, and its directory, must not be used any more.
    public func run() throws(StorageError) {
        for log in logs { try io(try log.synchronizeData()) }
        for file in files where disk.exists(file) {
            do throws(SystemError) {
                try disk.synchronize(file)
            } catch {
                // A segment that was removed, or compacted, which flushed what took its place.
                guard error.errno == .noSuchFile else { throw .io(error) }
            }
        }
        if let leaderEpochs {
            // Without room the old file stays, and with it the old recovery point.
            try undoing { () throws(StorageError) in
                try io(try disk.replaceContents(of: leaderEpochs.path, with: Array(leaderEpochs.text.utf8)))
            }
        }
        for directory in directories { try io(try disk.synchronizeDirectory(directory)) }
    }
}
