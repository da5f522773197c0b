import KafkaModel
import Posix
import Replication
import Storage
import Timing

/// Durable answers. An append that makes a flush due (`flush.messages`) leaves its records in the page cache and asks
/// for a flush; a thread of the directory's `Flusher` waits for the device without the lock, and then
///
/// 1. the recovery point moves to where the log ended when that flush began, and nowhere else moves it up,
/// 2. the high watermark follows, so that no reader has seen a record that a power cut can take away,
/// 3. the answers of all producers below it leave.
///
/// Any failure on the way ends the directory: none of the three happens then, and never again.
extension Partition {
    /// How far the log must count before an answer may leave.
    struct Milestone {
        let offset: Int64
    }

    /// Whoever waits until the log counts up to an offset.
    enum WaitingAnswer {
        case produce(ProduceWait, ProduceWait.Place)
        case coordinator(CommittedAnswers)

        /// What was waited for is durable or, with a code, was lost.
        func settle(_ failure: ErrorCode?) {
            switch self {
            case .produce(let wait, let place): wait.settle(place, failure)
            case .coordinator(let answers): answers.settle(failure)
            }
        }
    }

    /// Where this partition is with its flusher. One flush of a log runs at a time.
    enum FlushState {
        case idle
        /// In the queue, or about to be flushed again, with producers waiting.
        case demanded
        /// In the queue for what is not urgent.
        case background
        case running
    }

    /// Answers that were taken off the list, to be sent without the lock.
    struct Settled {
        var answers: [WaitingAnswer] = []
        var failure: ErrorCode?

        func send() {
            for answer in answers { answer.settle(failure) }
        }
    }

    /// What an answer has to wait for, if anything: with acks=all that the records count, with acks=1 only a flush that
    /// covers them and was asked for. A repeated batch waits like the first one did.
    func milestone(of result: AppendResult, requiredAcks: Int16) -> Milestone? {
        guard log.demandsFlush, requiredAcks != 0 else { return nil }
        let end = result.lastOffset + 1
        guard end > log.committableEnd, requiredAcks == -1 || end <= log.flushDemand else { return nil }
        return Milestone(offset: end)
    }

    /// Notes that an append has demanded a flush; whether the flusher must be told, once the lock is released.
    func demandFlush() -> Bool {
        guard log.demandsFlush else { return false }
        switch flushState {
        // A flush that runs looks, at its end, at what was demanded meanwhile.
        case .demanded, .running: return false
        case .idle, .background:
            // What is left of it in the background queue finds it running, or nothing to do.
            flushState = .demanded
            return true
        }
    }

    /// Keeps the answer until the log counts up to the milestone; no time at all, if it does already.
    func hold(_ answer: WaitingAnswer, until milestone: Milestone) {
        lock.lock()
        let failure = refusalCode
        let isSettled = failure != nil || log.committableEnd >= milestone.offset
        if !isSettled { waitingAnswers.append((milestone.offset, answer)) }
        lock.unlock()
        if isSettled { answer.settle(failure) }
    }

    enum DueFlush {
        case none, due
        /// Nothing but the next start gains from it.
        case resting
    }

    /// Asks for a flush of what is due by time, or of what a start after a crash would have to read again: the segments
    /// that a roll has closed and, if there is room for that, the records of a log that rests.
    @discardableResult
    func flushWhatIsDue(now: Timestamp, includingResting: Bool = true) -> DueFlush {
        lock.lock()
        var due = DueFlush.none
        let isResting = log.isResting(now: now)
        if flushState == .idle {
            if log.isFlushDue(now: now) || log.hasUnflushedSegments {
                due = .due
            } else if isResting, includingResting {
                due = .resting
            }
        }
        // Whether it may be used comes last: a log that waits for its recovery has nothing due, and asking would begin
        // it.
        if due != .none, refusalCode != nil { due = .none }
        if due != .none { flushState = .background }
        let flusher = home.flusher
        lock.unlock()
        if due != .none { flusher.submit(self, .background) }
        return due
    }

    /// Runs one flush, on a thread of the flusher. Returns whether more was demanded meanwhile: then the flusher comes
    /// again.
    func flush(now: Timestamp) -> Bool {
        lock.lock()
        guard refusalCode == nil, flushState != .running else {
            let settled = refusalCode.map { endFlushing($0) }
            lock.unlock()
            settled?.send()
            return false
        }
        flushState = .running
        let home = home
        let directory = log.directory
        let flushed = log
        let pending: PendingFlush?
        do throws(StorageError) {
            pending = try beginFlush(now: now)
        } catch {
            let settled = flushFailed(error)
            lock.unlock()
            settled.send()
            return false
        }
        lock.unlock()
        var failure: StorageError?
        if let pending {
            do throws(StorageError) { try pending.run() } catch { failure = error }
        }
        lock.lock()
        var settled = Settled()
        var woken: [FetchWait] = []
        var mustGoOn = false
        if let failure {
            let isGone = refusalCode == .unknownTopicOrPartition || log !== flushed || log.directory != directory
            if isGone {
                // The log was deleted or moved under the flush: names that are missing are nobody's failure, any other
                // is that of the directory it was in.
                if !failure.isMissingFile { _ = storageFailed(failure, home) }
                if refusalCode == nil { (settled, woken) = committableMoved() }
                mustGoOn = goOnFlushing()
            } else {
                settled = flushFailed(failure, home)
            }
        } else if let code = refusalCode {
            settled = endFlushing(code)
        } else {
            if let pending, log === flushed { log.finishFlush(pending, now: now) }
            (settled, woken) = committableMoved()
            mustGoOn = goOnFlushing()
        }
        lock.unlock()
        settled.send()
        for fetch in woken { fetch.wake() }
        return mustGoOn
    }

    private func beginFlush(now: Timestamp) throws(StorageError) -> PendingFlush? {
        if log.demandsFlush || log.isFlushDue(now: now) || log.isResting(now: now) {
            return try log.beginFlush(.everything)
        }
        return log.hasUnflushedSegments ? try log.beginFlush(.closedSegments) : nil
    }

    /// Lets go of the answers and the readers that waited for what counts now.
    private func committableMoved() -> (Settled, [FetchWait]) {
        let before = replicas.highWatermark
        let end = log.committableEnd
        replicas.leaderFlushed(committableEnd: end)
        var woken: [FetchWait] = []
        if replicas.highWatermark > before { swap(&woken, &waiting) }
        var settled = Settled()
        guard !waitingAnswers.isEmpty else { return (settled, woken) }
        // In the order of arrival, which is nearly that of the offsets: those that stay are at the end.
        var kept: [(offset: Int64, answer: WaitingAnswer)] = []
        settled.answers.reserveCapacity(waitingAnswers.count)
        for waiting in waitingAnswers {
            if waiting.offset <= end { settled.answers.append(waiting.answer) } else { kept.append(waiting) }
        }
        waitingAnswers = kept
        return (settled, woken)
    }

    private func goOnFlushing() -> Bool {
        let mustGoOn = refusalCode == nil && log.demandsFlush
        flushState = mustGoOn ? .demanded : .idle
        return mustGoOn
    }

    /// What the system could not write is lost, and it may say tomorrow that all is well: the log is not used any more.
    private func flushFailed(_ error: StorageError, _ home: PartitionHome? = nil) -> Settled {
        let code = storageFailed(error, home ?? self.home)
        if error.endsDirectory { log.fail(error.description) }
        return endFlushing(refusalCode ?? code)
    }

    /// Everybody who waits is told; nothing is flushed any more.
    func endFlushing(_ failure: ErrorCode?) -> Settled {
        flushState = .idle
        var settled = Settled(failure: failure)
        settled.answers = waitingAnswers.map(\.answer)
        waitingAnswers = []
        return settled
    }
}

extension StorageError {
    fileprivate var isMissingFile: Bool {
        if case .io(let error) = self { error.errno == .noSuchFile } else { false }
    }
}
