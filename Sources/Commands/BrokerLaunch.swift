import Configuration

/// The one place where the command line meets the broker. A test launches something else.
struct BrokerLaunch: Sendable {
    struct Failure: Error {
        let reason: String
    }

    /// Starts a broker and gives what stops it again.
    let start: @Sendable (BrokerConfiguration) -> Result<@Sendable () -> Void, Failure>

    static let real = BrokerLaunch { _ in .failure(Failure(reason: "this build has no broker")) }
}
