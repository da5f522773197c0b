import Bytes
import CLinux
import Glibc
import Posix
import Timing

// From bytes to frames. Small frames are read into memory that all connections of the loop share and handled there;
// what does not make a whole frame moves to memory of the connection's own, which grows with the bytes that came and
// never with the length that was announced. Of a large frame only the beginning is ever copied.
extension EventLoop {
    /// Why handling stopped.
    private enum Stop {
        /// A frame of so many bytes, length field included, is not complete; 4 when not even its length is.
        case needs(Int)
        case parked
        /// Answers must leave first.
        case blocked
        case closed
    }

    /// A beginning of at most this size is copied back to the shared memory, so that the frames behind it come with
    /// the same read.
    private static let smallBytes = 4096
    private static let largeFrameBytes = 64 * 1024
    private static let smallestGrowth = 16 * 1024
    /// How much of a large frame is read before others have their turn.
    private static let largeBytesPerTurn = 2 * 1024 * 1024
    /// So many frames of one connection may wait for their answers; what comes behind is not read.
    private static let deferredMax = 256
    /// Answers of so many bytes leave before the next frame is handled.
    private static let unsentBytesMax = 256 * 1024

    func receive(_ connection: Connection) {
        let waiting = connection.input.count
        if waiting > Self.smallBytes || (connection.input.isAllocated && waiting == 0) {
            receiveLarge(connection)
            return
        }
        if waiting == 0, connection.expectsLargeFrames, !pool.isEmpty {
            let buffer = pool.take()
            if settings.memory.reserve(buffer.capacity, for: connection.id, waking: self) {
                connection.input = buffer
                connection.frameSince = now.nanoseconds
                receiveLarge(connection)
                return
            }
            pool.give(buffer)
        }
        if waiting > 0, let first = connection.input.first { memcpy(sharedInput, first, waiting) }
        let room = settings.memory.isShort ? 2 * Self.smallBytes : Self.sharedInputBytes
        guard let count = read(connection, into: sharedInput + waiting, upTo: room - waiting) else { return }
        if waiting > 0 { releaseInput(connection) }
        handleShared(connection, waiting + count)
    }

    /// Reads once; nil when nothing came, and then all that is to be done about it is done.
    private func read(_ connection: Connection, into base: UnsafeMutableRawPointer, upTo room: Int) -> Int? {
        switch connection.security.receive(connection.descriptor, into: base, upTo: room) {
        case .bytes(let count):
            metrics.turnBytesIn += count
            return count
        case .blocked:
            updateInterest(connection)
        case .ended:
            close(connection, halfFrame(connection).map { .refused($0) } ?? .peerEnded)
        case .failed(let code):
            close(connection, code == ECONNRESET ? .peerEnded : .failed("\(Errno(code))"))
        }
        return nil
    }

    private func handleShared(_ connection: Connection, _ count: Int) {
        var consumed = 0
        let stop = handleFrames(connection, sharedInput, count, &consumed)
        if case .closed = stop { return }
        if consumed < count { keep(connection, sharedInput + consumed, count - consumed, stop) }
        finish(connection, stop)
    }

    /// Goes on with frames that lie in the connection's own memory.
    func handleWaiting(_ connection: Connection) {
        guard let first = connection.input.first else { return }
        var consumed = 0
        let stop = handleFrames(connection, first, connection.input.count, &consumed)
        if case .closed = stop { return }
        connection.input.consume(consumed)
        if connection.input.count == 0 {
            releaseInput(connection)
        } else {
            if consumed > 0 { connection.frameSince = now.nanoseconds }
            if case .needs = stop { connection.input.compact() }
        }
        finish(connection, stop)
    }

    private func finish(_ connection: Connection, _ stop: Stop) {
        switch stop {
        case .blocked: updateInterest(connection)
        case .needs, .parked, .closed: settle(connection)
        }
    }

    /// Hands every complete frame to the handler, until one has to wait.
    private func handleFrames(
        _ connection: Connection, _ base: UnsafeMutableRawPointer, _ count: Int, _ consumed: inout Int
    ) -> Stop {
        lendOutput(connection)
        while true {
            let left = count - consumed
            guard left >= 4 else { return .needs(4) }
            let start = base + consumed
            let size = Int(Int32(bigEndian: start.loadUnaligned(as: Int32.self)))
            guard size >= 0, size <= connection.frameBytesMax else {
                refuseSize(connection, size, UnsafeRawBufferPointer(start: start, count: left))
                return .closed
            }
            guard left >= size + 4 else { return .needs(size + 4) }
            guard !isDraining else { return .needs(size + 4) }
            var frame = MutableRawSpan(_unsafeStart: start + 4, byteCount: size)
            let outcome = settings.handler(&frame, connection)
            consumed += size + 4
            metrics.turnFrames += 1
            switch outcome {
            case .answered:
                if connection.hasTicket {
                    connection.hasTicket = false
                    connection.ticketSerial &+= 1
                }
                if connection.storedOutput.pendingBytes >= Self.unsentBytesMax {
                    guard flush(connection) else { return .blocked }
                    guard connection.isOpen else { return .closed }
                    lendOutput(connection)
                }
            case .parked:
                assert(connection.hasTicket, "a parked frame has a ticket")
                // Behind deferred answers it stands in line with them.
                if connection.hasDeferred { deferAnswer(connection) }
                connection.isParked = true
                return .parked
            case .deferred:
                assert(connection.hasTicket, "a deferred answer has a ticket")
                deferAnswer(connection)
                guard connection.deferred.count < Self.deferredMax else {
                    connection.isParked = true
                    return .parked
                }
            case .notYet:
                precondition(connection.hasDeferred, "a frame waits for answers that nobody owes")
                consumed -= size + 4
                metrics.turnFrames -= 1
                connection.isParked = true
                return .parked
            case .refuse(let reason):
                _ = flush(connection)
                close(connection, .refused(reason))
                return .closed
            }
        }
    }

    private func deferAnswer(_ connection: Connection) {
        connection.deferred.append(DeferredAnswer(serial: connection.ticketSerial))
        connection.hasTicket = false
        connection.ticketSerial &+= 1
    }

    /// What came of a frame that will never be whole.
    private func halfFrame(_ connection: Connection) -> String? {
        let count = connection.input.count
        guard count >= 4, let first = connection.input.first else { return nil }
        let size = Int(Int32(bigEndian: first.loadUnaligned(as: Int32.self)))
        guard size > count - 4 else { return nil }
        let bytes = UnsafeRawBufferPointer(start: first, count: count)
        let what = "it ended within a frame of \(size) bytes, of which \(count - 4) came"
        return "\(what); it \(settings.describe(bytes.bytes))"
    }

    private func refuseSize(_ connection: Connection, _ size: Int, _ bytes: UnsafeRawBufferPointer) {
        _ = flush(connection)
        let limit = connection.frameBytesMax
        let what = size < 0 ? "a frame of negative size \(size)" : "a frame of \(size) bytes, more than \(limit)"
        close(connection, .refused("\(what); it \(settings.describe(bytes.bytes))"))
    }

    // Memory of the connection's own.

    /// Moves bytes that were read, and could not be handled yet, out of the shared memory.
    private func keep(_ connection: Connection, _ bytes: UnsafeRawPointer, _ count: Int, _ stop: Stop) {
        var capacity = max(count, 64)
        if case .needs(let total) = stop, count > Self.smallBytes {
            let roomy = min(total, max(2 * count, Self.smallestGrowth))
            if roomy > count, settings.memory.reserve(roomy, for: connection.id, waking: self) {
                capacity = roomy
            } else {
                settings.memory.keep(capacity)
            }
        } else {
            settings.memory.keep(capacity)
        }
        connection.input.grow(to: capacity)
        connection.input.append(bytes, count)
        connection.frameSince = now.nanoseconds
    }

    func releaseInput(_ connection: Connection) {
        guard connection.input.isAllocated else { return }
        settings.memory.release(connection.input.capacity, of: connection.id)
        var buffer = InputBuffer()
        swap(&buffer, &connection.input)
        if buffer.capacity >= BufferPool.smallest { scheduleHousekeeping(connection.lastActive) }
        pool.give(buffer)
    }

    /// Reads straight to where the frame lies, never beyond its end.
    private func receiveLarge(_ connection: Connection) {
        var left = Self.largeBytesPerTurn
        while let target = targetBytes(connection) {
            let filled = connection.input.count
            if filled == target {
                connection.expectsLargeFrames = target >= Self.largeFrameBytes
                handleWaiting(connection)
                return
            }
            guard left > 0 else { break }
            guard makeRoom(connection, filled, target) else { return }
            let room = min(target, connection.input.capacity) - filled
            guard let base = connection.input.first,
                let count = read(connection, into: base + filled, upTo: room)
            else { return }
            connection.input.filled(count)
            left -= count
            if count < room { break }
        }
        if connection.isOpen { updateInterest(connection) }
    }

    /// How long the frame in the connection's memory will be, 4 while that is not known; nil when it is refused.
    private func targetBytes(_ connection: Connection) -> Int? {
        guard let announced = connection.input.announcedBytes else { return 4 }
        let size = Int(announced)
        guard size >= 0, size <= connection.frameBytesMax else {
            let (first, count) = (connection.input.first, connection.input.count)
            refuseSize(connection, size, UnsafeRawBufferPointer(start: first, count: count))
            return nil
        }
        return size + 4
    }

    /// Lets full memory grow, at most to twice what came; false when there is none to be had now.
    private func makeRoom(_ connection: Connection, _ filled: Int, _ target: Int) -> Bool {
        let capacity = connection.input.capacity
        guard filled == capacity else { return true }
        let wanted = min(target, max(2 * filled, Self.smallestGrowth))
        guard settings.memory.reserve(wanted - capacity, for: connection.id, waking: self) else {
            connection.isStarved = true
            starved.append(connection)
            updateInterest(connection)
            scheduleHousekeeping(connection.lastActive)
            return false
        }
        connection.input.grow(to: wanted)
        return true
    }

    /// Memory was given back: those who waited for it try again, in the order in which they began to wait.
    func retryStarved() {
        let waiting = starved
        starved = []
        for connection in waiting where connection.isOpen {
            connection.isStarved = false
            receive(connection)
        }
    }
}
