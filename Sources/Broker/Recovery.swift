import Posix
import Synchronization
import Telemetry
import Timing

/// Checks the logs that a crash left unchecked, one by one, while the broker serves already.
///
/// With 10,000 partitions of 1 MB in the page cache the check reads 10 GB and takes 3 s on two cores. Until then nobody
/// waits for more than the partition that he asks for: 16 MB at most (`laterBytesMax`), some 10 ms, for logs with more
/// to check are checked before the broker listens. How much that is, `PartitionLog.isResting` bounds.
///
/// Where only the process died, the page cache still has every byte that was written, and boot id, mount id and inode of
/// the directory would nearly tell. They are not asked: a device that was written below its mount, or files that were
/// put back in place, would pass for the same directory, and all that could be saved is work that nobody waits for.
final class Recovery: Sendable {
    /// A log with more bytes to check is checked before the broker serves.
    static let laterBytesMax = 16 << 20

    private let threads: [Thread]
    private let progress: Progress

    private final class Progress: Sendable {
        let next = Atomic(0)
        let count = Atomic(0)
        let running: Atomic<Int>
        let isStopping = Atomic(false)

        init(threads: Int) { running = Atomic(threads) }
    }

    init(_ partitions: [Partition], threads count: Int, clock: Clock, log: Log) {
        let progress = Progress(threads: count)
        self.progress = progress
        let began = clock.now
        threads = (0..<count).map { number in
            Thread(name: "recovery-\(number)") {
                while !progress.isStopping.load(ordering: .relaxed) {
                    let index = progress.next.wrappingAdd(1, ordering: .relaxed).oldValue
                    guard index < partitions.count else { break }
                    if partitions[index].recoverUnused() { progress.count.add(1, ordering: .relaxed) }
                }
                guard progress.running.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
                let took = (clock.now - began).wholeMilliseconds
                log.info("Recovered \(progress.count.load(ordering: .relaxed)) unused logs within \(took) ms")
            }
        }
    }

    func stop() {
        progress.isStopping.store(true, ordering: .relaxed)
        for thread in threads { thread.join() }
    }
}
