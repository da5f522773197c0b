import Bytes
import CommandLine
import KafkaModel
import KafkaRecords
import Posix
import Storage
import Timing

/// `skafka log cat`: the records of partitions, oldest first.
enum LogCat {
    /// Which records are printed.
    struct Selection: Equatable {
        var fromOffset: Int64 = 0
        var toOffset: Int64 = .max
        var fromTime: Int64 = .min
        var toTime: Int64 = .max
        var recordsMax: Int64 = .max
        var isCommitted = true
        var skipsDamaged = false

        init(_ arguments: Arguments) throws(UsageError) {
            fromOffset = try Self.number(arguments, "from-offset") ?? 0
            toOffset = try Self.number(arguments, "to-offset") ?? .max
            fromTime = try Self.time(arguments, "from-time") ?? .min
            toTime = try Self.time(arguments, "to-time") ?? .max
            recordsMax = try Self.number(arguments, "max-records") ?? .max
            skipsDamaged = arguments.has("skip-damaged")
            switch arguments.value("isolation") {
            case nil, "read_committed": isCommitted = true
            case "read_uncommitted": isCommitted = false
            case let word?:
                throw UsageError(
                    "argument --isolation: invalid choice: '\(word)' (choose from 'read_committed', 'read_uncommitted')"
                )
            }
            for word in arguments.values("partition") where Int32(word) ?? -1 < 0 {
                throw UsageError("argument --partition/-p: '\(word)' is no number of a partition")
            }
        }

        private static func number(_ arguments: Arguments, _ name: String) throws(UsageError) -> Int64? {
            guard let word = arguments.value(name) else { return nil }
            guard let number = Int64(word), number >= 0 else {
                throw UsageError("argument --\(name): '\(word)' is no number from 0 on")
            }
            return number
        }

        private static func time(_ arguments: Arguments, _ name: String) throws(UsageError) -> Int64? {
            guard let word = arguments.value(name) else { return nil }
            guard let time = Timestamp(text: word) else {
                throw UsageError(
                    "argument --\(name): '\(word)' is no time",
                    hint: "It may be milliseconds since 1970, or 2026-01-31T23:59:59.000Z.")
            }
            return time.milliseconds
        }
    }

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        let selection = try Selection(arguments)
        let format = try format(arguments)
        let output = try LogTool.output(arguments)
        if output != .text, arguments.has("format") || arguments.has("key") {
            throw UsageError("--format and --key are for text; JSON has everything")
        }
        guard let found = try LogPlaces.find(arguments, environment, attempt: "print records") else { return .failed }
        var printer = RecordPrinter(selection, output, format, environment)
        var code = ExitCode.done
        printer.begin()
        for directory in found.directories {
            // What is on its way in or out is printed only when it was named.
            for place in directory.places where !directory.isWhole || place.state == .served || place.state == .stray {
                guard printer.isOpen else { break }
                do throws(StorageError) {
                    if try !printer.print(place, isWritten: directory.isInUse || !directory.survey.wasClean) {
                        code = .failed
                    }
                } catch {
                    printer.flush()
                    environment.complain(
                        "cannot print \(place.partition): \(error)",
                        hint: "'skafka log verify' tells what is damaged; --skip-damaged passes over it.")
                    code = .failed
                }
            }
        }
        printer.end()
        return code
    }

    private static func format(_ arguments: Arguments) throws(UsageError) -> RecordFormat {
        let null =
            try arguments.value("null").map { text throws(UsageError) in try RecordFormat.bytes(text) }
            ?? Array("null".utf8)
        if let text = arguments.value("format") { return try RecordFormat(text, null: null) }
        let separator = try RecordFormat.bytes(arguments.value("separator") ?? "\t")
        let key: [RecordFormat.Piece] = arguments.has("key") ? [.key, .literal(separator)] : []
        return RecordFormat(pieces: key + [.value, .literal([10])], null: null)
    }
}
