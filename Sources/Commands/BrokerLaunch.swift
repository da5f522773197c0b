import Broker
import Configuration

/// The one place where the command line meets the broker. A test launches something else.
struct BrokerLaunch: Sendable {
    struct Failure: Error {
        let reason: String
    }

    /// Starts a broker and gives what stops it again. The second argument is told when the broker, once started, has
    /// lost what it cannot do without.
    let start:
        @Sendable (BrokerConfiguration, _ doomed: @escaping @Sendable (String) -> Void) -> Result<
            @Sendable () -> Void, Failure
        >

    /// - Parameter announce: is told where clients reach the broker, `host:port`, as soon as they do.
    static func real(
        _ unformatted: UnformattedDirectories, announce: @escaping @Sendable (String) -> Void = { _ in }
    ) -> BrokerLaunch {
        BrokerLaunch { configuration, doomed in
            do throws(BrokerStartError) {
                let broker = try Broker(configuration: configuration, unformatted: unformatted)
                broker.whenDoomed(doomed)
                try broker.start()
                announce(address(of: broker, configuration))
                return .success { broker.shutDown() }
            } catch {
                return .failure(Failure(reason: error.description))
            }
        }
    }

    /// The first listener as it is advertised, with the port that the system chose where none was named.
    private static func address(of broker: Broker, _ configuration: BrokerConfiguration) -> String {
        guard let bound = broker.boundAddresses.first else { return "" }
        let advertised = configuration.advertisedListeners.first { $0.name == bound.listener }
        let port = advertised.map(\.port).flatMap { $0 == 0 ? nil : $0 } ?? bound.port
        return HostPort(host: advertised?.host ?? bound.host, port: port).description
    }
}
