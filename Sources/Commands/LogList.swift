import Bytes
import CommandLine
import KafkaModel
import Posix
import Storage
import Timing

/// `skafka log list`: a line for each partition, from names, checkpoints and the last batches.
enum LogList {
    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        let output = try LogTool.output(arguments)
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
        case .text: environment.console.write(table(surveys, showsDirectory).text)
        case .json, .jsonl: writeJSON(surveys, output, environment.console)
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

    private static func writeJSON(_ surveys: [PartitionSurvey], _ output: LogTool.Output, _ console: Console) {
        var json = JSONText(capacity: 512 * surveys.count + 16)
        if output == .json { json.beginArray() }
        for survey in surveys {
            write(survey, &json)
            if output == .jsonl { json.endLine() }
        }
        if output == .json {
            json.endArray()
            json.endLine()
        }
        console.write(json.string)
    }

    private static func write(_ survey: PartitionSurvey, _ json: inout JSONText) {
        json.beginObject()
        json.key("topic")
        json.value(survey.place.partition.topic)
        json.key("partition")
        json.value(survey.place.partition.partition)
        json.key("directory")
        json.value(survey.place.path)
        json.key("state")
        json.value(survey.place.state.rawValue)
        json.key("topicId")
        if let id = survey.topicID { json.value("\(id)") } else { json.null() }
        json.key("segments")
        json.value(survey.segmentCount)
        json.key("size")
        json.value(survey.size)
        json.key("logStartOffset")
        json.value(survey.logStartOffset)
        json.key("logEndOffset")
        json.value(survey.logEndOffset)
        member("recoveryPoint", survey.recoveryPoint, &json)
        member("highWatermark", survey.highWatermark, &json)
        member("cleanedOffset", survey.cleanedOffset, &json)
        member("firstTimestamp", survey.firstTimestamp, &json)
        member("lastTimestamp", survey.lastTimestamp, &json)
        json.key("leftovers")
        json.value(survey.leftovers)
        json.key("problem")
        if let problem = survey.problem { json.value(problem) } else { json.null() }
        json.endObject()
    }

    private static func member(_ name: StaticString, _ value: Int64?, _ json: inout JSONText) {
        json.key(name)
        if let value { json.value(value) } else { json.null() }
    }
}
