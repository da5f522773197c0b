import Posix
import Synchronization

/// A number that only grows.
public final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    public init() {}

    public func add(_ amount: Int = 1) { count.add(amount, ordering: .relaxed) }
    public var value: Int { count.load(ordering: .relaxed) }
}

/// Everything the broker tells about itself in numbers, by name. A counter is found once and then held, so that
/// counting costs one atomic addition; gauges are asked when somebody reads.
public final class Metrics: Sendable {
    private struct Family {
        var help: String
        var kind: String
        var series: [(labels: String, read: @Sendable () -> Double)] = []
    }

    private let families = Guarded<[String: Family]>([:])

    public init() {}

    public func counter(_ name: String, labels: KeyValuePairs<String, String> = [:], help: String) -> Counter {
        let counter = Counter()
        register(name, kind: "counter", labels: labels, help: help) { Double(counter.value) }
        return counter
    }

    public func gauge(
        _ name: String, labels: KeyValuePairs<String, String> = [:], help: String,
        _ read: @escaping @Sendable () -> Double
    ) {
        register(name, kind: "gauge", labels: labels, help: help, read)
    }

    private func register(
        _ name: String, kind: String, labels: KeyValuePairs<String, String>, help: String,
        _ read: @escaping @Sendable () -> Double
    ) {
        let text = labels.map { "\($0.key)=\"\(escapingLabel($0.value))\"" }.joined(separator: ",")
        families.withLock { families in
            families[name, default: Family(help: help, kind: kind)].series.append((text, read))
        }
    }

    /// The text exposition format of Prometheus, version 0.0.4, in the order of names.
    public func prometheusText() -> String {
        let snapshot = families.withLock { $0 }
        var text = ""
        for (name, family) in snapshot.sorted(by: { $0.key < $1.key }) {
            text += "# HELP \(name) \(family.help)\n# TYPE \(name) \(family.kind)\n"
            for series in family.series {
                text += series.labels.isEmpty ? name : "\(name){\(series.labels)}"
                text += " \(plainNumber(series.read()))\n"
            }
        }
        return text
    }
}

private func plainNumber(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
}

private func escapingLabel(_ value: String) -> String {
    var safe = ""
    for character in value {
        switch character {
        case "\\": safe += "\\\\"
        case "\"": safe += "\\\""
        case "\n": safe += "\\n"
        default: safe.append(character)
        }
    }
    return safe
}
