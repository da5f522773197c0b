import Glibc

/// What a handler made of a frame.
public enum FrameOutcome: Sendable {
    /// Whatever answer there is was put into `connection.output`; the next frame may come.
    case answered
    /// The answer, or the permission to go on, comes later through a `ReplyTicket`; the connection is read no further
    /// until then. What is already in the output leaves at once.
    case parked
    /// The answer comes later through a `ReplyTicket`, and the next frame may be handled meanwhile. Answers leave in the
    /// order of their frames, so a handler that is called while `hasDeferred` writes none itself: it defers too, has
    /// nothing to answer, or says `.notYet`.
    case deferred
    /// The frame is not to be handled before the deferred answers have left; it is offered again then.
    case notYet
    /// The connection is closed; the log tells why.
    case refuse(String)
}

/// Handles one frame, without its four bytes of length, on the connection's loop. The bytes are valid during the call
/// and may be changed in place.
public typealias FrameHandler = @Sendable (_ frame: inout MutableRawSpan, _ connection: Connection) -> FrameOutcome

/// One accepted socket. It belongs to its loop: every mutable member is read and written on the loop's thread only,
/// which is what makes it safe to hand references around, and what lets the members of the hot path do without the
/// run-time check of exclusive access. No member is accessed while an access to it goes on: a handler is never entered
/// from within a handler, and its connection is never closed under it.
public final class Connection: @unchecked Sendable {
    public let id: UInt64
    public let peer: PeerAddress
    public let listenerName: String
    public let localPort: UInt16
    public let loop: EventLoop

    public var principal = Principal.anonymous
    @exclusivity(unchecked) public internal(set) var security = SecurityLayer.plaintext
    /// Written by the handler and by ticket bodies, nowhere else.
    public var output: OutputQueue {
        @inlinable _read { yield storedOutput }
        @inlinable _modify { yield &storedOutput }
    }
    @exclusivity(unchecked) @usableFromInline var storedOutput = OutputQueue()
    /// The protocol owner's state for this connection.
    public var attachment: AnyObject?
    /// The longest frame this peer may send; smaller before it has authenticated itself.
    @exclusivity(unchecked) public var frameBytesMax: Int
    /// Called once on the loop when the connection is gone.
    public var onClose: (() -> Void)?

    // What follows is the loop's.
    @exclusivity(unchecked) var descriptor: CInt
    let slot: SlotReference
    @exclusivity(unchecked) var input = InputBuffer()
    /// What epoll was last told to watch.
    @exclusivity(unchecked) var watched: UInt32 = 0
    @exclusivity(unchecked) var isRegistered = false
    @exclusivity(unchecked) var lastActive: Int64
    /// When the first byte of the frame in `input` came.
    var frameSince: Int64 = 0
    @exclusivity(unchecked) var isParked = false
    @exclusivity(unchecked) var isStarved = false
    @exclusivity(unchecked) var hasTicket = false
    /// Answers that are due, in the order of their frames; those that came before their turn wait for it here.
    @exclusivity(unchecked) var deferred: [DeferredAnswer] = []
    /// Names the frame that a ticket is for; a ticket of an earlier frame finds another number and does nothing.
    @exclusivity(unchecked) var ticketSerial: UInt64 = 0
    /// Big frames come here, so they are read where they will lie.
    @exclusivity(unchecked) var expectsLargeFrames = false

    init(
        id: UInt64, descriptor: CInt, slot: SlotReference, accepted: AcceptedSocket, loop: EventLoop,
        frameBytesMax: Int, now: Int64
    ) {
        self.id = id
        self.descriptor = descriptor
        self.slot = slot
        self.peer = accepted.peer
        self.listenerName = accepted.listenerName
        self.localPort = accepted.localPort
        self.loop = loop
        self.frameBytesMax = frameBytesMax
        self.lastActive = now
    }

    public var isOpen: Bool { descriptor >= 0 }

    /// Whether answers to earlier frames are due.
    public var hasDeferred: Bool { !deferred.isEmpty }

    /// Whether somebody is working for it.
    var isAwaitingAnswers: Bool { isParked || hasDeferred }

    /// The right to answer the frame in hand later. To be asked for by the handler, before it returns `.parked` or
    /// `.deferred`.
    public func ticket() -> ReplyTicket {
        assert(loop.isCurrent, "a ticket is asked for by the handler")
        hasTicket = true
        return ReplyTicket(connection: self, serial: ticketSerial)
    }

    /// Closes the connection soon, from any thread.
    public func close(_ reason: String) {
        loop.execute { [self] in loop.close(self, .byOwner(reason)) }
    }
}

/// The place of one deferred answer in its connection's line.
struct DeferredAnswer {
    let serial: UInt64
    /// Nil until the ticket is completed.
    var body: (@Sendable (Connection) -> Void)?
}

/// A place in a loop's table. The generation tells an event for this connection from a late one for an earlier
/// connection in the same place.
struct SlotReference {
    let index: UInt32
    let generation: UInt32

    var token: UInt64 { UInt64(generation) << 32 | UInt64(index) }

    init(index: UInt32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }

    init(token: UInt64) {
        index = UInt32(truncatingIfNeeded: token)
        generation = UInt32(truncatingIfNeeded: token >> 32)
    }
}

/// A socket on its way from an acceptor to a loop.
struct AcceptedSocket: Sendable {
    let descriptor: CInt
    let peer: PeerAddress
    let listenerName: String
    let localPort: UInt16
}
