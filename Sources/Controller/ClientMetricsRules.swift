import Configuration
import KafkaModel
import Patterns

/// What a subscription to the metrics of clients may say (KIP-714).
enum ClientMetricsRules {
    /// What a pattern may look at.
    private static let parameters: Set<String> = [
        "client_instance_id", "client_id", "client_software_name", "client_software_version", "client_source_address",
        "client_source_port",
    ]
    private static let intervalMs: ClosedRange<Int64> = 100...3_600_000

    static func check(_ name: String, _ settings: [String: String]) -> Refusal? {
        if name.isEmpty { return Refusal(.invalidRequest, "Subscription name can't be empty") }
        for (key, value) in settings.sorted(by: { $0.key < $1.key }) {
            guard let definition = ClientMetricsConfigTable.find(key) else {
                return Refusal(.invalidRequest, "Unknown client metrics configuration: \(key)")
            }
            do throws(ConfigurationError) {
                if let refusal = check(key, try definition.parse(value)) { return refusal }
            } catch {
                return Refusal(.invalidConfig, error.description)
            }
        }
        return nil
    }

    private static func check(_ key: String, _ value: ConfigValue) -> Refusal? {
        switch (key, value) {
        case ("interval.ms", .integer(let interval)) where !intervalMs.contains(interval):
            Refusal(
                .invalidRequest,
                "Invalid value \(interval) for interval.ms, interval must be between 100 and 3600000 (1 hour)")
        case ("match", .list(let patterns)):
            patterns.first { !isPattern($0) }
                .map { Refusal(.invalidConfig, "Illegal client matching pattern: \($0)") }
        default: nil
        }
    }

    private static func isPattern(_ text: String) -> Bool {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty else { return false }
        guard parameters.contains(String(parts[0].filter { $0 != " " })) else { return false }
        do throws(PatternError) {
            _ = try Pattern(String(parts[1]))
            return true
        } catch {
            return false
        }
    }
}
