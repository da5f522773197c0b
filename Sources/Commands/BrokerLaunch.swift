import Broker
import Configuration

/// The one place where the command line meets the broker.
enum BrokerLaunch {
    struct Failure: Error {
        let reason: String
    }

    /// Starts a broker and gives what stops it again.
    static func launch(
        _ configuration: BrokerConfiguration, unformatted: UnformattedDirectories
    ) -> Result<@Sendable () -> Void, Failure> {
        do throws(BrokerStartError) {
            let broker = try Broker(configuration: configuration, unformatted: unformatted)
            try broker.start()
            return .success { broker.shutDown() }
        } catch {
            return .failure(Failure(reason: error.description))
        }
    }
}
