import CommandLine
import KafkaModel
import Posix
import Storage

/// `skafka log verify`: reads everything and tells what is wrong.
enum LogVerify {
    /// What was found, in the order of directories and partitions.
    struct Report: Sendable {
        struct Partition: Sendable {
            let place: DirectorySurvey.Place
            let survey: DirectorySurvey
            let verification: PartitionVerification?
            var findings: [LogFinding]
        }

        /// Of the data directories.
        var findings: [LogFinding] = []
        var partitions: [Partition] = []

        var all: [LogFinding] { findings + partitions.flatMap(\.findings) }
        var isDamaged: Bool { all.contains { $0.severity == .damage } }
        var bytes: Int64 { partitions.reduce(0) { $0 + ($1.verification?.size ?? 0) } }
        var batches: Int64 { partitions.reduce(0) { $0 + ($1.verification?.batches ?? 0) } }
        var records: Int64 { partitions.reduce(0) { $0 + ($1.verification?.records ?? 0) } }

        var summary: String {
            let damaged = partitions.count { $0.findings.contains { $0.severity == .damage } }
            let damage = all.count { $0.severity == .damage }
            let notes = all.count - damage
            var text = "\(count(partitions.count, "partition")), \(Progress.size(bytes)), \(batches) batches, "
            text += "\(records) records: "
            text += damage == 0 ? "no damage" : "damage in \(count(damaged, "partition")), \(count(damage, "finding"))"
            return notes == 0 ? text : text + ", \(count(notes, "note"))"
        }

        private func count(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
    }

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        let output = try LogTool.output(arguments)
        guard let found = try LogPlaces.find(arguments, environment, attempt: "verify logs") else { return .failed }
        let report = report(found, arguments, environment)
        switch output {
        case .text: writeText(report, environment.console)
        case .json, .jsonl: writeJSON(report, output, environment.console)
        }
        return report.isDamaged ? .failed : .done
    }

    /// Reads all partitions, two at a time.
    static func report(_ found: LogPlaces, _ arguments: Arguments, _ environment: Environment) -> Report {
        var report = Report()
        let whole = found.directories.filter(\.isWhole).map(\.survey)
        do throws(StorageError) {
            report.findings = try DirectoryVerification.findings(whole, disk: .real)
        } catch {
            report.findings.append(LogFinding(.damage, .unreadable, whole.first?.path ?? "", "\(error)"))
        }
        let depth: PartitionVerification.Depth = arguments.has("deep") ? .records : .batches
        let isStrict = arguments.has("strict")
        let work = found.directories.flatMap { directory in directory.places.map { (directory.survey, $0) } }
        let total = work.reduce(Int64(0)) { $0 + size($1.1.path) }
        let results = Guarded([Int: Report.Partition]())
        LongWork(
            label: "Checking", total: total, environment: environment, farewell: "not everything was checked"
        ).run(count: work.count) { index, meter in
            let (survey, place) = work[index]
            let partition = verify(place, survey, depth, isStrict) { meter.add($0) }
            results.withLock { $0[index] = partition }
        }
        report.partitions = results.withLock { $0 }.sorted { $0.key < $1.key }.map(\.value)
        return report
    }

    private static func size(_ path: String) -> Int64 {
        do throws(StorageError) { return try PartitionFiles(path, disk: .real).size } catch { return 0 }
    }

    static func verify(
        _ place: DirectorySurvey.Place, _ survey: DirectorySurvey, _ depth: PartitionVerification.Depth,
        _ isStrict: Bool, progress: (Int64) -> Void
    ) -> Report.Partition {
        do throws(StorageError) {
            let verification = try PartitionVerification.run(
                place, in: survey, depth: depth, disk: .real, progress: progress)
            let findings = verification.findings.map { finding in
                guard isStrict, finding.kind == .tail else { return finding }
                return LogFinding(.damage, .tail, finding.file, at: finding.position, finding.reason)
            }
            return Report.Partition(place: place, survey: survey, verification: verification, findings: findings)
        } catch {
            return Report.Partition(
                place: place, survey: survey, verification: nil,
                findings: [LogFinding(.damage, .unreadable, place.path, "\(error)")])
        }
    }

    static func line(_ finding: LogFinding) -> String {
        let position = finding.position.map { " at byte \($0)" } ?? ""
        return "\(finding.severity.rawValue): \(finding.file)\(position): \(finding.reason)"
    }

    static func writeText(_ report: Report, _ console: Console) {
        var text = ""
        for finding in report.all { text += line(finding) + "\n" }
        console.write(text + report.summary + "\n")
    }

    private static func writeJSON(_ report: Report, _ output: LogTool.Output, _ console: Console) {
        var json = JSONText()
        if output == .json {
            json.beginObject()
            json.key("findings")
            json.beginArray()
        }
        for finding in report.findings { write(finding, nil, output, &json) }
        for partition in report.partitions {
            for finding in partition.findings { write(finding, partition.place, output, &json) }
        }
        if output == .json { json.endArray() } else { json.beginObject() }
        if output == .jsonl {
            json.key("summary")
            json.value(true)
        }
        json.key("damaged")
        json.value(report.isDamaged)
        json.key("partitions")
        json.value(report.partitions.count)
        json.key("bytes")
        json.value(report.bytes)
        json.key("batches")
        json.value(report.batches)
        json.key("records")
        json.value(report.records)
        json.endObject()
        json.endLine()
        console.write(json.string)
    }

    private static func write(
        _ finding: LogFinding, _ place: DirectorySurvey.Place?, _ output: LogTool.Output, _ json: inout JSONText
    ) {
        json.beginObject()
        json.key("severity")
        json.value(finding.severity.rawValue)
        json.key("kind")
        json.value(finding.kind.rawValue)
        if let place {
            json.key("topic")
            json.value(place.partition.topic)
            json.key("partition")
            json.value(place.partition.partition)
        }
        json.key("file")
        json.value(finding.file)
        json.key("position")
        if let position = finding.position { json.value(position) } else { json.null() }
        json.key("reason")
        json.value(finding.reason)
        json.endObject()
        if output == .jsonl { json.endLine() }
    }
}
