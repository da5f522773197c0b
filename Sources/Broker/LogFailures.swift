import Posix
import Storage

/// Where partitions tell that their log directory failed. Whoever tells holds a partition's lock, so the consequences,
/// which touch all partitions of the directory, are drawn elsewhere.
final class LogFailures: Sendable {
    typealias Consequence = @Sendable (_ error: StorageError, _ directory: String) -> Void

    private struct Listener {
        var draw: Consequence?
    }

    private let listener = Guarded(Listener())

    func whenReported(_ body: @escaping Consequence) { listener.withLock { $0.draw = body } }

    func report(_ error: StorageError, directory: String) {
        guard error.endsDirectory || error.isShortOfFiles else { return }
        listener.withLock { $0 }.draw?(error, directory)
    }
}
