import Timing

// What happens without an event: idle connections close, buffers that nobody needs are freed. One timer, set to the
// earliest moment at which there can be something to do, so an idle server sleeps.
extension EventLoop {
    private static let poolAge = Duration.seconds(5)
    private static let stallTimeout = Duration.seconds(60)

    private var idleNanoseconds: Int64 { settings.idleTimeout.wholeNanoseconds }

    /// Makes sure that somebody looks when a connection that was last active then may be idle.
    func scheduleHousekeeping(_ oldest: Int64) {
        var delay: Int64 = .max
        if idleNanoseconds > 0, connectionCount > 0 {
            delay = max(1_000_000, oldest.addingClamped(idleNanoseconds) - now.nanoseconds)
        }
        if !pool.isEmpty { delay = min(delay, Self.poolAge.wholeNanoseconds) }
        if !starved.isEmpty { delay = min(delay, Self.poolAge.wholeNanoseconds) }
        guard delay < .max else { return }
        let moment = now + .nanoseconds(delay)
        if let housekeeping {
            guard moment < housekeeping.at else { return }
            cancel(housekeeping.token)
        }
        housekeeping = (schedule(after: .nanoseconds(delay)) { [self] in keepHouse() }, moment)
    }

    private func keepHouse() {
        housekeeping = nil
        pool.age()
        let idleSince = idleNanoseconds > 0 ? now.nanoseconds - idleNanoseconds : .min
        let isShort = settings.memory.hasWaiting
        let stalledSince = now.nanoseconds - Self.stallTimeout.wholeNanoseconds
        var oldest = now.nanoseconds
        for slot in slots {
            guard let connection = slot.connection, !connection.isAwaitingAnswers, !connection.isStarved else {
                continue
            }
            if connection.lastActive <= idleSince {
                close(connection, .idle)
            } else if isShort, connection.input.count > 0, connection.frameSince <= stalledSince {
                close(connection, .stalled)
            } else {
                oldest = min(oldest, connection.lastActive)
            }
        }
        if connectionCount > 0 || !pool.isEmpty { scheduleHousekeeping(oldest) }
    }
}
