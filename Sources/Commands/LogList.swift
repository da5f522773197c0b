import Bytes
import CommandLine
import KafkaModel
import Posix
import Storage
import Timing

/// `skafka log list`: a line for each partition, from names, checkpoints and the last batches.
enum LogList {
    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        let output = try OutputForm(arguments)
        guard let found = try LogPlaces.find(arguments, environment, attempt: "list partitions") else { return .failed }
        let work = found.directories.flatMap { directory in directory.places.map { (directory.survey, $0) } }
        let results = Guarded([Int: Result<PartitionSurvey, StorageError>]())
        LongWork(label: "Listing", total: Int64(work.count), environment: environment, farewell: "nothing was listed")
            .run(count: work.count) { index, meter in
                let survey = Result { () throws(StorageError) in
                    try PartitionSurvey(work[index].1, in: work[index].0, disk: .real)
                }
                results.withLock { $0[index] = survey }
                meter.add(1)
            }
        var surveys: [PartitionSurvey] = []
        var code = ExitCode.done
        for (_, result) in results.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            switch result {
            case .success(let survey): surveys.append(survey)
            case .failure(let error):
                environment.complain("cannot list a partition: \(error)")
                code = .failed
            }
        }
        let showsDirectory = found.directories.count > 1
        switch output {
        case .text, .table: environment.console.write(table(surveys, showsDirectory).text)
        case .json, .jsonl, .yaml, .csv: environment.print(surveys.map(row), as: output)
        }
        return code
    }

    private static func table(_ surveys: [PartitionSurvey], _ showsDirectory: Bool) -> Table {
        var columns: [(String, Table.Alignment)] = [
            ("TOPIC", .left), ("PARTITION", .right), ("SEGMENTS", .right), ("SIZE", .right), ("START", .right),
            ("END", .right), ("RECOVERY-POINT", .right), ("HIGH-WATERMARK", .right), ("CLEANED", .right),
            ("OLDEST", .left), ("NEWEST", .left), ("TOPIC-ID", .left), ("STATE", .left),
        ]
        if showsDirectory { columns.append(("DIRECTORY", .left)) }
        var table = Table(columns)
        for survey in surveys {
            var row = [
                survey.place.partition.topic, "\(survey.place.partition.partition)", "\(survey.segmentCount)",
                "\(survey.size)", "\(survey.logStartOffset)", "\(survey.logEndOffset)",
                survey.recoveryPoint.map { "\($0)" } ?? "", survey.highWatermark.map { "\($0)" } ?? "",
                survey.cleanedOffset.map { "\($0)" } ?? "", time(survey.firstTimestamp), time(survey.lastTimestamp),
                survey.topicID?.description ?? "", state(survey),
            ]
            if showsDirectory {
                row.append(
                    String(
                        survey.place.path.dropLast(
                            survey.place.path.split(separator: "/").last.map { $0.count + 1 } ?? 0)))
            }
            table.add(row)
        }
        return table
    }

    private static func time(_ milliseconds: Int64?) -> String {
        milliseconds.map { CalendarTime(Timestamp(milliseconds: $0)).isoForm } ?? ""
    }

    private static func state(_ survey: PartitionSurvey) -> String {
        var words: [String] = []
        if survey.place.state != .served { words.append(survey.place.state.rawValue) }
        if survey.leftovers > 0 { words.append("\(survey.leftovers) to clear away") }
        if let problem = survey.problem { words.append(problem) }
        return words.isEmpty ? "ok" : words.joined(separator: ", ")
    }

    private static func row(_ survey: PartitionSurvey) -> StructuredValue {
        [
            "topic": .string(survey.place.partition.topic), "partition": .int(survey.place.partition.partition),
            "directory": .string(survey.place.path), "state": .string(survey.place.state.rawValue),
            "topicId": .optional(survey.topicID?.description), "segments": .int(survey.segmentCount),
            "size": .int(survey.size), "logStartOffset": .int(survey.logStartOffset),
            "logEndOffset": .int(survey.logEndOffset), "recoveryPoint": .optional(survey.recoveryPoint),
            "highWatermark": .optional(survey.highWatermark), "cleanedOffset": .optional(survey.cleanedOffset),
            "firstTimestamp": .optional(survey.firstTimestamp), "lastTimestamp": .optional(survey.lastTimestamp),
            "leftovers": .int(survey.leftovers), "problem": .optional(survey.problem),
        ]
    }
}
