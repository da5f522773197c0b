import CommandLine
import KafkaClient
import Timing

/// How far a consumer is, as a line on the terminal, while its data goes somewhere else.
struct ConsoleProgress {
    private let environment: Environment
    private let isWanted: Bool
    private let start = Clock.system.now
    private var lastShown = Clock.system.now
    private(set) var isShown = false

    private static let silence = Duration.seconds(2)
    private static let period = Duration.milliseconds(200)

    init(_ environment: Environment) {
        self.environment = environment
        isWanted = !environment.console.isInteractive && environment.terminal?.width() != nil
    }

    mutating func update(records: Int64, _ consumer: Consumer) {
        guard isWanted else { return }
        let now = Clock.system.now
        guard now - start >= Self.silence, now - lastShown >= Self.period else { return }
        lastShown = now
        let seconds = Double((now - start).wholeMilliseconds) / 1000
        var line = "\(records) records, \(Int64(Double(records) / seconds)) a second"
        var left: Int64 = 0
        for (_, partition) in consumer.assignment { left += consumer.lag(of: partition) ?? 0 }
        if left > 0 { line += ", \(left) left" }
        environment.console.tellText(Progress.clearing + line.prefix((environment.terminal?.width() ?? 80) - 1))
        isShown = true
    }

    mutating func clear() {
        if isShown { environment.console.tellText(Progress.clearing) }
        isShown = false
    }
}
