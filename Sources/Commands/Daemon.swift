import CLinux
import Glibc
import Posix

/// Leaving the terminal: the process forks before it has threads, and the one that stays behind waits on a pipe until
/// the other serves.
enum Daemon {
    enum Outcome {
        case parent(Child)
        case child(Readiness)
        case failed(String)
    }

    /// The parent's end: hears that the child is ready, or that it is gone.
    struct Child {
        fileprivate let pipe: CInt

        func becameReady() -> Bool {
            var byte: UInt8 = 0
            while true {
                let count = read(pipe, &byte, 1)
                if count < 0 && errno == EINTR { continue }
                return count == 1
            }
        }
    }

    /// The child's end.
    struct Readiness: Sendable {
        fileprivate let pipe: CInt

        func announce() {
            var byte: UInt8 = 1
            _ = write(pipe, &byte, 1)
            close(pipe)
        }
    }

    static func fork(outputIn directory: String) -> Outcome {
        let path = directory + "/kafkaServer.out"
        do throws(SystemError) {
            try Disk.real.makeDirectories(directory)
        } catch {
            return .failed(error.description)
        }
        let output = linux_open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        guard output >= 0 else { return .failed(SystemError("open", path).description) }
        defer { close(output) }
        var ends: [CInt] = [-1, -1]
        guard linux_pipe(&ends) == 0 else { return .failed("cannot make a pipe: \(Errno.last)") }
        let child = linux_fork_into_background(output)
        guard child >= 0 else { return .failed("cannot fork: \(Errno.last)") }
        close(ends[child == 0 ? 0 : 1])
        return child == 0 ? .child(Readiness(pipe: ends[1])) : .parent(Child(pipe: ends[0]))
    }
}
