import Glibc
import TestSupport
import Testing

@testable import Telemetry

@Suite struct LogTests {
    @Test func `what outsiders send cannot forge a line`() {
        #expect(escapingControls("plain text with ü and 名") == "plain text with ü and 名")
        #expect(escapingControls("a\r\n[2026-01-01] FATAL b") == "a\\x0d\\x0a[2026-01-01] FATAL b")
        #expect(escapingControls("\u{1b}[2Jx\u{7f}\u{0}") == "\\x1b[2Jx\\x7f\\x00")
    }

    @Test func `levels are ordered and named as in the configuration`() {
        #expect(Log.Level.allCases.map(\.name) == ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"])
        #expect(Log.Level.debug < .info)
        #expect(Log.Level.error < .fatal)
    }

    @Test func `a message below the level is not even built`() {
        let built = Counter()
        Log("Test").debug("\(built.add())")
        #expect(built.value == 0)
    }
}

@Suite struct MetricsTests {
    @Test func `the text has help, type and series in the order of names`() {
        let metrics = Metrics()
        let requests = metrics.counter("b_requests_total", labels: ["api": "Fetch"], help: "Requests.")
        metrics.counter("b_requests_total", labels: ["api": "Produce"], help: "Requests.").add(3)
        metrics.gauge("a_load", help: "Load.") { 0.5 }
        requests.add()
        requests.add(41)
        #expect(
            metrics.prometheusText() == """
                # HELP a_load Load.
                # TYPE a_load gauge
                a_load 0.5
                # HELP b_requests_total Requests.
                # TYPE b_requests_total counter
                b_requests_total{api="Fetch"} 42
                b_requests_total{api="Produce"} 3

                """)
    }

    @Test func `labels are escaped`() {
        let metrics = Metrics()
        metrics.gauge("x", labels: ["topic": "a\"b\\c\nd", "n": "1"], help: "X.") { 1e20 }
        #expect(metrics.prometheusText().contains(#"x{topic="a\"b\\c\nd",n="1"} 1e+20"#))
    }
}

struct LogLevelTests {
    private let sink = LogSink()

    init() {
        sink.register("Network")
        sink.register("Broker")
    }

    private var levels: [String] { sink.levels.map { "\($0.name) \($0.level.name)" } }

    @Test func `every part is heard from the root's level on`() {
        #expect(levels == ["root INFO", "skafka.Broker INFO", "skafka.Network INFO"])
        #expect(sink.admits(.info, "Broker") && !sink.admits(.debug, "Broker"))
        sink.setLevel(.warn, of: "root")
        #expect(levels == ["root WARN", "skafka.Broker WARN", "skafka.Network WARN"])
        #expect(!sink.admits(.info, "Broker"))
    }

    @Test func `one part is heard more, another less, until both follow the root again`() {
        sink.setLevel(.debug, of: "skafka.Network")
        sink.setLevel(.error, of: "skafka.Broker")
        #expect(levels == ["root INFO", "skafka.Broker ERROR", "skafka.Network DEBUG"])
        #expect(sink.admits(.debug, "Network") && !sink.admits(.trace, "Network"))
        #expect(sink.admits(.error, "Broker") && !sink.admits(.warn, "Broker"))
        #expect(sink.admits(.info, "Storage") && !sink.admits(.debug, "Storage"))
        sink.setLevel(nil, of: "skafka.Network")
        sink.setLevel(nil, of: "skafka.Broker")
        #expect(levels == ["root INFO", "skafka.Broker INFO", "skafka.Network INFO"])
        #expect(!sink.admits(.debug, "Network") && sink.admits(.info, "Broker"))
    }

    @Test func `the root keeps a level`() {
        sink.setLevel(nil, of: "root")
        #expect(sink.admits(.info, "Broker"))
    }
}
