import Bytes
import CLinux
import CommandLine
import Glibc
import KafkaClient
import KafkaRecords
import Posix
import Synchronization
import Timing

/// One run of the console producer: reads, sends, and in the end tells the truth.
struct ConsoleSending {
    private let request: ConsoleProducer.Request
    private let reader: LineReader
    private let configuration: ProducerConfiguration
    private let deadLetter: DeadLetter?
    private let interrupts: InterruptListener
    private let environment: Environment
    private let losses: Losses
    private let fixedHeaders: [UInt8]
    private let isPrompting: Bool
    private var progress: SendingProgress?
    private var lineNumber = 0
    private var bytesSent = 0

    /// Records that were not sent, counted by the threads that learn of it.
    private final class Losses: Sendable {
        let count = Atomic<Int>(0)
    }

    /// Why reading came to its end.
    private enum Ending {
        case input
        case interrupted
        case failed
    }

    init(
        _ request: ConsoleProducer.Request, _ reader: LineReader, _ configuration: ProducerConfiguration,
        _ deadLetter: DeadLetter?, _ interrupts: InterruptListener, _ environment: Environment
    ) {
        self.request = request
        self.reader = reader
        self.configuration = configuration
        self.deadLetter = deadLetter
        self.interrupts = interrupts
        self.environment = environment
        losses = Losses()
        var headers = EncodedHeaders()
        for header in request.headers { headers.append(header) }
        fixedHeaders = Array(headers.bytes)
        isPrompting = request.files.isEmpty && isatty(0) == 1
        progress = isPrompting ? nil : SendingProgress(environment)
    }

    mutating func run() -> ExitCode {
        let losses = losses
        let deadLetter = deadLetter
        let environment = environment
        let producer = Producer(configuration) { delivery in
            guard let error = delivery.error else { return }
            losses.count.add(delivery.recordCount, ordering: .relaxed)
            deadLetter?.keep(delivery)
            delivery.withRecords { (records) throws(RecordError) in
                while let record = try records.next() {
                    Self.tellLoss(delivery.topic, record.key?.count, record.value?.count, error, environment)
                }
            }
        }
        interrupts.watch { producer.figures.recordsSent }
        let ending = request.files.isEmpty ? readInput(producer) : sendFiles(producer)
        // A second Ctrl-C ends the program from outside.
        let isComplete = producer.close()
        progress?.end(records: lineNumber, bytes: bytesSent)
        if let failure = deadLetter?.failure { environment.complain("records that were not sent are lost: \(failure)") }
        let lost = losses.count.load(ordering: .relaxed)
        if lost > 0 { environment.complain("\(lost) of \(lineNumber) records were not sent") }
        guard ending != .failed, lost == 0, isComplete else { return .failed }
        // At a terminal Ctrl-C is how one ends; anywhere else something was left unread.
        guard ending == .interrupted, !isPrompting else { return .done }
        environment.complain("interrupted: \(lineNumber) records were sent")
        return .interrupted
    }

    private mutating func readInput(_ producer: Producer) -> Ending {
        // A longer line is told and skipped without being held.
        let pieceBytesMax = max(configuration.requestBytesMax * 2 + 1024, 1 << 20)
        if request.input == .binary { return readFrames(producer) }
        var blocks = LineBlocks(separator: request.separator, pieceBytesMax: pieceBytesMax)
        var parts = RecordParts()
        while true {
            if isPrompting { environment.console.write(">") }
            guard waitForInput() else { return .interrupted }
            let count: Int
            do throws(Errno) {
                count = try blocks.read(0)
            } catch {
                environment.complain("cannot read the input: \(error)")
                return .failed
            }
            guard sendPieces(&blocks, isEnd: count == 0, &parts, producer) else { return .failed }
            if count == 0 { return .input }
            progress?.show(records: lineNumber, bytes: bytesSent)
        }
    }

    /// False when Ctrl-C came first.
    private func waitForInput() -> Bool {
        while !interrupts.isInterrupted {
            var entries = [
                pollfd(fd: 0, events: Int16(POLLIN), revents: 0),
                pollfd(fd: interrupts.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&entries, 2, -1) > 0 else { continue }
            if entries[1].revents != 0 { return false }
            if entries[0].revents != 0 { return true }
        }
        return false
    }

    /// Sends the pieces that are there. False when one is no record, which was told.
    private mutating func sendPieces(
        _ blocks: inout LineBlocks, isEnd: Bool, _ parts: inout RecordParts, _ producer: Producer
    ) -> Bool {
        while true {
            var next = blocks.next()
            if case .none = next, isEnd { next = blocks.last() }
            switch next {
            case .none: return true
            case .tooLong(let bytes):
                lineNumber += 1
                lose(
                    nil, bytes,
                    ProducerError(
                        .tooLarge(bytes: bytes, limit: configuration.requestBytesMax, setting: "max.request.size")))
            case .piece(let range):
                lineNumber += 1
                bytesSent += range.count
                do throws(LineError) {
                    try sendLine(blocks.block.extracting(range), &parts, producer)
                } catch {
                    environment.console.tell(error.text)
                    return false
                }
            }
        }
    }

    private func sendLine(
        _ line: RawSpan, _ parts: inout RecordParts, _ producer: Producer
    ) throws(LineError) {
        switch request.input {
        case .text, .binary:
            if request.isTombstone {
                parts.headers.clear()
                parts.key = 0..<line.byteCount
                parts.value = nil
            } else {
                try reader.read(line, number: lineNumber, into: &parts)
            }
            let fixedKey = request.key ?? []
            if let range = parts.key {
                send(
                    line.extracting(range), parts.value == nil ? nil : line.extracting(parts.value ?? 0..<0),
                    parts.headers, request.timestamp, producer)
            } else {
                send(
                    request.key == nil ? nil : fixedKey.span.bytes,
                    parts.value == nil ? nil : line.extracting(parts.value ?? 0..<0), parts.headers, request.timestamp,
                    producer)
            }
        case .hex, .base64:
            try reader.read(line, number: lineNumber, into: &parts)
            let key = try decoded(line, request.isTombstone ? 0..<line.byteCount : parts.key) ?? request.key
            let value = request.isTombstone ? nil : try decoded(line, parts.value)
            send(key, value, parts.headers, request.timestamp, producer)
        case .json:
            let record = try JSONRecord(line, number: lineNumber)
            parts.headers.clear()
            for header in record.headers { parts.headers.append(header) }
            send(
                record.key ?? request.key, record.value, parts.headers, request.timestamp ?? record.timestamp, producer)
        }
    }

    private func decoded(_ line: RawSpan, _ range: Range<Int>?) throws(LineError) -> [UInt8]? {
        guard let range else { return nil }
        let text = line.extracting(range)
        guard let bytes = request.input == .hex ? TextDecoding.hex(text) : TextDecoding.base64(text) else {
            throw LineError(
                text: "No \(request.input.rawValue) found on line number \(lineNumber): '\(LineReader.text(text))'")
        }
        return bytes
    }

    private func send(
        _ key: [UInt8]?, _ value: [UInt8]?, _ headers: borrowing EncodedHeaders, _ timestamp: Int64?,
        _ producer: Producer
    ) {
        let keyBytes = key ?? []
        let valueBytes = value ?? []
        send(
            key == nil ? nil : keyBytes.span.bytes, value == nil ? nil : valueBytes.span.bytes, headers, timestamp,
            producer)
    }

    private func send(
        _ key: RawSpan?, _ value: RawSpan?, _ headers: borrowing EncodedHeaders, _ timestamp: Int64?,
        _ producer: Producer
    ) {
        if fixedHeaders.isEmpty {
            send(key, value, headers.count, headers.bytes, timestamp, producer)
        } else {
            let both = Array(headers.bytes) + fixedHeaders
            let count = headers.count + Int32(truncatingIfNeeded: request.headers.count)
            send(key, value, count, both.span.bytes, timestamp, producer)
        }
    }

    private func send(
        _ key: RawSpan?, _ value: RawSpan?, _ headerCount: Int32, _ headers: RawSpan, _ timestamp: Int64?,
        _ producer: Producer
    ) {
        do throws(ProducerError) {
            try producer.send(
                topic: request.topic, partition: request.partition, timestamp: timestamp, key: key, value: value,
                headerCount: headerCount, headers: headers, urgency: request.isSync ? .now : .lingers)
            // What becomes of it is told with its batch, which is its own.
            if request.isSync { producer.flush() }
        } catch {
            var keyBytes: Int?
            var valueBytes: Int?
            if let key { keyBytes = key.byteCount }
            if let value { valueBytes = value.byteCount }
            lose(keyBytes, valueBytes, error)
            deadLetter?.keep(
                topic: request.topic, partition: request.partition ?? -1,
                timestamp: timestamp ?? Clock.system.timestamp.milliseconds, key: key, value: value,
                headerCount: headerCount, headers: headers)
        }
    }

    /// A record that never came into a batch.
    private func lose(_ keyBytes: Int?, _ valueBytes: Int?, _ error: ProducerError) {
        losses.count.add(1, ordering: .relaxed)
        Self.tellLoss(request.topic, keyBytes, valueBytes, error, environment)
    }

    private static func tellLoss(
        _ topic: String, _ keyBytes: Int?, _ valueBytes: Int?, _ error: ProducerError, _ environment: Environment
    ) {
        func size(_ bytes: Int?) -> String { bytes.map { "\($0) bytes" } ?? "null" }
        ToolLog.error(
            "Error when sending message to topic \(topic) with key: \(size(keyBytes)), value: \(size(valueBytes)) with "
                + "error:", "org.apache.kafka.clients.producer.internals.ErrorLoggingCallback", environment)
        environment.console.tell("\(error.exceptionName): \(error)")
    }

    private mutating func sendFiles(_ producer: Producer) -> Ending {
        let headers = EncodedHeaders()
        for path in request.files {
            if interrupts.isInterrupted { return .interrupted }
            lineNumber += 1
            do throws(SystemError) {
                let bytes = try Disk.real.stream(path, limit: max(configuration.requestBytesMax, 1))
                bytesSent += bytes.count
                send(request.key, bytes, headers, request.timestamp, producer)
            } catch {
                environment.complain("cannot send: \(error)")
                return .failed
            }
        }
        return .input
    }

    /// Records with their length in front.
    private mutating func readFrames(_ producer: Producer) -> Ending {
        var input = ByteWriter(capacity: LineBlocks.readBytes)
        let headers = EncodedHeaders()
        while true {
            guard waitForInput() else { return .interrupted }
            let count = input.appendUninitialized(upTo: LineBlocks.readBytes) {
                max(0, read(0, $0.baseAddress, $0.count))
            }
            var position = 0
            while input.count - position >= 4 {
                let length = Int(input.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt32.self).bigEndian)
                guard length <= configuration.requestBytesMax else {
                    environment.complain(
                        "record \(lineNumber + 1) announces \(length) bytes, more than max.request.size allows")
                    return .failed
                }
                guard input.count - position - 4 >= length else { break }
                lineNumber += 1
                bytesSent += length
                let value = input.bytes.extracting(position + 4..<position + 4 + length)
                let key = request.key ?? []
                send(request.key == nil ? nil : key.span.bytes, value, headers, request.timestamp, producer)
                position += 4 + length
            }
            let rest = Array(input.bytes.extracting(droppingFirst: position))
            input.clear()
            input.append(rest)
            guard count > 0 else {
                if rest.isEmpty { return .input }
                environment.complain("the input ends in the middle of record \(lineNumber + 1)")
                return .failed
            }
            progress?.show(records: lineNumber, bytes: bytesSent)
        }
    }
}
