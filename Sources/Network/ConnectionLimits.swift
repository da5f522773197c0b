import Posix
import Telemetry

/// How many connections there are, in all and from each address, and how many there may be. Acceptors ask before a
/// connection exists; loops tell when one is gone.
final class ConnectionLimits: Sendable {
    enum Verdict: Equatable {
        case admitted
        case tooMany(limit: Int)
        case tooManyOfAddress(limit: Int)
    }

    private struct State {
        var total = 0
        var byAddress: [String: Int] = [:]
        var totalMax: Int
        var perAddressMax: Int
        var overrides: [String: Int]
    }

    private let state: Guarded<State>

    init(totalMax: Int, perAddressMax: Int, overrides: [String: Int]) {
        state = Guarded(State(totalMax: totalMax, perAddressMax: perAddressMax, overrides: resolved(overrides)))
    }

    func reconfigure(totalMax: Int, perAddressMax: Int, overrides: [String: Int]) {
        let overrides = resolved(overrides)
        state.withLock { state in
            state.totalMax = totalMax
            state.perAddressMax = perAddressMax
            state.overrides = overrides
        }
    }

    func admit(_ host: String) -> Verdict {
        state.withLock { state in
            guard state.total < state.totalMax else { return .tooMany(limit: state.totalMax) }
            let limit = state.overrides[host] ?? state.perAddressMax
            guard state.byAddress[host, default: 0] < limit else { return .tooManyOfAddress(limit: limit) }
            state.total += 1
            state.byAddress[host, default: 0] += 1
            return .admitted
        }
    }

    func release(_ host: String) {
        state.withLock { state in
            state.total -= 1
            guard let count = state.byAddress[host] else { return }
            state.byAddress[host] = count > 1 ? count - 1 : nil
        }
    }

    var total: Int { state.withLock { $0.total } }
}

/// Host names stand for their addresses; one that cannot be resolved stays as it is and matches nothing.
private func resolved(_ overrides: [String: Int]) -> [String: Int] {
    var result: [String: Int] = [:]
    for (host, limit) in overrides {
        do throws(NetworkError) {
            for address in try ResolvedAddress.all(host: host, port: 0) {
                result[PeerAddress(address.storage).host] = limit
            }
        } catch {
            log.warn("The connection limit of \(limit) for \(host) has no effect: \(error)")
        }
    }
    return result
}
