import Telemetry

/// The numbers of one loop. Each loop has counters of its own, so that no cache line travels between cores, and adds
/// to them once a turn, not once a frame.
struct LoopMetrics {
    let bytesIn: Counter
    let bytesOut: Counter
    let frames: Counter
    let closed: Counter

    var turnBytesIn = 0
    var turnBytesOut = 0
    var turnFrames = 0

    init(_ metrics: Metrics, loop: Int) {
        let name = String(loop)
        bytesIn = metrics.counter(
            "skafka_network_received_bytes_total", labels: ["loop": name], help: "Bytes read from connections.")
        bytesOut = metrics.counter(
            "skafka_network_sent_bytes_total", labels: ["loop": name], help: "Bytes written to connections.")
        frames = metrics.counter(
            "skafka_network_requests_total", labels: ["loop": name], help: "Frames handed to the protocol.")
        closed = metrics.counter(
            "skafka_network_connections_closed_total", labels: ["loop": name], help: "Connections that ended.")
    }

    mutating func endTurn() {
        if turnBytesIn > 0 { bytesIn.add(turnBytesIn) }
        if turnBytesOut > 0 { bytesOut.add(turnBytesOut) }
        if turnFrames > 0 { frames.add(turnFrames) }
        turnBytesIn = 0
        turnBytesOut = 0
        turnFrames = 0
    }
}
