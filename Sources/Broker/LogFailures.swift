import Storage
import Synchronization

/// Where partitions tell that their log directory failed. Whoever tells holds a partition's lock, so the consequences,
/// which touch all partitions of the directory, are drawn elsewhere.
final class LogFailures: Sendable {
    typealias Consequence = @Sendable (_ error: StorageError, _ directory: String) -> Void

    private let consequence = Mutex<Consequence?>(nil)

    func whenReported(_ body: @escaping Consequence) { consequence.withLock { $0 = body } }

    func report(_ error: StorageError, directory: String) {
        guard error.endsDirectory else { return }
        consequence.withLock { $0 }?(error, directory)
    }
}
