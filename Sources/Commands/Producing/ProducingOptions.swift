import CommandLine
import Configuration
import KafkaClient

/// From the options of a tool that sends to the settings of its producer.
enum ProducingOptions {
    /// The settings: the file's, then single ones, then what the tool's own options say. Nil when they cannot be had, which
    /// was told.
    ///
    /// - Parameter more: what the tool adds, given what is known so far.
    static func configuration(
        _ arguments: Arguments, _ environment: Environment, clientID: String, attempt: Attempt,
        _ more: (inout [String: String]) -> Void = { _ in }
    ) throws(UsageError) -> ProducerConfiguration? {
        guard var properties = try ClientOptions.properties(arguments, environment, attempt: attempt) else {
            return nil
        }
        more(&properties)
        do throws(ConfigurationError) {
            let configuration = try ProducerConfiguration(properties, defaultClientID: clientID)
            for notice in configuration.client.notices { environment.console.tell("skafka: \(notice)") }
            return configuration
        } catch {
            environment.tell(attempt.failed("\(error)"))
            return nil
        }
    }
}
