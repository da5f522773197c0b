import Glibc
import Posix

/// A directory of its own for one test, removed with everything in it when the test ends.
public final class TemporaryDirectory: Sendable {
    public let path: String

    /// - Parameter parent: `/dev/shm` for tests whose flushes need not reach a disk.
    public init(in parent: String = "/tmp") {
        var template = Array("\(parent)/skafka-test.XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { preconditionFailure("no temporary directory: \(Errno.last)") }
        path = String(cString: made)
    }

    deinit { try? Disk.real.removeTree(path) }

    public func file(_ name: String) -> String { path + "/" + name }
}
