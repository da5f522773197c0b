import Configuration

/// The one place where the command line meets the broker.
enum BrokerLaunch {
    struct Failure: Error {
        let reason: String
    }

    /// Starts a broker and gives what stops it again.
    static func launch(_ configuration: BrokerConfiguration) -> Result<@Sendable () -> Void, Failure> {
        .failure(Failure(reason: "this build has no broker"))
    }
}
