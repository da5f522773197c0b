import CommandLine
import Configuration
import ZooKeeper

/// `--zookeeper`, with which the tools of old found a cluster: its brokers are registered in ZooKeeper, and they are what
/// is asked today.
enum ZooKeeperBootstrap {
    struct Failure: Error, Equatable {
        let reason: String
        var hint: String?
    }

    /// For the tools that had it.
    static let option = Option(
        "zookeeper", .value("String: urls"),
        help: "DEPRECATED, use --bootstrap-server. The ZooKeeper of the cluster, host:port/chroot, several servers "
            + "separated by commas; the brokers that are registered there are asked.")

    private static let registrations = "/brokers/ids"

    /// The bootstrap servers of the cluster that is registered there, `host:port,host:port`, by the ids of the brokers.
    static func servers(_ text: String, securityProtocol: String) throws(Failure) -> String {
        guard let address = EnsembleAddress(text) else {
            throw Failure(
                reason: "'\(text)' is no ZooKeeper",
                hint: "It is written host:port, several separated by commas, with /chroot behind the last.")
        }
        let session: ZooKeeperSession
        let brokers: [RegisteredBroker]
        do throws(ZooKeeperError) {
            session = try ZooKeeperSession(address)
        } catch {
            throw Failure(reason: error.description)
        }
        defer { session.close() }
        do throws(ZooKeeperError) {
            brokers = try registered(session)
        } catch {
            guard case .noNode = error.reason else { throw Failure(reason: error.description) }
            throw Failure(
                reason: "no cluster of Kafka is registered at \(address): \(error)",
                hint: address.chroot.isEmpty ? chroot(session).map { "Did you mean \(address)\($0)?" } : nil)
        }
        return try servers(of: brokers, at: address, securityProtocol: securityProtocol)
    }

    private static func registered(_ session: ZooKeeperSession) throws(ZooKeeperError) -> [RegisteredBroker] {
        var brokers: [RegisteredBroker] = []
        for id in try session.children(of: registrations).sorted(by: { (Int32($0) ?? 0) < (Int32($1) ?? 0) }) {
            do throws(ZooKeeperError) {
                let json = try session.data(of: "\(registrations)/\(id)")
                if let broker = RegisteredBroker(json: json) { brokers.append(broker) }
            } catch {
                // It has gone since it was listed.
                guard case .noNode = error.reason else { throw error }
            }
        }
        return brokers
    }

    /// Where below the root a cluster is, for who forgot to say so.
    private static func chroot(_ session: ZooKeeperSession) -> String? {
        do throws(ZooKeeperError) {
            for name in try session.children(of: "/") where try session.children(of: "/\(name)").contains("brokers") {
                return "/\(name)"
            }
            return nil
        } catch {
            return nil
        }
    }

    static func servers(
        of brokers: [RegisteredBroker], at address: EnsembleAddress, securityProtocol: String
    ) throws(Failure) -> String {
        let endpoints = brokers.flatMap(\.endpoints)
        guard !endpoints.isEmpty else {
            throw Failure(reason: "no broker is registered at \(address): is the cluster running?")
        }
        let fitting = endpoints.filter { $0.securityProtocol == securityProtocol }
        guard !fitting.isEmpty else {
            let others = Set(endpoints.map(\.securityProtocol)).sorted().joined(separator: ", ")
            throw Failure(
                reason: "the brokers registered at \(address) have no listener with \(securityProtocol), only with "
                    + others)
        }
        return fitting.map(\.address.description).joined(separator: ",")
    }
}
