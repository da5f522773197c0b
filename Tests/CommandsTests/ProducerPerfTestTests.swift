import CommandLine
import Testing
import Timing

@testable import Commands

struct ProducerPerfTestTests {
    @Test func `the lines are Kafka's`() {
        let start = Instant(nanoseconds: 0)
        var stretch = PerfReport.Stretch(start: start)
        for took in 1...100 { stretch.figures.add(took, bytes: 1000) }
        let end = start + .milliseconds(2000)
        #expect(
            stretch.windowLine(at: end)
                == "100 records sent, 50.0 records/sec (0.05 MB/sec), 50.5 ms avg latency, 100.0 ms max latency.")
        #expect(
            stretch.totalLine(at: end, of: "")
                == "100 records sent, 50.000000 records/sec (0.05 MB/sec), 50.50 ms avg latency, 100.00 ms max latency, "
                + "51 ms 50th, 96 ms 95th, 100 ms 99th, 100 ms 99.9th.")
        #expect(stretch.totalLine(at: end, of: " steady state").hasPrefix("100 steady state records sent, "))
    }

    @Test(
        arguments: [
            (1.005, 1, "1.0"), (0.05, 1, "0.1"), (-0.04, 1, "0.0"), (-1.25, 1, "-1.3"), (12.0, 0, "12"),
            (0.000001, 6, "0.000001"),
            (.nan, 3, "NaN"),
        ] as [(Double, Int, String)])
    func `numbers have so many digits`(_ value: Double, _ places: Int, _ text: String) {
        #expect(decimals(value, places) == text)
    }

    private func problem(_ words: String...) -> String {
        let session = Session()
        _ = session.run(
            ["producer-perf-test", "--topic", "t", "--num-records", "10", "--throughput", "-1"] + words)
        return session.told
    }

    @Test func `what makes no sense is refused`() {
        #expect(problem("--record-size", "0").contains("--record-size should be greater than zero."))
        #expect(problem().contains("one of the arguments"))
        #expect(
            problem("--record-size", "1", "--warmup-records", "10").contains(
                "must be strictly fewer than the number of records"))
        #expect(
            problem("--record-size", "1", "--transactional-id", "x").contains(
                "transactions are not served by this version"))
    }

    @Test func `no two records of a batch have the same letters`() {
        let payload = PerfPayload.random(PerfPayload.Letters(size: 20, seed: 1))
        var seen: Set<String> = []
        for record in 0..<1000 {
            payload.with(record) { bytes in
                let text = LineReader.text(bytes)
                #expect(text.utf8.allSatisfy { (65...90).contains($0) } && text.count == 20)
                seen.insert(text)
            }
        }
        #expect(seen.count == 1000)
    }

    @Test func `a pace is kept from the beginning on`() {
        let pace = Pace(100, from: Instant(nanoseconds: 0))
        #expect(pace.due == Instant(nanoseconds: 0))
        #expect(Pace(nil, from: Instant(nanoseconds: 5)).due == Instant(nanoseconds: 5))
    }
}
