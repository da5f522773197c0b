import Bytes
import CommandLine
import Glibc
import KafkaClient
import KafkaModel
import KafkaRecords
import Timing

/// The console consumer at work.
struct ConsoleRun: ~Copyable {
    private let request: ConsoleRequest
    private let environment: Environment
    private let consumer: Consumer
    private var output: Output
    private var writer: RecordWriter
    private let selectsAll: Bool
    private var processed: Int64 = 0
    private var failure: DefaultFormatter.Failure?
    /// In front of which offset each partition ends, by its number; nil while nothing ends.
    private var ends: [Int: Int64]?
    /// The newest records, until all partitions have come to their ends.
    private var tail: ConsoleTail?
    /// What the group gives it, when it is a member of one.
    private let share: ConsoleShare?
    private var lastRecord: Instant
    private var progress: ConsoleProgress

    /// Why it ends.
    private enum End {
        case done
        case interrupted
        case closed
        case timedOut
        case failed(String)
    }

    init(_ request: ConsoleRequest, _ configuration: ConsumerConfiguration, _ environment: Environment) {
        self.request = request
        self.environment = environment
        consumer = Consumer(configuration)
        output = Output(environment.console)
        writer = RecordWriter(request.form, times: request.times)
        selectsAll = request.selection.isAll
        tail = request.tail.map { ConsoleTail(count: $0) }
        var isMember = configuration.group != nil
        if case .partition = request.source { isMember = false }
        share = isMember ? ConsoleShare(consumer, endsAtEnd: request.exitsAtEnd) : nil
        lastRecord = Clock.system.now
        progress = ConsoleProgress(environment)
    }

    mutating func run() -> ExitCode {
        let end: End
        do throws(ClientError) {
            // Nothing was printed yet: until here a signal may end the program.
            let plan = try plan()
            // Before the first thread of the consumer, which inherits what is blocked.
            environment.attendant?.handOver()
            let signals = SignalWatch()
            writer.begin(&output.text)
            assign(plan)
            end = readAll(signals)
        } catch {
            end = .failed("cannot read \(sourceName): \(error)")
        }
        progress.clear()
        if case .closed = end {
            // Whoever read the records has enough of them. There is nobody to talk to.
            consumer.close()
            return .done
        }
        writer.end(&output.text)
        output.flush()
        consumer.close()
        return finish(end)
    }

    private mutating func finish(_ end: End) -> ExitCode {
        var code = ExitCode.done
        switch end {
        case .done, .interrupted, .closed: break
        case .timedOut:
            ToolLog.error(
                "Error processing message, terminating consumer process: ",
                "org.apache.kafka.tools.consumer.ConsoleConsumer",
                environment)
            environment.console.tell("org.apache.kafka.common.errors.TimeoutException")
            code = .failed
        case .failed(let reason):
            environment.complain(reason)
            code = .failed
        }
        environment.console.tell("Processed a total of \(processed) messages")
        if processed == 0, request.selection.key != nil, !request.readsAllPartitions {
            environment.console.tell(
                "Only the partition was read into which Kafka's own producers put this key; --all-partitions reads all."
            )
        }
        if request.tellsShutdown { environment.console.print("shutdown_complete") }
        return code
    }

    private var sourceName: String {
        switch request.source {
        case .topic(let topic): "topic \(topic)"
        case .partition(let topic, let partition): "\(topic)-\(partition)"
        case .matching(let filter): "the topics \(filter.text)"
        }
    }

    /// Nil where the consumer finds out by itself.
    private func plan() throws(ClientError) -> ConsolePlan? {
        guard share == nil, ConsolePlan.isNeeded(for: request) else { return nil }
        let configuration = consumer.configuration
        return try ConsolePlan(
            request, configuration, consumer.metadata, now: Clock.system.timestamp,
            until: Clock.system.now + configuration.client.apiTimeout)
    }

    private mutating func assign(_ plan: ConsolePlan?) {
        guard let plan, let starts = plan.starts else { return subscribe() }
        var ends: [Int: Int64] = [:]
        for (partition, target) in starts {
            let slot = consumer.assign(partition, at: target)
            if let end = plan.ends?[partition] { ends[slot] = end }
        }
        if plan.ends != nil { self.ends = ends }
    }

    private func subscribe() {
        if let share { return share.join(request.source) }
        switch request.source {
        case .topic(let topic): consumer.subscribe(to: [topic], at: request.start)
        case .partition(let topic, let partition):
            consumer.assign(TopicPartition(topic, partition), at: request.start ?? .latest)
        case .matching(let filter):
            let excludesInternal = consumer.configuration.excludesInternalTopics
            consumer.subscribe(
                to: [], matching: { name, _ in filter.allows(name, excludingInternal: excludesInternal) },
                at: request.start)
        }
    }

    private mutating func readAll(_ signals: SignalWatch) -> End {
        lastRecord = Clock.system.now
        var watched = [
            pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
            // Only whether it breaks.
            pollfd(fd: 1, events: 0, revents: 0),
        ]
        guard request.recordsMax > 0 else { return .done }
        dropFinished()
        while true {
            if let end = settled() { return end }
            do throws(ConsumerError) {
                // What was written goes out before anything is waited for.
                var polled = try poll(until: Clock.system.now, &watched)
                if polled == .nothing {
                    output.flush()
                    polled = try poll(until: nextDeadline, &watched)
                }
                switch polled {
                case .records: lastRecord = Clock.system.now
                case .nothing: if hasTimedOut { return .timedOut }
                case .watched: return watched[1].revents != 0 ? .closed : .interrupted
                case .noticed: tellNotices()
                }
            } catch {
                tellNotices()
                return .failed("cannot read \(sourceName): \(error)")
            }
            progress.update(records: processed, consumer)
        }
    }

    /// The reasons to end that do not lie in the consumer.
    private mutating func settled() -> End? {
        guard output.isOpen else {
            if case .failed(let reason) = output.outcome { return .failed("cannot write to stdout: \(reason)") }
            return .closed
        }
        if let failure {
            return .failed("cannot print the \(failure.part) of a record: \(failure.reason)")
        }
        if processed >= request.recordsMax { return .done }
        if let share {
            if let problem = share.problem { return .failed("cannot read \(sourceName): \(problem)") }
            return share.isAtEnd ? .done : nil
        }
        dropFinished()
        guard ends?.isEmpty == true else { return nil }
        if let tail {
            for text in tail.newest { writer.write(composed: text, into: &output.text) }
            processed += Int64(tail.newest.count)
            self.tail = nil
            guard !request.exitsAtEnd else { return .done }
            ends = nil
            for (_, partition) in consumer.assignment { consumer.resume(partition) }
            return nil
        }
        return .done
    }

    /// Partitions that have come to their ends are read no more, or not until the newest records are printed.
    private mutating func dropFinished() {
        guard let ends else { return }
        for (slot, partition) in consumer.assignment {
            guard let end = ends[slot], let position = consumer.position(of: partition), position >= end else {
                continue
            }
            self.ends?[slot] = nil
            if tail != nil, !request.exitsAtEnd {
                consumer.seek(partition, to: .offset(end))
                consumer.pause(partition)
            } else {
                consumer.unassign(partition)
            }
        }
    }

    private var nextDeadline: Instant {
        // That an empty partition is at its end is news of no record.
        let patience: Duration =
            ends != nil || (share?.endsAtEnd ?? false)
            ? .milliseconds(20) : progress.isShown ? .milliseconds(100) : .seconds(60)
        let usual = Clock.system.now + patience
        guard let timeout = request.timeoutMs else { return usual }
        return min(usual, lastRecord + .milliseconds(timeout))
    }

    private var hasTimedOut: Bool {
        guard let timeout = request.timeoutMs else { return false }
        return Clock.system.now >= lastRecord + .milliseconds(timeout)
    }

    private mutating func tellNotices() {
        progress.clear()
        output.flush()
        for notice in consumer.takeNotices() { environment.complain("\(notice)") }
    }

    private mutating func poll(
        until deadline: Instant, _ watched: inout [pollfd]
    ) throws(ConsumerError) -> Consumer.Polled {
        try consumer.poll(until: deadline, watching: &watched) { take(&$0) }
    }

    private mutating func take(_ batch: inout ConsumedBatch) -> Consumer.Flow {
        let end = share?.end(of: batch.partition) ?? ends?[batch.slot] ?? .max
        while let record = batch.next() {
            guard record.offset < end else { return .goOn }
            guard selectsAll || request.selection.admits(record, batch) else { continue }
            guard print(record, batch) else { return .stop }
        }
        return .goOn
    }

    /// Whether more is wanted.
    private mutating func print(_ record: RecordView, _ batch: borrowing ConsumedBatch) -> Bool {
        do throws(DefaultFormatter.Failure) {
            if tail != nil {
                let start = output.text.count
                try writer.compose(record, batch, into: &output.text)
                let text = Array(output.text.bytes.extracting(droppingFirst: start))
                tail?.add(timestamp: record.timestamp, slot: batch.slot, text)
                output.text.truncate(to: start)
                return true
            }
            try writer.write(record, batch, into: &output.text)
        } catch {
            guard request.skipsErrors else {
                failure = error
                return false
            }
            output.tell(
                "skafka: passing over \(batch.partition) offset \(record.offset): its \(error.part) cannot be printed: "
                    + error.reason)
        }
        if writer.logs, let line = writer.logLine(record, batch) {
            output.flush()
            ToolLog.info(line, "org.apache.kafka.tools.consumer.LoggingMessageFormatter", environment)
        }
        processed += 1
        if environment.console.isInteractive { output.flush() } else { output.sendIfLarge() }
        return processed < request.recordsMax && output.isOpen
    }
}
