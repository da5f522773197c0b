import CommandLine
import Posix
import Storage

/// The small files: producer states, checkpoints, and what a directory says about itself.
extension DumpRun {
    /// Larger ones are none of these files.
    private static let textBytesMax = 256 << 20

    mutating func dumpProducerSnapshot(_ path: DumpPath) throws(StorageError) {
        begin(path.path)
        let bytes = try contents(path.path)
        guard let states = ProducerSnapshot.decode(bytes.span.bytes) else {
            let found = ProducerSnapshot.damage(bytes.span.bytes)
            return damage(path.path, Int64(found?.position ?? 0), found?.reason ?? "it is no snapshot")
        }
        for state in states {
            if sink.isText { sink.output.print(line(state)) } else { writeRow(state) }
        }
    }

    private func line(_ state: ProducerState) -> String {
        let first = state.hasOpenTransaction ? "OptionalLong[\(state.transactionFirstOffset)]" : "OptionalLong.empty"
        var line =
            "producerId: \(state.producerID) producerEpoch: \(state.epoch) coordinatorEpoch: \(state.coordinatorEpoch) "
            + "currentTxnFirstOffset: \(first) lastTimestamp: \(state.lastTimestamp)"
        if let batch = state.batches.first {
            line +=
                " firstSequence: \(batch.firstSequence) lastSequence: \(batch.lastSequence) "
                + "lastOffset: \(batch.lastOffset) offsetDelta: \(batch.offsetDelta) timestamp: \(batch.timestamp)"
        }
        return line
    }

    private mutating func writeRow(_ state: ProducerState) {
        sink.beginRow("producer")
        member("producerId", state.producerID)
        member("producerEpoch", Int64(state.epoch))
        member("coordinatorEpoch", Int64(state.coordinatorEpoch))
        sink.json.key("currentTxnFirstOffset")
        if state.hasOpenTransaction { sink.json.value(state.transactionFirstOffset) } else { sink.json.null() }
        member("lastTimestamp", state.lastTimestamp)
        if let batch = state.batches.first {
            member("firstSequence", Int64(batch.firstSequence))
            member("lastSequence", Int64(batch.lastSequence))
            member("lastOffset", batch.lastOffset)
            member("offsetDelta", Int64(batch.offsetDelta))
            member("timestamp", batch.timestamp)
        }
        sink.endRow()
    }

    /// Files of text, a line an entry.
    mutating func dumpText(_ path: DumpPath, _ kind: DumpFileKind) throws(StorageError) {
        begin(path.path)
        let bytes = try contents(path.path)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return damage(path.path, 0, "it is not text")
        }
        switch kind {
        case .leaderEpochs: dumpCheckpoint(path.path, text, ["epoch", "startOffset"])
        case .offsetCheckpoint: dumpCheckpoint(path.path, text, ["topic", "partition", "offset"])
        case .quorumState:
            let json = text.split(whereSeparator: \.isNewline).joined()
            if json.isEmpty { return damage(path.path, 0, "it is empty") }
            sink.isText ? sink.output.print(json) : writeEntry([("state", json)])
        case .partitionMetadata: dumpPairs(path.path, text, separators: ":")
        default: dumpPairs(path.path, text, separators: "=:")
        }
    }

    /// A version, a count, and so many lines of words; all words but topics are numbers.
    private mutating func dumpCheckpoint(_ path: String, _ text: String, _ names: [String]) {
        var position: Int64 = 0
        var expected: Int64?
        var entries: Int64 = 0
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            defer { position += Int64(line.utf8.count) + 1 }
            switch index {
            case 0:
                guard line == "0" else {
                    if line.isEmpty, text.isEmpty { return }
                    return damage(path, position, "the version is '\(line.prefix(20))'; only 0 is known")
                }
                sink.line("version: 0")
            case 1:
                guard let count = Int64(line), count >= 0 else {
                    return damage(path, position, "the number of entries is '\(line.prefix(20))'")
                }
                expected = count
                sink.line("entries: \(count)")
            default:
                guard !line.isEmpty else { continue }
                let words = line.split(separator: " ")
                guard words.count == names.count,
                    zip(names, words).allSatisfy({ $0 == "topic" || Int64($1) != nil })
                else { return damage(path, position, "'\(line.prefix(80))' is no entry") }
                entries += 1
                let pairs = zip(names, words).map { ($0, String($1)) }
                if sink.isText {
                    sink.output.print(pairs.map { "\($0.0): \($0.1)" }.joined(separator: " "))
                } else {
                    writeEntry(pairs)
                }
            }
        }
        guard let expected else { return damage(path, position, "it ends before its number of entries") }
        if expected != entries { damage(path, 2, "it states \(expected) entries and has \(entries)") }
    }

    private mutating func dumpPairs(_ path: String, _ text: String, separators: String) {
        var position: Int64 = 0
        var pairs: [(String, String)] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            defer { position += Int64(line.utf8.count) + 1 }
            let trimmed = line.drop { $0 == " " || $0 == "\t" }.filter { $0 != "\r" }
            guard let first = trimmed.first, first != "#", first != "!" else { continue }
            guard let separator = trimmed.firstIndex(where: { separators.contains($0) }) else {
                damage(path, position, "'\(line.prefix(80))' has no value")
                continue
            }
            let name = String(trimmed[..<separator]).filter { $0 != " " }
            pairs.append((name, String(trimmed[trimmed.index(after: separator)...].drop { $0 == " " })))
        }
        if pairs.isEmpty, position <= 1 { return damage(path, 0, "it is empty") }
        if sink.isText {
            for pair in pairs { sink.output.print("\(pair.0): \(pair.1)") }
        } else {
            writeEntry(pairs)
        }
    }

    private mutating func writeEntry(_ pairs: [(String, String)]) {
        sink.beginRow("entry")
        for (name, value) in pairs {
            sink.json.key(name)
            if let number = Int64(value), name != "topic" {
                sink.json.value(number)
            } else if name == "state", value.first == "{", value.last == "}" {
                sink.json.value(json: value)
            } else {
                sink.json.value(value)
            }
        }
        sink.endRow()
    }

    private func contents(_ path: String) throws(StorageError) -> [UInt8] {
        let file = try open(path)
        let size = try size(of: file)
        guard size <= Self.textBytesMax else {
            throw .corrupt(file: path, position: 0, reason: "with \(size) bytes it is too large for what it should be")
        }
        do throws(SystemError) { return try file.read(count: size, at: 0) } catch { throw .io(error) }
    }
}
