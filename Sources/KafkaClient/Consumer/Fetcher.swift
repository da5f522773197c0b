import Bytes
import Configuration
import KafkaModel
import KafkaProtocol
import Posix
import Timing

/// Fetches from one broker, on a thread and a connection of its own: while the application works on one answer, the next
/// is already on its way. It also asks this broker for the offsets to begin with, and where epochs end. When no partition
/// is to be fetched from the broker any more, it ends after a while.
final class Fetcher {
    let broker: Int32
    let shared: ConsumerShared
    private var connection: BrokerConnection?
    /// Since when nothing is to be fetched from the broker, as was seen in a pause.
    private var superfluousSince: Instant?

    /// How long a partition that could be fetched waits for others that are held back.
    private static let heldBackMs: Int64 = 100
    private static let idleMs: Int64 = 1000

    init(_ broker: Int32, _ shared: ConsumerShared) {
        self.broker = broker
        self.shared = shared
    }

    /// Works until the consumer is closed, or nothing is left to fetch here.
    func run() {
        while let (work, wait) = nextWork() {
            superfluousSince = nil
            do throws(ClientError) {
                try perform(work, wait: wait)
            } catch {
                connection = nil
                shared.update { $0.failed(work, error) }
            }
        }
    }

    /// How long the broker may wait for new records.
    enum Wait { case fully, notAtAll }

    private enum Found {
        case work(FetcherWork)
        case heldBack
        case end
    }

    /// What to do next; nil at the end.
    private func nextWork() -> (FetcherWork, Wait)? {
        while true {
            switch shared.state.wait(milliseconds: Self.idleMs, { find(in: &$0) }) {
            case .work(let work)?: return (work, .fully)
            case .end?: return nil
            case nil:
                if retires() { return nil }
                continue
            case .heldBack?: break
            }
            let later = shared.state.wait(milliseconds: Self.heldBackMs) { state -> Found? in
                let found = find(in: &state)
                if case .heldBack? = found { return nil }
                return found
            }
            switch later {
            case .work(let work)?: return (work, .fully)
            case .end?: return nil
            case .heldBack?, nil: break
            }
            let now = shared.clock.now
            let partial = shared.state.withLock { state -> FetcherWork? in
                switch state.next(for: broker, now: now) {
                case .work(let work), .heldBack(let work): work
                case .nothing: nil
                }
            }
            if let partial { return (partial, .notAtAll) }
        }
    }

    /// Whether this fetcher ends because nobody needs it.
    private func retires() -> Bool {
        let now = shared.clock.now
        return shared.state.update { $0.retires(broker, superfluousSince: &superfluousSince, now: now) }
    }

    private func find(in state: inout ConsumerState) -> Found? {
        if state.isClosed { return .end }
        switch state.next(for: broker, now: shared.clock.now) {
        case .work(let work): return .work(work)
        case .heldBack(let work):
            state.dropped(work)
            return .heldBack
        case .nothing: return nil
        }
    }

    private func perform(_ work: FetcherWork, wait: Wait) throws(ClientError) {
        guard let connection = try connect() else {
            shared.update { $0.brokerUnknown(work) }
            return
        }
        switch work {
        case .lookUp(let requests, let targets): try lookUp(requests, targets, connection)
        case .validate(let requests): try validate(requests, connection)
        case .fetch(let requests): try fetch(requests, wait, connection)
        }
    }

    var deadline: Instant { shared.clock.now + shared.configuration.client.requestTimeout }

    private func connect() throws(ClientError) -> BrokerConnection? {
        if let connection { return connection }
        guard let node = shared.metadata.broker(broker) else { return nil }
        let made = try BrokerConnection(
            node.address, configuration: shared.configuration.client, until: deadline, clock: shared.clock,
            interruption: shared.interruption)
        connection = made
        shared.state.withLock { $0.answered(by: node.address.description) }
        return made
    }

    private func fetch(
        _ requests: [PartitionRequest], _ wait: Wait, _ connection: BrokerConnection
    ) throws(ClientError) {
        let exchange = FetchExchange(requests, shared.configuration)
        let maxWait = wait == .fully ? shared.configuration.fetchMaxWait : .zero
        let answer = shared.takeAnswer()
        defer { shared.release(answer) }
        let response = try connection.request(
            exchange.request(maxWait: maxWait), atMost: exchange.newestVersion, until: deadline + maxWait,
            brokerWaits: maxWait, into: &answer.writer)
        let code = ErrorCode(code: response.errorCode)
        guard code == .none else {
            throw ClientError(connection.address.description, .receive(.fetch), .refused(code, message: nil))
        }
        learnLeaders(response, exchange)
        let results = exchange.results(of: response, in: answer)
        let instant = shared.clock.now
        let now = shared.clock.timestamp
        shared.update { state in
            for (request, result) in results { state.fetched(request, result, instant: instant, now: now) }
            state.unanswered(requests)
        }
        rest(milliseconds: response.throttleTimeMs)
    }

    /// A broker that does not lead a partition any more tells who does, and where to find it (KIP-951).
    private func learnLeaders(_ response: FetchResponse, _ exchange: FetchExchange) {
        for topic in response.responses {
            for partition in topic.partitions where partition.currentLeader.leaderId >= 0 && partition.errorCode != 0 {
                guard let request = exchange.request(for: topic, partition.partitionIndex) else { continue }
                let leader = partition.currentLeader
                let node = response.nodeEndpoints.first { $0.nodeId == leader.leaderId }.flatMap { BrokerNode($0) }
                shared.metadata.learn(request.partition, leader: leader.leaderId, epoch: leader.leaderEpoch, at: node)
            }
        }
    }

    /// The broker asks for a rest (KIP-219).
    func rest(milliseconds: Int32) {
        guard let pause = ClientConfiguration.rest(throttledFor: milliseconds) else { return }
        _ = shared.state.wait(milliseconds: pause.wholeMilliseconds) { $0.isClosed ? true : nil }
    }
}

extension BrokerNode {
    fileprivate init?(_ endpoint: FetchResponse.NodeEndpoint) {
        guard let port = UInt16(exactly: endpoint.port), !endpoint.host.isEmpty else { return nil }
        self.init(id: endpoint.nodeId, address: HostPort(host: endpoint.host, port: port), rack: endpoint.rack)
    }
}
