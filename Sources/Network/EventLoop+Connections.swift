import CLinux
import Glibc
import Posix
import Telemetry
import Timing

// The life of a connection on its loop: adopted, ready, parked and answered, closed.
extension EventLoop {
    enum CloseReason {
        case peerEnded
        case idle
        case drained
        case stopped
        case failed(String)
        case fileFailed(String)
        case byOwner(String)
        /// The peer sent what no client of this protocol sends.
        case refused(String)
        case stalled
    }

    static let nextConnectionID = ConnectionIDs()

    func adopt(_ accepted: AcceptedSocket) {
        guard !isDraining else {
            Glibc.close(accepted.descriptor)
            settings.limits.release(accepted.peer.host)
            return
        }
        let slot = place()
        let connection = Connection(
            id: Self.nextConnectionID.next(), descriptor: accepted.descriptor, slot: slot, accepted: accepted,
            loop: self, frameBytesMax: settings.frameBytesMax, now: now.nanoseconds)
        slots[Int(slot.index)].connection = connection
        connectionsChanged(by: 1)
        updateInterest(connection)
        scheduleHousekeeping(connection.lastActive)
    }

    func handle(_ events: UInt32, _ slot: SlotReference) {
        guard let connection = connection(at: slot) else { return }
        if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 {
            close(connection, .peerEnded)
            return
        }
        if events & EPOLLOUT.rawValue != 0 {
            connection.lastActive = now.nanoseconds
            resume(connection)
            return
        }
        if connection.isParked {
            if events & EPOLLRDHUP.rawValue != 0 {
                close(connection, .peerEnded)
            } else {
                watch(connection, EPOLLRDHUP.rawValue)
            }
            return
        }
        connection.lastActive = now.nanoseconds
        receive(connection)
    }

    /// What a connection waits for, from its state.
    func updateInterest(_ connection: Connection) {
        let readable = EPOLLIN.rawValue
        let hangUp = EPOLLRDHUP.rawValue
        if !connection.storedOutput.isEmpty {
            // Unsent answers stop reading: a slow reader cannot pile up memory.
            watch(connection, EPOLLOUT.rawValue)
        } else if connection.isParked {
            // Most peers send nothing until they are answered, so reading is switched off only when one does.
            watch(connection, connection.watched & readable | hangUp)
        } else if connection.isStarved {
            watch(connection, 0)
        } else {
            watch(connection, readable | hangUp)
        }
    }

    /// Sends what is there, then goes on with frames that wait behind it.
    func resume(_ connection: Connection) {
        guard connection.isOpen else { return }
        guard flush(connection) else {
            updateInterest(connection)
            return
        }
        if connection.isParked || connection.input.count == 0 {
            settle(connection)
        } else {
            handleWaiting(connection)
        }
    }

    /// The end of every piece of work on a connection: answers leave, and the kernel learns what is awaited.
    func settle(_ connection: Connection) {
        guard connection.isOpen else { return }
        if flush(connection), isDraining, !connection.isAwaitingAnswers {
            close(connection, .drained)
        } else {
            updateInterest(connection)
        }
    }

    func deliver(_ connection: Connection, _ serial: UInt64, _ body: @escaping @Sendable (Connection) -> Void) {
        guard connection.isOpen else { return }
        if connection.hasDeferred { return deliverDeferred(connection, serial, body) }
        guard connection.isParked, connection.ticketSerial == serial else { return }
        unpark(connection)
        lendOutput(connection)
        body(connection)
        connection.lastActive = now.nanoseconds
        resume(connection)
    }

    /// Lets the answers leave whose turn it is, all in one write.
    private func deliverDeferred(
        _ connection: Connection, _ serial: UInt64, _ body: @escaping @Sendable (Connection) -> Void
    ) {
        guard let place = connection.deferred.firstIndex(where: { $0.serial == serial && $0.body == nil }) else {
            return
        }
        connection.deferred[place].body = body
        guard place == 0 else { return }
        let ready = connection.deferred.prefix { $0.body != nil }
        connection.deferred.removeFirst(ready.count)
        lendOutput(connection)
        for answer in ready { answer.body?(connection) }
        connection.lastActive = now.nanoseconds
        if connection.deferred.isEmpty { connection.isParked = false }
        resume(connection)
    }

    func abandon(_ connection: Connection, _ serial: UInt64, _ reason: String) {
        guard connection.isOpen else { return }
        if !connection.deferred.contains(where: { $0.serial == serial }) {
            guard connection.isParked, connection.ticketSerial == serial else { return }
            unpark(connection)
        }
        close(connection, .byOwner(reason))
    }

    private func unpark(_ connection: Connection) {
        connection.isParked = false
        connection.hasTicket = false
        connection.ticketSerial &+= 1
    }

    // Output.

    /// How much one connection may send in a turn before others have theirs.
    private static let bytesPerTurn = 2 * 1024 * 1024
    /// What the shared writer keeps between answers.
    private static let outputBytesKept = 256 * 1024
    private static let idleOutputBytes = 16

    func lendOutput(_ connection: Connection) {
        if connection.storedOutput.reservedBytes <= Self.idleOutputBytes && connection.storedOutput.isEmpty {
            swap(&connection.storedOutput, &sharedOutput)
        }
    }

    /// Whether everything left, or the connection had to be closed.
    func flush(_ connection: Connection) -> Bool {
        guard connection.isOpen else { return true }
        var sent = 0
        let result: OutputQueue.Flush =
            connection.storedOutput.isEmpty
            ? .drained
            : connection.storedOutput.flush(
                connection.descriptor, connection.security, limit: Self.bytesPerTurn, sent: &sent)
        metrics.turnBytesOut += sent
        switch result {
        case .drained:
            takeBackOutput(connection)
            return true
        case .pending:
            return false
        case .failed(let reason):
            close(connection, .failed(reason))
            return true
        case .fileFailed(let reason):
            close(connection, .fileFailed(reason))
            return true
        }
    }

    private func takeBackOutput(_ connection: Connection) {
        if connection.storedOutput.reservedBytes > Self.idleOutputBytes,
            sharedOutput.reservedBytes <= Self.idleOutputBytes
        {
            connection.storedOutput.clear(keepingAtMost: Self.outputBytesKept)
            swap(&connection.storedOutput, &sharedOutput)
        } else {
            connection.storedOutput.clear(keepingAtMost: Self.idleOutputBytes)
        }
    }

    // The end.

    func close(_ connection: Connection, _ reason: CloseReason) {
        guard connection.isOpen else { return }
        Glibc.close(connection.descriptor)
        connection.descriptor = -1
        vacate(connection.slot)
        releaseInput(connection)
        takeBackOutput(connection)
        if connection.isStarved { starved.removeAll { $0 === connection } }
        settings.limits.release(connection.peer.host)
        metrics.closed.add()
        report(connection, reason)
        connection.attachment = nil
        connection.deferred = []
        let onClose = connection.onClose
        connection.onClose = nil
        onClose?()
        connectionsChanged(by: -1)
    }

    private func report(_ connection: Connection, _ reason: CloseReason) {
        let who = "connection \(connection.id) of \(connection.peer) on \(connection.listenerName)"
        switch reason {
        case .peerEnded, .drained, .stopped: log.debug("Closed \(who)")
        case .idle: log.debug("Closed idle \(who)")
        case .failed(let text): log.debug("Closed \(who): \(text)")
        case .byOwner(let text): log.info("Closed \(who): \(text)")
        case .fileFailed(let text): log.error("Closed \(who): \(text)")
        case .refused(let text):
            settings.closeLines.admit(now) { remark in log.warn("Closed \(who): \(text)\(remark)") }
        case .stalled:
            settings.closeLines.admit(now) { remark in
                log.warn("Closed \(who): its frame did not arrive while request memory is short\(remark)")
            }
        }
    }
}
