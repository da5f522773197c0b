import KafkaClient
import Timing

/// What a producer counted, under the names and in the form in which Kafka's tools print metrics.
enum ProducerMetrics {
    static func lines(_ producer: Producer, elapsed: Duration) -> [String] {
        lines(
            producer.figures, clientID: producer.configuration.client.clientID,
            memory: producer.configuration.memoryBytes, elapsed: elapsed)
    }

    static func lines(_ figures: ProducerFigures, clientID: String, memory: Int, elapsed: Duration) -> [String] {
        let rows = values(figures, memory: memory, seconds: max(Double(elapsed.wholeNanoseconds) / 1e9, 1e-9))
            .map { ("producer-metrics:\($0.name):{client-id=\(clientID)}", $0.value) }
            .sorted { $0.0 < $1.0 }
        let width = rows.map(\.0.count).max() ?? 0
        func padded(_ text: String) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
        return ["", padded("Metric Name") + "   Value"] + rows.map { "\(padded($0)) : \(decimals($1, 3))" }
    }

    private static func values(
        _ figures: ProducerFigures, memory: Int, seconds: Double
    ) -> [(name: String, value: Double)] {
        func mean(_ sum: Int, _ count: Int) -> Double { count == 0 ? .nan : Double(sum) / Double(count) }
        func ms(_ duration: Duration) -> Double { Double(duration.wholeNanoseconds) / 1e6 }
        return [
            ("batch-size-avg", mean(figures.batchBytes, figures.batches)),
            ("batch-size-max", Double(figures.largestRecordBatch)),
            ("batch-split-total", Double(figures.splits)),
            ("buffer-available-bytes", Double(memory - figures.memoryUsed)),
            ("buffer-total-bytes", Double(memory)),
            ("bufferpool-wait-time-ns-total", Double(figures.memoryWait.wholeNanoseconds)),
            ("compression-rate-avg", mean(figures.batchBytes, figures.plainBytes)),
            ("connection-close-total", Double(figures.connectionsClosed)),
            ("connection-creation-total", Double(figures.connections)),
            ("incoming-byte-total", Double(figures.bytesIn)),
            ("outgoing-byte-rate", Double(figures.bytesOut) / seconds),
            ("outgoing-byte-total", Double(figures.bytesOut)),
            ("produce-throttle-time-avg", ms(figures.throttleTime) / Double(max(figures.responses, 1))),
            ("produce-throttle-time-max", ms(figures.throttleTimeMax)),
            ("record-error-total", Double(figures.recordsFailed)),
            ("record-queue-time-avg", ms(figures.queueTime) / Double(max(figures.batches, 1))),
            ("record-queue-time-max", ms(figures.queueTimeMax)),
            ("record-retry-total", Double(figures.retries)),
            ("record-send-rate", Double(figures.records) / seconds),
            ("record-send-total", Double(figures.records)),
            ("record-size-avg", mean(figures.plainBytes, figures.recordsSent + figures.recordsFailed)),
            ("records-per-request-avg", mean(figures.recordsSent, figures.requests)),
            ("request-latency-avg", ms(figures.requestTime) / Double(max(figures.responses, 1))),
            ("request-latency-max", ms(figures.requestTimeMax)),
            ("request-total", Double(figures.requests)),
            ("response-total", Double(figures.responses)),
        ]
    }
}
