import Timing

/// The rows of `consumer-perf-test`, as Kafka's tool prints them.
struct ConsumerPerfReport {
    static let heading =
        "start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, "
        + "fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec"
    static let detailedHeading =
        "time, threadId, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, "
        + "fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec"

    let format: SimpleDateFormat
    var zone = TimeZoneChoice.system

    /// - Parameter rebalancing: the milliseconds in which it had nothing to fetch, because the group was shared.
    func total(
        from start: Timestamp, to end: Timestamp, bytes: Int64, records: Int64, rebalancing: Int64 = 0
    ) -> String {
        let elapsed = max(1, end.milliseconds - start.milliseconds)
        let seconds = Double(elapsed) / 1000
        let megabytes = Double(bytes) / 1_048_576
        return "\(format.text(start, in: zone)), \(format.text(end, in: zone)), "
            + row(
                megabytes, megabytes / seconds, records, Double(records) / seconds,
                fetched(megabytes, records, elapsed, rebalancing))
    }

    /// What came since the last row, and in all.
    func interval(
        at now: Timestamp, since last: Timestamp, bytes: Int64, records: Int64, newBytes: Int64, newRecords: Int64,
        rebalancing: Int64 = 0
    ) -> String {
        let elapsed = max(1, now.milliseconds - last.milliseconds)
        let seconds = Double(elapsed) / 1000
        return "\(format.text(now, in: zone)), 0, "
            + row(
                Double(bytes) / 1_048_576, Double(newBytes) / 1_048_576 / seconds, records,
                Double(newRecords) / seconds,
                fetched(Double(newBytes) / 1_048_576, newRecords, elapsed, rebalancing))
    }

    private func row(
        _ megabytes: Double, _ megabytesPerSecond: Double, _ records: Int64, _ recordsPerSecond: Double,
        _ fetched: String
    ) -> String {
        "\(decimals(megabytes, 4)), \(decimals(megabytesPerSecond, 4)), \(records), \(decimals(recordsPerSecond, 4)), "
            + fetched
    }

    /// The last columns: the time of rebalances, and what came in the rest.
    private func fetched(_ megabytes: Double, _ records: Int64, _ elapsed: Int64, _ rebalancing: Int64) -> String {
        let left = elapsed - rebalancing
        let seconds = Double(left) / 1000
        func rate(_ amount: Double) -> String { decimals(left > 0 ? amount / seconds : 0, 4) }
        return "\(rebalancing), \(left), \(rate(megabytes)), \(rate(Double(records)))"
    }
}
