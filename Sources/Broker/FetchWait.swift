import KafkaModel
import KafkaProtocol
import Network
import Posix
import Synchronization
import Timing

/// A fetch that found too little and waits for an append or for its time to run out. It belongs to the loop of its
/// connection: only `wake` may come from elsewhere.
final class FetchWait: @unchecked Sendable {
    private let ticket: ReplyTicket
    private let broker: Broker
    private let context: RequestContext
    // Touched on the loop thread only.
    private var fetch: PendingFetch
    private var timer: TimerToken?
    private var isDone = false
    // Set while a wake-up is on its way to the loop, so that a burst of appends posts one.
    private let isWoken = Atomic(false)

    init(_ fetch: PendingFetch, ticket: ReplyTicket, context: RequestContext, broker: Broker) {
        self.fetch = fetch
        self.ticket = ticket
        self.context = context
        self.broker = broker
    }

    /// Registers with every partition, then looks once more, because an append may have come in between.
    func begin() {
        fetch.register(self)
        context.connection.onClose = { self.abandon() }
        timer = ticket.loop.schedule(after: .milliseconds(Int64(fetch.maxWaitMs))) { self.attempt(isLast: true) }
        attempt(isLast: false)
    }

    func wake() {
        guard !isWoken.exchange(true, ordering: .acquiringAndReleasing) else { return }
        ticket.loop.execute {
            self.isWoken.store(false, ordering: .releasing)
            guard !self.isDone else { return }
            // An append takes all waiting fetches off its partition's list.
            self.fetch.deregister(self)
            self.fetch.register(self)
            self.attempt(isLast: false)
        }
    }

    /// The connection went away: nobody waits for the answer, and the partitions forget it.
    private func abandon() {
        guard !isDone else { return }
        finish()
    }

    private func attempt(isLast: Bool) {
        guard !isDone else { return }
        let found = fetch.read()
        guard isLast || found.isEnough || broker.isShuttingDown else { return }
        finish()
        let answer = fetch.answer(found, broker)
        ticket.complete { connection in
            connection.answer(answer.response, regions: answer.regions, to: self.context, api: .fetch)
        }
    }

    private func finish() {
        isDone = true
        context.connection.onClose = nil
        if let timer { ticket.loop.cancel(timer) }
        fetch.deregister(self)
    }
}
