/// The right to answer one parked frame, once, from any thread. A connection whose ticket is never completed nor
/// abandoned stays parked until its peer hangs up.
public struct ReplyTicket: Sendable {
    let connection: Connection
    let serial: UInt64

    public var loop: EventLoop { connection.loop }

    /// Runs `body` on the connection's loop, where it puts the answer into the output; then the connection goes on
    /// with its next frame. When the peer has hung up meanwhile, `body` is dropped. It never runs inside this call,
    /// so a handler that holds a lock, or is in the middle of another frame, may complete any ticket.
    public func complete(_ body: @escaping @Sendable (Connection) -> Void) {
        let (connection, serial) = (connection, serial)
        connection.loop.execute { connection.loop.deliver(connection, serial, body) }
    }

    /// Closes the connection instead of answering.
    public func abandon(closing reason: String) {
        let (connection, serial) = (connection, serial)
        connection.loop.execute { connection.loop.abandon(connection, serial, reason) }
    }
}
