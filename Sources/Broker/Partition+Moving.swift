import Bytes
import KafkaModel
import Posix
import Replication
import Storage
import Telemetry
import Timing

/// The partition's side of a move to another log directory. The mover copies piece by piece: it takes the lock to learn
/// where the next piece lies, never to read or write it, and once more at the end, to add the last few batches and to
/// put the copy in the place of the log.
extension Partition {
    /// What one step of a move came to.
    enum MoveStep {
        case copied(Int)
        /// Something else is under way; to be tried again.
        case wait(Duration)
        case arrived(from: String)
        /// The move is no more, and why, if somebody should hear it.
        case ended(String?)
    }

    /// So many bytes may be copied with the lock held, at the end.
    private static let lastBytesMax = 1 << 20
    private static let lastPieceBytes = 256 << 10
    /// And so many between the last flush and that; if there are more, there is one more flush.
    private static let restBytesMax = 64 << 20

    /// Where the log lies, and the move that is under way.
    var whereabouts: (home: PartitionHome, move: Move?) { lock.withLock { (home, move) } }

    /// Begins a move. The result is nil where there is nothing to do: the log is there, or on its way.
    func beginMove(to target: PartitionHome, _ directories: LogDirectories) -> Result<Move?, ErrorCode> {
        lock.lock()
        defer { lock.unlock() }
        if let code = refusalCode { return .failure(code) }
        if home === target || move?.home === target { return .success(nil) }
        guard move == nil else { return .failure(.kafkaStorageError) }
        do throws(StorageError) {
            let future = try directories.createFuture(of: log, in: target.path)
            let move = Move(future, to: target, agreement: .known)
            self.move = move
            return .success(move)
        } catch {
            // A failure of the target has taken that out of service already.
            if case .online = directories.standing(of: target.path) { return .failure(storageFailed(error)) }
            return .failure(.kafkaStorageError)
        }
    }

    /// Takes up a move that the last run of the broker began.
    func resumeMove(_ future: PartitionLog, to target: PartitionHome) -> Move? {
        lock.withLock {
            guard home !== target, move == nil else { return nil }
            let found = Move(future, to: target, agreement: .unknown)
            move = found
            // Nothing is compacted before the copying goes on: the copy must not miss it.
            if maintenance == nil { maintenance = .moving }
            return found
        }
    }

    /// Ends the move that is under way, unless it goes to `target`.
    func endMove(unlessTo target: PartitionHome? = nil, _ directories: LogDirectories) throws(StorageError) {
        let ended: Move? = lock.withLock {
            guard let move, target == nil || move.home !== target else { return nil }
            detachMove()
            return move
        }
        try ended?.giveUp(name, in: directories)
    }

    /// The directory it goes to has failed.
    func moveTargetFailed(_ path: String) {
        let ended: Move? = lock.withLock {
            guard let move, move.home.path == path else { return nil }
            detachMove()
            return move
        }
        ended?.abandon()
    }

    private func detachMove() {
        move = nil
        if maintenance == .moving { maintenance = nil }
    }

    /// The checkpoint of one of the logs of this partition.
    func checkpoint(of candidate: PartitionLog) -> PartitionCheckpoint {
        lock.lock()
        let highWatermark = replicas.highWatermark
        let copying = move.flatMap { $0.holds(candidate) ? $0 : nil }
        let own = copying == nil ? candidate.checkpoint(highWatermark: highWatermark) : nil
        lock.unlock()
        return own ?? copying?.checkpoint(highWatermark: highWatermark)
            ?? candidate.checkpoint(highWatermark: highWatermark)
    }

    /// Does the next piece of a move. Called by one thread at a time.
    func advance(
        _ move: Move, pieceBytes: Int, _ buffer: inout ByteWriter, _ directories: LogDirectories, now: Timestamp
    ) -> MoveStep {
        if let other = claim(move) { return other }
        do throws(MoveFailure) {
            if move.needsAgreement { try agree(move, directories, now) }
            guard let piece = try nextPiece(move, pieceBytes) else {
                return try arrive(move, &buffer, directories, now)
            }
            do throws(StorageError) { try piece.read(into: &buffer) } catch { throw .source(error) }
            let count = try append(piece, &buffer, to: move, now)
            try flushClosedSegments(of: move, now)
            return .copied(count)
        } catch {
            return failed(move, error, directories)
        }
    }

    private enum MoveFailure: Error {
        case source(StorageError)
        case target(StorageError)
        /// The copy does not take what the log has.
        case refused(String)
        case over
    }

    /// Reserves the files of the log for the copying: a compaction that is under way is ended first.
    private func claim(_ move: Move) -> MoveStep? {
        lock.lock()
        defer { lock.unlock() }
        guard self.move === move, refusalCode == nil else { return .ended(nil) }
        switch maintenance {
        case .moving: return nil
        case .cleaning:
            endMaintenance()
            return .wait(.milliseconds(50))
        case nil:
            maintenance = .moving
            return nil
        }
    }

    /// Brings what is complete of the copy to the device as it goes, so that neither the end of a long move nor a start
    /// after a crash has all of it to do.
    private func flushClosedSegments(of move: Move, _ now: Timestamp) throws(MoveFailure) {
        do throws(StorageError) {
            let pending = try move.withFuture { (future) throws(StorageError) in
                future.hasUnflushedSegments ? try future.beginFlush(.closedSegments) : nil
            }
            guard let pending, let pending else { return }
            try pending.run()
            move.withFuture { $0.finishFlush(pending, now: now) }
        } catch {
            if move.isOver { throw .over }
            throw .target(error)
        }
    }

    /// Cuts off the copy what the log does not have any more, after a crash.
    private func agree(_ move: Move, _ directories: LogDirectories, _ now: Timestamp) throws(MoveFailure) {
        let end: Int64?
        do throws(StorageError) {
            // A copy that the crash left unchecked is checked before, without the lock.
            try move.withFuture { (future) throws(StorageError) in try future.load() }
            lock.lock()
            defer { lock.unlock() }
            guard self.move === move, refusalCode == nil else { throw .offline(path: home.path, reason: "") }
            end = try move.withFuture { (future) throws(StorageError) in try future.agreement(with: log) }
        } catch {
            if case .offline = error { throw .over }
            // Whichever of the two it is, the log is there, and what was copied is not needed.
            throw .refused("the copy cannot be compared with the log: \(error)")
        }
        guard let end else { throw .over }
        do throws(StorageError) {
            try move.withFuture { (future) throws(StorageError) in
                guard end < future.logEndOffset else { return }
                try directories.lowerRecoveryPoint(ofFuture: future, to: end)
                try future.truncate(to: end, now: now)
            }
        } catch {
            throw .target(error)
        }
        move.agreed()
    }

    private func nextPiece(_ move: Move, _ maxBytes: Int) throws(MoveFailure) -> LogPiece? {
        guard let end = move.withFuture({ $0.logEndOffset }) else { throw .over }
        lock.lock()
        defer { lock.unlock() }
        guard self.move === move, refusalCode == nil else { throw .over }
        do throws(StorageError) {
            return try log.piece(from: end, maxBytes: min(maxBytes, settings.log.segmentBytes))
        } catch {
            throw .source(error)
        }
    }

    private func append(
        _ piece: LogPiece, _ buffer: inout ByteWriter, to move: Move, _ now: Timestamp
    ) throws(MoveFailure) -> Int {
        let count: Int?
        do throws(AppendRefusal) {
            count = try move.append(piece, &buffer, now: now)
        } catch {
            switch error {
            case .storage(let cause): throw .target(cause)
            case .refused, .batch: throw .refused(error.message)
            }
        }
        guard let count else { throw .over }
        guard count > 0 else { throw .refused("a piece of the log has no whole batch") }
        return count
    }

    /// The copy has everything there was a moment ago. It is flushed; then, with nothing coming in any more, the last
    /// batches are added and the copy becomes the log.
    private func arrive(
        _ move: Move, _ buffer: inout ByteWriter, _ directories: LogDirectories, _ now: Timestamp
    ) throws(MoveFailure) -> MoveStep {
        try prepareArrival(move, directories, now)
        // What came while the device was waited for.
        var copied = 0
        while let piece = try nextPiece(move, Self.lastPieceBytes) {
            do throws(StorageError) { try piece.read(into: &buffer) } catch { throw .source(error) }
            copied += try append(piece, &buffer, to: move, now)
            if copied > Self.restBytesMax { return .copied(copied) }
        }
        lock.lock()
        var flusher: Flusher?
        let from = home.path
        do throws(MoveFailure) {
            guard self.move === move, refusalCode == nil else { throw .over }
            guard try addRest(move, &buffer, now) else {
                lock.unlock()
                return .copied(0)
            }
            try replaceLog(by: move, directories, now)
            if flushState == .idle, log.demandsFlush || !waitingAnswers.isEmpty {
                flushState = .demanded
                flusher = home.flusher
            }
        } catch {
            lock.unlock()
            throw error
        }
        lock.unlock()
        flusher?.submit(self, .demanded)
        return .arrived(from: from)
    }

    /// What takes long, without the lock: the device, and the checkpoints of the directory.
    private func prepareArrival(
        _ move: Move, _ directories: LogDirectories, _ now: Timestamp
    ) throws(MoveFailure) {
        let (start, highWatermark) = lock.withLock { (log.logStartOffset, replicas.highWatermark) }
        do throws(StorageError) {
            let pending = try move.withFuture { (future) throws(StorageError) in try future.beginFlush() }
            guard let pending else { throw .offline(path: move.home.path, reason: "the move was ended") }
            try pending?.run()
            try move.withFuture { (future) throws(StorageError) in
                if let pending { future.finishFlush(pending, now: now) }
                try directories.writeCheckpoint(
                    ofFuture: future, logStartOffset: start, highWatermark: min(highWatermark, future.logEndOffset))
            }
        } catch {
            if case .offline = error { throw .over }
            throw .target(error)
        }
    }

    /// Adds, with the lock held, what has come since; false when that is too much to do so.
    private func addRest(_ move: Move, _ buffer: inout ByteWriter, _ now: Timestamp) throws(MoveFailure) -> Bool {
        var left = Self.lastBytesMax
        while true {
            guard let end = move.withFuture({ $0.logEndOffset }) else { throw .over }
            let piece: LogPiece?
            do throws(StorageError) {
                piece = try log.piece(from: end, maxBytes: min(Self.lastPieceBytes, settings.log.segmentBytes))
                try piece?.read(into: &buffer)
            } catch {
                throw .source(error)
            }
            guard let piece else { return true }
            guard left > 0 else { return false }
            left -= try append(piece, &buffer, to: move, now)
        }
    }

    private func replaceLog(by move: Move, _ directories: LogDirectories, _ now: Timestamp) throws(MoveFailure) {
        do throws(StorageError) {
            let replaced = try move.withFuture { (future) throws(StorageError) -> PartitionLog in
                // What is on the device here must be there too, before this is given up: only a topic that wants every
                // record flushed can have moved on since the last flush.
                if future.recoveryPoint < log.recoveryPoint || log.demandsFlush { try future.flush(now: now) }
                try future.takeOver(from: log, now: now)
                try directories.replaceCurrent(of: name)
                return future
            }
            guard let replaced else { throw .offline(path: move.home.path, reason: "the move was ended") }
            log = replaced
            log.reconfigure(settings.log)
            home = move.home
            detachMove()
        } catch {
            if case .offline = error { throw .over }
            throw .target(error)
        }
    }

    private func failed(_ move: Move, _ failure: MoveFailure, _ directories: LogDirectories) -> MoveStep {
        switch failure {
        case .over: return .ended(nil)
        case .source(let error):
            lock.withLock { _ = storageFailed(error) }
            return giveUp(move, directories, error.description)
        case .target(let error):
            lock.withLock { _ = storageFailed(error, move.home) }
            if error.endsDirectory {
                moveTargetFailed(move.home.path)
                return .ended(error.description)
            }
            return giveUp(move, directories, error.description)
        case .refused(let reason): return giveUp(move, directories, reason)
        }
    }

    private func giveUp(_ move: Move, _ directories: LogDirectories, _ reason: String) -> MoveStep {
        lock.withLock { if self.move === move { detachMove() } }
        do throws(StorageError) {
            try move.giveUp(name, in: directories)
        } catch {
            _ = lock.withLock { storageFailed(error, move.home) }
        }
        return .ended(reason)
    }
}
