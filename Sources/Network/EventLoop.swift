import CLinux
import Glibc
import Posix
import Synchronization
import Telemetry
public import Timing

/// One thread with one epoll: it owns connections and timers, and runs jobs that other threads send it.
///
/// A turn: wait; handle what is ready, connection by connection; run jobs that came; fire timers that are due; run
/// jobs that all this caused. A job sent from the loop itself waits for the end of what is being done, so handlers are
/// never entered twice. Everything below "the loop thread's" is touched by that thread alone.
public final class EventLoop: @unchecked Sendable {
    public typealias Job = @Sendable () -> Void

    public let clock: Clock
    public let index: Int
    let settings: LoopSettings

    private let epoll: CInt
    private let wake: WakeDescriptor
    private let alarm: AlarmDescriptor
    // Not a `Mutex`: twice its price, and the thread sanitizer does not see it.
    private let mailbox = Monitor(Mailbox())
    private let wakefulness = Atomic<UInt8>(Wakefulness.awake)
    private let threadHandle = Atomic<UInt>(0)
    private let openConnections = Atomic<Int>(0)
    private let thread = Guarded<Thread?>(nil)

    // The loop thread's.
    @exclusivity(unchecked) var now: Instant
    @exclusivity(unchecked) var metrics: LoopMetrics
    @exclusivity(unchecked) var slots: [Slot] = []
    var freeSlots: [UInt32] = []
    var starved: [Connection] = []
    /// The writer that connections borrow while they answer; one that has nothing to send holds no memory.
    @exclusivity(unchecked) var sharedOutput = OutputQueue(capacity: 4096)
    /// Where small frames are read. Pages that were never needed are never touched.
    let sharedInput = UnsafeMutableRawPointer.allocate(byteCount: EventLoop.sharedInputBytes, alignment: 4096)
    @exclusivity(unchecked) var pool = BufferPool()
    @exclusivity(unchecked) var isDraining = false
    var housekeeping: (token: TimerToken, at: Instant)?
    private var onDrained: [Job] = []
    @exclusivity(unchecked) private var localJobs: [Job] = []
    @exclusivity(unchecked) private var timers = TimerQueue()
    /// When the alarm rings; it may ring for a job that was cancelled, never too late for one that was not.
    @exclusivity(unchecked) private var alarmAt = Instant(nanoseconds: .max)
    @exclusivity(unchecked) private var isStopping = false

    static let sharedInputBytes = 128 * 1024
    private static let wakeToken = UInt64.max
    private static let alarmToken = UInt64.max - 1
    private static let eventsPerTurn = 256

    struct Slot {
        var generation: UInt32 = 0
        var connection: Connection?
    }

    private struct Mailbox {
        var jobs: [Job] = []
        var isClosed = false
    }

    private enum Wakefulness {
        static let awake: UInt8 = 0
        static let sleeping: UInt8 = 1
        static let called: UInt8 = 2
    }

    init(index: Int, clock: Clock, settings: LoopSettings, metrics: Metrics) throws(NetworkError) {
        self.index = index
        self.clock = clock
        self.settings = settings
        self.metrics = LoopMetrics(metrics, loop: index)
        now = clock.now
        wake = try WakeDescriptor()
        alarm = try AlarmDescriptor()
        epoll = epoll_create1(CInt(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw .system(SystemError("create", "epoll")) }
        _ = control(EPOLL_CTL_ADD, wake.descriptor, EPOLLIN.rawValue, Self.wakeToken)
        _ = control(EPOLL_CTL_ADD, alarm.descriptor, EPOLLIN.rawValue, Self.alarmToken)
    }

    deinit {
        Glibc.close(epoll)
        sharedInput.deallocate()
    }

    // Any thread.

    public var isCurrent: Bool { threadHandle.load(ordering: .relaxed) == UInt(pthread_self()) }

    public var connectionCount: Int { openConnections.load(ordering: .relaxed) }

    /// Runs a job on the loop's thread, after whatever it does now. Jobs of one sender keep their order. After the
    /// loop has stopped, jobs are dropped.
    public func execute(_ job: @escaping Job) {
        if isCurrent {
            localJobs.append(job)
            return
        }
        let isTaken = mailbox.withLock { mailbox in
            if !mailbox.isClosed { mailbox.jobs.append(job) }
            return !mailbox.isClosed
        }
        guard isTaken else { return }
        if wakefulness.exchange(Wakefulness.called, ordering: .acquiringAndReleasing) == Wakefulness.sleeping {
            wake.signal()
        }
    }

    /// Runs a job on the loop's thread when the time is over.
    @discardableResult
    public func schedule(after delay: Duration, _ job: @escaping Job) -> TimerToken {
        let token = TimerToken(id: nextTimer.add(1, ordering: .relaxed).newValue)
        let deadline = clock.now + delay
        if isCurrent {
            timers.insert(token, at: deadline, job)
        } else {
            execute { [self] in timers.insert(token, at: deadline, job) }
        }
        return token
    }

    /// Forgets a job that did not run yet. From another thread it may be too late.
    public func cancel(_ token: TimerToken) {
        if isCurrent {
            timers.cancel(token)
        } else {
            execute { [self] in timers.cancel(token) }
        }
    }

    private let nextTimer = Atomic<UInt64>(0)

    func start() {
        thread.withLock { thread in
            guard thread == nil else { return }
            thread = Thread(name: "network-\(index)", stackBytes: 512 * 1024) { [self] in run() }
        }
    }

    /// Closes every connection and ends the thread.
    func stop() {
        execute { [self] in isStopping = true }
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        running?.join()
    }

    /// Handles no new frame; a connection closes when its answers have left. `done` runs when none is open.
    func drain(_ done: @escaping Job) {
        execute { [self] in
            isDraining = true
            onDrained.append(done)
            for slot in slots {
                guard let connection = slot.connection, !connection.isAwaitingAnswers, connection.output.isEmpty
                else {
                    continue
                }
                close(connection, .drained)
            }
            connectionsChanged(by: 0)
        }
    }

    // The loop thread.

    private func run() {
        threadHandle.store(UInt(pthread_self()), ordering: .relaxed)
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: Self.eventsPerTurn)
        defer { events.deallocate() }
        while !isStopping {
            let count = wait(events)
            now = clock.now
            for index in 0..<max(0, count) {
                let event = events[index]
                if event.data.u64 < Self.alarmToken {
                    handle(event.events, SlotReference(token: event.data.u64))
                    runLocalJobs()
                } else if event.data.u64 == Self.wakeToken {
                    wake.drain()
                } else {
                    alarm.drain()
                    alarmAt = Instant(nanoseconds: .max)
                }
            }
            if wakefulness.exchange(Wakefulness.awake, ordering: .acquiringAndReleasing) == Wakefulness.called {
                runMailbox()
            }
            fireTimers()
            metrics.endTurn()
        }
        end()
    }

    private func fireTimers() {
        // Timers that these jobs set, however short, wait for the next turn.
        var left = timers.count
        while left > 0, let job = timers.takeDue(now) {
            job()
            runLocalJobs()
            left -= 1
        }
    }

    private func end() {
        isDraining = true
        runMailbox()
        for slot in slots {
            if let connection = slot.connection { close(connection, .stopped) }
        }
        runLocalJobs()
        // Whoever sends now is told nothing: the connections are gone, and so is what the jobs were for.
        let late = mailbox.withLock { mailbox in
            mailbox.isClosed = true
            defer { mailbox.jobs = [] }
            return mailbox.jobs
        }
        for job in late { job() }
        localJobs = []
        timers = TimerQueue()
        metrics.endTurn()
        threadHandle.store(0, ordering: .relaxed)
    }

    private func wait(_ events: UnsafeMutablePointer<epoll_event>) -> Int {
        // Jobs that jobs caused run before the loop sleeps; those they cause in turn find it awake again.
        runLocalJobs()
        // A timeout of epoll_wait would set up a kernel timer at every turn; the alarm is set only when a job is due
        // earlier than it rings.
        if let deadline = timers.nextDeadline, deadline < alarmAt {
            alarmAt = deadline
            alarm.ring(after: deadline.nanoseconds - clock.now.nanoseconds)
        }
        var maySleep = localJobs.isEmpty
        if maySleep {
            (maySleep, _) = wakefulness.compareExchange(
                expected: Wakefulness.awake, desired: Wakefulness.sleeping, ordering: .acquiringAndReleasing)
        }
        return Int(epoll_wait(epoll, events, CInt(Self.eventsPerTurn), maySleep ? -1 : 0))
    }

    private func runMailbox() {
        let jobs = mailbox.withLock { mailbox in
            defer { mailbox.jobs = [] }
            return mailbox.jobs
        }
        for job in jobs {
            job()
            runLocalJobs()
        }
    }

    private func runLocalJobs() {
        guard !localJobs.isEmpty else { return }
        let jobs = localJobs
        localJobs = []
        for job in jobs { job() }
    }

    // Connections' places in the table.

    func place() -> SlotReference {
        if let index = freeSlots.popLast() {
            return SlotReference(index: index, generation: slots[Int(index)].generation)
        }
        slots.append(Slot())
        return SlotReference(index: UInt32(slots.count - 1), generation: 0)
    }

    func vacate(_ slot: SlotReference) {
        slots[Int(slot.index)].connection = nil
        slots[Int(slot.index)].generation &+= 1
        freeSlots.append(slot.index)
    }

    func connection(at slot: SlotReference) -> Connection? {
        guard Int(slot.index) < slots.count, slots[Int(slot.index)].generation == slot.generation else { return nil }
        return slots[Int(slot.index)].connection
    }

    /// Tells the kernel what to watch, when that is not what it watches already.
    func watch(_ connection: Connection, _ events: UInt32) {
        guard connection.watched != events else { return }
        let operation = connection.watched == 0 && !connection.isRegistered ? EPOLL_CTL_ADD : EPOLL_CTL_MOD
        connection.isRegistered = true
        connection.watched = events
        if !control(operation, connection.descriptor, events, connection.slot.token) {
            close(connection, .failed("epoll: \(Errno.last)"))
        }
    }

    private func control(_ operation: CInt, _ descriptor: CInt, _ events: UInt32, _ token: UInt64) -> Bool {
        var event = epoll_event(events: events, data: epoll_data_t(u64: token))
        return epoll_ctl(epoll, operation, descriptor, &event) == 0
    }

    func connectionsChanged(by change: Int) {
        let open = openConnections.add(change, ordering: .relaxed).newValue
        guard isDraining, open == 0 else { return }
        let done = onDrained
        onDrained = []
        for job in done { job() }
    }
}

/// What all loops of a server share.
struct LoopSettings: Sendable {
    let handler: FrameHandler
    let describe: @Sendable (RawSpan) -> String
    let frameBytesMax: Int
    let idleTimeout: Duration
    let memory: RequestMemory
    let limits: ConnectionLimits
    let closeLines: LineLimiter
}
