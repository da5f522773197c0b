import Bytes
import CLinux
import Configuration
import Glibc
import KafkaModel
import KafkaProtocol
import KafkaRecords
import Posix
import Timing

/// The thread of a producer that talks to brokers: it takes ready batches out of the accumulator, writes requests over
/// connections to the leaders, several under way on each, reads the answers and tells what became of the batches. What
/// would make it wait (connecting, asking for metadata) is done by short-lived threads of their own.
final class Sender {
    enum Payload {
        case batches([ProducerBatch])
        case identity
    }

    typealias Connection = PipelinedConnection<Payload>

    /// A broker and how it stands with it.
    final class Link {
        enum State {
            case idle
            case connecting
            case open(Connection)
        }

        var state = State.idle
        var failures = 0
        var lastError: ClientError?
        /// When to connect again, or to send again to a broker that wants to be spared.
        var notBefore: Instant?

        var connection: Connection? { if case .open(let connection) = state { connection } else { nil } }
    }

    let core: ProducerCore
    let configuration: ProducerConfiguration
    let clock: Clock
    let onDelivery: (@Sendable (Delivery) -> Void)?
    var links: [Int32: Link] = [:]
    var jobs: [Thread] = []
    var runningJobs = 0
    var random = RandomSequence.unpredictable
    /// Answers that were read and not yet settled.
    var answers: [(batch: ProducerBatch, answer: RecordAccumulator.Answer)] = []

    var identityState = IdentityState.none
    enum IdentityState {
        case none
        case asked
        case wait(until: Instant)
    }

    var staleTopics: Set<String> = []
    var isRefreshing = false
    var refreshNotBefore: Instant?
    var refreshPause: Duration
    var nextAgeCheck: Instant
    private var closedTraffic = (out: 0, in: 0)
    private var polled: [pollfd] = []
    private var polledLinks: [(id: Int32, link: Link)] = []

    init(_ core: ProducerCore, onDelivery: (@Sendable (Delivery) -> Void)?) {
        self.core = core
        configuration = core.configuration
        clock = core.clock
        self.onDelivery = onDelivery
        refreshPause = core.configuration.client.retryBackoff
        nextAgeCheck = core.clock.now + .seconds(1)
    }

    func run() {
        while true {
            let now = clock.now
            dropOverdue(now)
            expire(now)
            let round = sendReady(now)
            for result in round.results { take(result, now) }
            if round.isAbandoned { break }
            connectWhereWanted(round.plan, now)
            askForIdentity(round.plan, now)
            refreshMetadata(round.plan, now)
            writeAll()
            // What was learned or is done may make more ready.
            if settleAnswers() || !round.results.isEmpty { continue }
            wait(round.plan)
        }
        giveUp()
    }

    /// Hands every batch that can go to its connection. Returns the last round, which had nothing to send.
    private func sendReady(_ now: Instant) -> ProducerCore.Round {
        var results: [ProducerCore.Result] = []
        while true {
            var round = core.nextRound(now: now) { canSend($0, now) }
            results += round.results
            for (broker, batches) in round.plan.requests { send(batches, to: broker, now) }
            if round.plan.requests.isEmpty || round.isAbandoned {
                round.results = results
                return round
            }
        }
    }

    private func canSend(_ broker: Int32, _ now: Instant) -> Bool {
        guard let link = links[broker], let connection = link.connection else { return false }
        if let notBefore = link.notBefore, now < notBefore { return false }
        if configuration.acks == .none { return !connection.hasOutput }
        return connection.awaited.count < configuration.inFlightMax
    }

    private func send(_ batches: [ProducerBatch], to broker: Int32, _ now: Instant) {
        guard let connection = links[broker]?.connection else { preconditionFailure("a request for no connection") }
        for batch in batches {
            if !batch.records.isSealed { batch.seal(configuration.compression, level: configuration.compressionLevel) }
            if batch.needsSignature { batch.sign() }
        }
        guard let version = version(for: batches, connection) else {
            let range = connection.connection.versions[APIKey.produce.rawValue]
            let error = connection.connection.failure(.send(.produce), .unsupported(offered: range))
            for batch in batches { answers.append((batch, .init(.unsupportedVersion, message: error.description))) }
            return
        }
        let request = ProduceOrder(batches, acks: configuration.acks, timeout: configuration.client.requestTimeout)
        // A batch on the wire belongs to this thread and neither grows nor goes away before its payload comes back.
        let records = request.order.map { batches[$0].records.location }
        note(batches, now)
        connection.enqueue(
            request.message, version: version, configuration.acks == .none ? .unanswered : .answered, records: records,
            now: now, .batches(batches))
    }

    /// Topics go by id where the broker takes that and all ids are known.
    private func version(for batches: [ProducerBatch], _ connection: Connection) -> Int16? {
        guard let version = connection.connection.version(of: ProduceRequest.self), version >= 3 else { return nil }
        guard version >= 13, batches.contains(where: { $0.topicID == .zero }) else { return version }
        let oldest = connection.connection.versions[APIKey.produce.rawValue]?.lowerBound ?? 0
        return oldest <= 12 ? 12 : nil
    }

    private func note(_ batches: [ProducerBatch], _ now: Instant) {
        core.update { figures in
            figures.requests += 1
            for batch in batches where batch.attempts == 1 {
                let waited = now - batch.created
                figures.batches += 1
                figures.batchBytes += batch.records.sizeInBytes
                figures.plainBytes += batch.records.plainBytes
                figures.largestRecordBatch = max(figures.largestRecordBatch, batch.records.sizeInBytes)
                figures.queueTime += waited
                figures.queueTimeMax = max(figures.queueTimeMax, waited)
            }
        }
    }

    private func writeAll() {
        for (id, link) in links {
            guard let connection = link.connection, connection.hasOutput else { continue }
            write(id, link, connection)
        }
    }

    private func write(_ id: Int32, _ link: Link, _ connection: Connection) {
        do throws(ClientError) {
            for payload in try connection.write() {
                guard case .batches(let batches) = payload else { continue }
                for batch in batches { answers.append((batch, .init(.none))) }
            }
        } catch {
            lose(id, link, error)
        }
    }

    /// Sleeps until a socket, a caller or the time has something to do, and reads what came.
    private func wait(_ plan: RecordAccumulator.Plan) {
        polled.removeAll(keepingCapacity: true)
        polledLinks.removeAll(keepingCapacity: true)
        polled.append(pollfd(fd: core.bellDescriptor, events: Int16(POLLIN), revents: 0))
        var wake = plan.wake
        func consider(_ instant: Instant?) {
            if let instant { wake = min(wake ?? instant, instant) }
        }
        for (id, link) in links {
            consider(link.notBefore)
            guard let connection = link.connection else { continue }
            consider(connection.deadline)
            let events = Int16(POLLIN) | (connection.hasOutput ? Int16(POLLOUT) : 0)
            polled.append(pollfd(fd: connection.descriptor, events: events, revents: 0))
            polledLinks.append((id, link))
        }
        if !staleTopics.isEmpty, !isRefreshing { consider(refreshNotBefore) }
        if case .wait(let until) = identityState { consider(until) }
        let count = poll(&polled, nfds_t(polled.count), milliseconds(until: wake))
        core.awake()
        guard count > 0 else { return }
        if polled[0].revents != 0 {
            var rung: UInt64 = 0
            _ = Glibc.read(core.bellDescriptor, &rung, 8)
        }
        for (index, entry) in polledLinks.enumerated() where polled[index + 1].revents != 0 {
            guard let connection = entry.link.connection else { continue }
            if polled[index + 1].revents & Int16(POLLOUT) != 0 { write(entry.id, entry.link, connection) }
            if polled[index + 1].revents & ~Int16(POLLOUT) != 0, entry.link.connection != nil {
                read(entry.id, entry.link, connection)
            }
        }
        settleAnswers()
    }

    /// Rounded up, so that nothing is looked at a little too early, again and again.
    private func milliseconds(until instant: Instant?) -> CInt {
        guard let instant else { return -1 }
        let left = (instant - clock.now).wholeNanoseconds
        return left <= 0 ? 0 : CInt(clamping: (left + 999_999) / 1_000_000)
    }

    /// A broker that does not answer in time is taken for lost.
    private func dropOverdue(_ now: Instant) {
        for (id, link) in links {
            if let notBefore = link.notBefore, now >= notBefore { link.notBefore = nil }
            guard let connection = link.connection, let deadline = connection.deadline, now >= deadline else {
                continue
            }
            let timeout = configuration.client.requestTimeout.wholeMilliseconds
            let step = ClientError.Step.receive(connection.awaited.first?.api ?? .produce)
            lose(id, link, connection.connection.failure(step, .timedOut(milliseconds: timeout)))
        }
    }

    /// Ends a connection. What was under way on it is tried again.
    func lose(_ id: Int32, _ link: Link, _ error: ClientError) {
        guard let connection = link.connection else { return }
        link.state = .idle
        link.lastError = error
        link.failures += 1
        link.notBefore = clock.now + pause(link.failures)
        for payload in connection.abandon() {
            switch payload {
            case .identity: identityState = .none
            case .batches(let batches):
                for batch in batches {
                    staleTopics.insert(batch.queue.topic.name)
                    answers.append((batch, .init(.networkException, message: error.description)))
                }
            }
        }
        closedTraffic.out += connection.bytesSent
        closedTraffic.in += connection.bytesReceived
        core.update { $0.connectionsClosed += 1 }
    }

    /// All bytes that went out and came in.
    var traffic: (out: Int, in: Int) {
        links.values.compactMap(\.connection).reduce(closedTraffic) {
            ($0.out + $1.bytesSent, $0.in + $1.bytesReceived)
        }
    }

    func pause(_ failures: Int) -> Duration {
        let factor = Double(1 << min(max(failures - 1, 0), 20))
        return min(configuration.reconnectBackoff * factor, configuration.reconnectBackoffMax) * random.jitter()
    }

    private func giveUp() {
        for (id, link) in links {
            guard link.connection != nil else { continue }
            lose(id, link, ClientError("broker \(id)", .send(.produce), .closed))
        }
        settleAnswers()
        finish(core.abandon().map { ($0.batch, ProducerError(.givenUp), $0.isOnWire) })
        for job in jobs where runningJobs == 0 { job.join() }
    }
}
