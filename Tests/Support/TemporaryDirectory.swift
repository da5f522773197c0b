import Glibc
import Posix

/// A directory of its own for one test, removed with everything in it when the test ends.
public final class TemporaryDirectory: Sendable {
    public let path: String

    public init() {
        var template = Array("/tmp/skafka-test.XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { preconditionFailure("no temporary directory: \(Errno.last)") }
        path = String(cString: made)
    }

    deinit { try? Disk.real.removeTree(path) }

    public func file(_ name: String) -> String { path + "/" + name }
}
