import Broker
import Configuration

/// The one place where the command line meets the broker. A test launches something else.
struct BrokerLaunch: Sendable {
    struct Failure: Error {
        let reason: String
    }

    /// Starts a broker and gives what stops it again.
    let start: @Sendable (BrokerConfiguration) -> Result<@Sendable () -> Void, Failure>

    static func real(_ unformatted: UnformattedDirectories) -> BrokerLaunch {
        BrokerLaunch { configuration in
            do throws(BrokerStartError) {
                let broker = try Broker(configuration: configuration, unformatted: unformatted)
                try broker.start()
                return .success { broker.shutDown() }
            } catch {
                return .failure(Failure(reason: error.description))
            }
        }
    }
}
