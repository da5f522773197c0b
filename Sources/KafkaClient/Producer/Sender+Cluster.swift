import Configuration
import KafkaModel
import KafkaProtocol
import Posix
import Timing

/// Finding the leaders and the producer's identity.
extension Sender {
    /// Connects to brokers that something is ready for.
    func connectWhereWanted(_ plan: RecordAccumulator.Plan, _ now: Instant) {
        for id in plan.waitingFor {
            let link = links[id] ?? Link()
            links[id] = link
            guard case .idle = link.state, link.notBefore == nil else { continue }
            guard let node = core.metadata.broker(id) else {
                staleTopics.formUnion(core.topics(ledBy: id, now: now))
                link.notBefore = now + pause(1)
                continue
            }
            link.state = .connecting
            let core = core
            begin {
                do throws(ClientError) {
                    let connection = try BrokerConnection(
                        node.address, configuration: core.configuration.client,
                        until: core.clock.now + core.configuration.client.connectTimeout, clock: core.clock)
                    core.post(.connected(id, connection))
                } catch {
                    core.post(.notConnected(id, error))
                }
            }
        }
    }

    /// Does something that waits on a thread of its own, which posts what came of it.
    private func begin(_ body: @escaping @Sendable () -> Void) {
        if runningJobs == 0 {
            for job in jobs { job.join() }
            jobs = []
        }
        runningJobs += 1
        jobs.append(Thread(name: "producer-aside", body))
    }

    func take(_ result: ProducerCore.Result, _ now: Instant) {
        runningJobs -= 1
        switch result {
        case .connected(let id, let connection):
            guard let link = links[id] else { return }
            link.state = .open(Connection(connection))
            link.failures = 0
            link.lastError = nil
            core.update { $0.connections += 1 }
        case .notConnected(let id, let error):
            guard let link = links[id] else { return }
            link.state = .idle
            link.failures += 1
            link.lastError = error
            link.notBefore = now + pause(link.failures)
            // It may lead nothing any more.
            staleTopics.formUnion(core.topics(ledBy: id, now: now))
        case .refreshed(let names, let refused):
            let leaderless = core.learnAgain(names.filter { refused[$0] == nil })
            core.postpone(refused.filter { !$0.value.isRetriable }.map(\.key), now: now)
            refreshed(leftOver: leaderless + refused.filter(\.value.isRetriable).map(\.key), now)
        case .notRefreshed(let names): refreshed(leftOver: names, now)
        }
    }

    /// What an answer left open is asked for again, later each time, as long as somebody uses it.
    private func refreshed(leftOver names: [String], _ now: Instant) {
        isRefreshing = false
        let open = core.inUse(names, now: now)
        if open.isEmpty {
            refreshPause = configuration.client.retryBackoff
            refreshNotBefore = nil
        } else {
            staleTopics.formUnion(open)
            refreshNotBefore = now + refreshPause * random.jitter()
            refreshPause = min(refreshPause * 2, configuration.client.retryBackoffMax)
        }
    }

    func refreshMetadata(_ plan: RecordAccumulator.Plan, _ now: Instant) {
        staleTopics.formUnion(plan.leaderless)
        if now >= nextAgeCheck {
            staleTopics.formUnion(core.agedTopics(now: now))
            nextAgeCheck = now + .seconds(1)
        }
        guard !staleTopics.isEmpty, !isRefreshing else { return }
        if let refreshNotBefore, now < refreshNotBefore { return }
        // A leader that moves needs a moment to say so: what is asked at once is often asked in vain.
        refreshNotBefore = now + refreshPause
        isRefreshing = true
        let names = staleTopics.sorted()
        staleTopics = []
        let core = core
        begin {
            do throws(ClientError) {
                let refused = try core.metadata.refused(
                    ofThese: names, until: core.clock.now + core.configuration.client.requestTimeout)
                core.post(.refreshed(names, refused: refused))
            } catch {
                core.post(.notRefreshed(names))
            }
        }
    }

    /// Any broker gives an identity to an idempotent producer.
    func askForIdentity(_ plan: RecordAccumulator.Plan, _ now: Instant) {
        guard plan.needsIdentity else { return }
        switch identityState {
        case .asked: return
        case .wait(let until) where now < until: return
        case .wait, .none: break
        }
        let open = links.values.compactMap(\.connection)
        guard let connection = open.first(where: { $0.connection.version(of: InitProducerIdRequest.self) != nil })
        else {
            if let connection = open.first {
                failForGood(
                    ProducerError(
                        .client(connection.connection.failure(.send(.initProducerId), .unsupported(offered: nil)))))
            }
            return
        }
        var request = InitProducerIdRequest()
        request.transactionalId = nil
        request.transactionTimeoutMs = Int32.max
        connection.enqueue(
            request, version: connection.connection.version(of: InitProducerIdRequest.self) ?? 0, now: now, .identity)
        identityState = .asked
    }

    func identityAnswered(_ response: InitProducerIdResponse, _ now: Instant) {
        let code = ErrorCode(code: response.errorCode)
        identityState = .none
        switch code {
        case .none:
            core.setIdentity(ProducerIdentity(id: response.producerId, epoch: response.producerEpoch))
        case _ where code.isRetriable || code == .concurrentTransactions:
            identityState = .wait(until: now + configuration.client.retryBackoff * random.jitter())
        default:
            failForGood(ProducerError(.refused(code, message: nil)))
        }
    }

    private func failForGood(_ error: ProducerError) {
        core.fail(error)
        finish(core.abandon().map { ($0.batch, error, $0.isOnWire) })
    }
}
