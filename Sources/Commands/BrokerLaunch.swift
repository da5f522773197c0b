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

    static func real(_ unformatted: UnformattedDirectories) -> BrokerLaunch {
        BrokerLaunch { configuration, doomed in
            do throws(BrokerStartError) {
                let broker = try Broker(configuration: configuration, unformatted: unformatted)
                broker.whenDoomed(doomed)
                try broker.start()
                return .success { broker.shutDown() }
            } catch {
                return .failure(Failure(reason: error.description))
            }
        }
    }
}
