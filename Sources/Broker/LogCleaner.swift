import Configuration
import Posix
import Storage
import Synchronization
import Telemetry
import Timing

/// Compaction in the background: `log.cleaner.threads` threads, each of which takes the dirtiest log that is due, cleans
/// it, and looks for the next; when none is due they wait `log.cleaner.backoff.ms`.
///
/// The threads step back behind those that serve clients. They hold a partition's lock to look at it and to swap
/// segments only. A log that cannot be compacted is left alone until the next start; the others go on.
final class LogCleaner: Sendable {
    private struct State {
        var wanted = 0
        /// The numbers of the threads that run.
        var alive: Set<Int> = []
        var threads: [Thread] = []
        var isStopping = false
        /// Counts changes of the settings, upon which nobody waits any longer.
        var revision = 0
        var maxDirtyRatio = 0.0
        var lastSeconds = 0.0
    }

    private let topics: TopicTable
    private let directories: LogDirectories
    private let settings: @Sendable () -> CleanerSettings
    private let clock: Clock
    private let log: Log
    private let state = Monitor(State())
    private let rate = Guarded(RateLimit())
    private let bytesRead: Counter
    private let bytesWritten: Counter
    private let cleanings: Counter
    private let keylessRecords: Counter

    init(
        topics: TopicTable, directories: LogDirectories, clock: Clock, metrics: Metrics, log: Log,
        settings: @escaping @Sendable () -> CleanerSettings
    ) {
        self.topics = topics
        self.directories = directories
        self.settings = settings
        self.clock = clock
        self.log = log
        bytesRead = metrics.counter(
            "skafka_cleaner_read_bytes_total", help: "Bytes of logs that compaction has read.")
        bytesWritten = metrics.counter(
            "skafka_cleaner_written_bytes_total", help: "Bytes of logs that compaction has written.")
        cleanings = metrics.counter("skafka_cleaner_cleanings_total", help: "Cleanings that came to their end.")
        keylessRecords = metrics.counter(
            "skafka_cleaner_keyless_records_total", help: "Records without a key that compaction has removed.")
        metrics.gauge(
            "skafka_cleaner_max_dirty_percent", help: "How dirty the dirtiest log was when compaction last looked."
        ) { [state] in state.withLock { $0.maxDirtyRatio * 100 } }
        metrics.gauge("skafka_cleaner_last_cleaning_seconds", help: "How long the last cleaning took.") { [state] in
            state.withLock { $0.lastSeconds }
        }
        metrics.gauge("skafka_uncleanable_partitions", help: "Partitions whose compaction has failed.") {
            Double(topics.partitions.count(where: \.cannotBeCleaned))
        }
    }

    /// Starts threads, or lets those end that are too many, as the settings say now.
    func adoptSettings() {
        let current = settings()
        state.update { state in
            guard !state.isStopping else { return }
            state.revision += 1
            state.wanted = current.isEnabled ? current.threads : 0
            for number in 0..<state.wanted where state.alive.insert(number).inserted {
                state.threads.append(Thread(name: "log-cleaner-\(number)") { [self] in run(number) })
            }
        }
    }

    /// Ends what is under way and waits for the threads.
    func stop() {
        let threads = state.update { state in
            state.isStopping = true
            defer { state.threads = [] }
            return state.threads
        }
        for thread in threads { thread.join() }
    }

    private func run(_ number: Int) {
        Thread.stepBack()
        while true {
            let revision = state.withLock { $0.revision }
            let mayGoOn = state.withLock { state in
                guard state.isStopping || number >= state.wanted else { return true }
                state.alive.remove(number)
                return false
            }
            guard mayGoOn else { return }
            if cleanDirtiest(number) { continue }
            let backoff = max(1, settings().backoff.wholeMilliseconds)
            _ = state.wait(milliseconds: backoff) { $0.isStopping || $0.revision != revision ? true : nil }
        }
    }

    private struct Candidate {
        let partition: Partition
        let checkpoint: Int64?
        let range: CleanableRange
    }

    /// Cleans one log; false if none is due, or the one that is could not be.
    private func cleanDirtiest(_ number: Int) -> Bool {
        let now = clock.timestamp
        var due: [Candidate] = []
        var maxDirtyRatio = 0.0
        for partition in topics.partitions {
            let checkpoint = directories.cleanedOffset(of: partition.name)
            guard let range = partition.cleanableRange(checkpoint: checkpoint, now: now) else { continue }
            maxDirtyRatio = max(maxDirtyRatio, range.dirtyRatio)
            guard range.isDue(minDirtyRatio: partition.minCleanableDirtyRatio) else { continue }
            due.append(Candidate(partition: partition, checkpoint: checkpoint, range: range))
        }
        state.withLock { $0.maxDirtyRatio = maxDirtyRatio }
        due.sort { $0.range.dirtyRatio > $1.range.dirtyRatio }
        for candidate in due {
            // Another thread may have taken it meanwhile.
            let partition = candidate.partition
            let begun = partition.beginCleaning(
                checkpoint: candidate.checkpoint, now: now, limits: limits,
                pace: { [self] (bytes) throws(CleaningEnd) in try pace(bytes, partition) })
            guard let begun else { continue }
            return clean(candidate, begun, number)
        }
        return false
    }

    private var limits: CompactionLimits {
        let current = settings()
        let threads = max(1, current.threads)
        return CompactionLimits(
            mapBytes: Int(clamping: current.mapBytes) / threads, mapLoadFactor: current.mapLoadFactor,
            bufferBytes: min(max(current.bufferBytes / threads / 2, 64 << 10), 64 << 20))
    }

    private func clean(_ candidate: Candidate, _ compaction: Compaction, _ number: Int) -> Bool {
        let partition = candidate.partition
        tell(candidate.range.reset, partition)
        let began = clock.now
        switch partition.clean(compaction, directories) {
        case .cleaned(let result):
            let seconds = Double((clock.now - began).wholeMilliseconds) / 1000
            state.withLock { $0.lastSeconds = seconds }
            bytesRead.add(Int(result.bytesMapped + result.bytesRead))
            bytesWritten.add(Int(result.bytesWritten))
            cleanings.add()
            keylessRecords.add(result.keylessRecords)
            tell(result, partition, number, seconds)
            return true
        // Whoever wanted the log gets the time of a pause to claim it.
        case .ended: return false
        case .noRoom(let error):
            log.warn("\(partition.name) is not compacted for now: \(error)")
            return false
        case .uncleanable(let error):
            log.error("\(partition.name) cannot be compacted and is left alone until the next start: \(error)")
            return true
        case .offline: return false
        }
    }

    private func tell(_ reset: CleanableRange.Reset?, _ partition: Partition) {
        switch reset {
        case .beyondEnd(let checkpoint):
            log.warn(
                "\(partition.name): the cleaner checkpoint \(checkpoint) lies behind the end of the log; all of it "
                    + "counts as dirty")
        case .belowStart(let checkpoint):
            log.debug("\(partition.name): the cleaner checkpoint \(checkpoint) lies in front of the start of the log")
        case nil: break
        }
    }

    private func tell(_ result: CompactionResult, _ partition: Partition, _ number: Int, _ seconds: Double) {
        let moved = Double(result.bytesMapped + result.bytesRead) / 1e6
        let rate = seconds > 0 ? " (\(tenths(moved / seconds)) MB/s)" : ""
        log.info(
            "Cleaner thread \(number) compacted \(partition.name), dirty from \(result.firstDirtyOffset) to "
                + "\(result.endOffset): \(tenths(Double(result.bytesBefore) / 1e6)) MB in \(result.segmentsBefore) "
                + "segments became \(tenths(Double(result.bytesAfter) / 1e6)) MB in \(result.segmentsAfter), "
                + "\(result.recordsKept) of \(result.recordsRead) records stay, \(result.keys) keys took "
                + "\(tenths(result.mapUtilization * 100)) % of the map, \(tenths(moved)) MB read in "
                + "\(tenths(seconds)) s\(rate)")
        if result.keylessRecords > 0 {
            log.warn("\(partition.name): compaction removed \(result.keylessRecords) records without a key")
        }
    }

    /// Holds a cleaning back to the rate that is allowed, and ends it when it must end.
    private func pace(_ bytes: Int, _ partition: Partition) throws(CleaningEnd) {
        if partition.isMaintenanceEnding || state.withLock({ $0.isStopping }) { throw .aborted }
        let allowed = settings().bytesPerSecondMax
        guard bytes > 0, allowed < 1e15 else { return }
        let now = clock.now
        var left = rate.withLock { $0.moved(bytes, bytesPerSecond: allowed, now: now) }.wholeMilliseconds
        while left > 0 {
            let step = min(left, 100)
            let isStopping = state.wait(milliseconds: step) { $0.isStopping ? true : nil } ?? false
            if isStopping || partition.isMaintenanceEnding { throw .aborted }
            left -= step
        }
    }
}

private func tenths(_ value: Double) -> String {
    let rounded = Int64((value * 10).rounded())
    return "\(rounded / 10).\(abs(rounded % 10))"
}
