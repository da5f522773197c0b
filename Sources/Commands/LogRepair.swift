import CommandLine
import KafkaModel
import Posix
import Storage
import Timing

/// `skafka log repair`: shows what could be mended and how, and does it when told to.
enum LogRepair {
    /// What is to be done in one data directory.
    struct Plan: Sendable {
        let survey: DirectorySurvey
        var checkpoints: [CheckpointRepair] = []
        var partitions: [PartitionRepair] = []
        /// What nobody can mend.
        var remains: [String] = []

        var isEmpty: Bool { checkpoints.isEmpty && partitions.allSatisfy(\.isEmpty) }
    }

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        guard let found = try LogPlaces.find(arguments, environment, attempt: "repair logs") else { return .failed }
        for directory in found.directories where directory.isInUse {
            environment.complain(
                "cannot repair logs: a broker is using \(directory.survey.path)", hint: "Stop it first.")
            return .failed
        }
        if let keep = arguments.value("keep"),
            let directory = found.directories.first(where: { ("\(keep)/").hasPrefix("\($0.survey.path)/") })
        {
            throw UsageError(
                "argument --keep: \(keep) lies in the data directory \(directory.survey.path)",
                hint: "Apache Kafka does not start beside a directory that it does not know.")
        }
        let mayExecute = arguments.has("execute") || environment.terminal?.width() != nil
        let locks: [DirectoryLock]
        do throws(StorageError) {
            locks = mayExecute ? try lock(found) : []
        } catch {
            environment.complain("cannot repair logs: \(error)")
            return .failed
        }
        defer { withExtendedLifetime(locks) {} }
        let report = LogVerify.report(found, arguments, environment)
        do throws(StorageError) {
            let plans = try plans(found, report, arguments)
            return try carryOut(plans, report, found, arguments, environment)
        } catch {
            environment.complain(
                "cannot repair logs: \(error)", hint: "Nothing is lost: what was cut is kept. It may be run again.")
            return .failed
        }
    }

    private static func lock(_ found: LogPlaces) throws(StorageError) -> [DirectoryLock] {
        var locks: [String: DirectoryLock] = [:]
        for directory in found.directories where directory.places.first?.state != .copy {
            let path = directory.survey.path
            if locks[path] == nil { locks[path] = try DirectoryLock(path, disk: .real) }
        }
        return Array(locks.values)
    }

    static func plans(
        _ found: LogPlaces, _ report: LogVerify.Report, _ arguments: Arguments
    ) throws(StorageError) -> [Plan] {
        var plans: [Plan] = []
        for directory in found.directories {
            var plan = Plan(survey: directory.survey)
            var ranges: [TopicPartition: ClosedRange<Int64>] = [:]
            for partition in report.partitions where partition.survey.path == directory.survey.path {
                guard directory.places.contains(where: { $0.path == partition.place.path }) else { continue }
                guard let verification = partition.verification else {
                    plan.remains += partition.findings.map(\.reason)
                    continue
                }
                if partition.place.state == .served {
                    ranges[partition.place.partition] = verification.logStartOffset...verification.logEndOffset
                }
                let repair = PartitionRepair(
                    verification, partition.place, in: directory.survey, mode: arguments.has("cut") ? .cut : .rebuild)
                if !repair.isEmpty || !repair.remains.isEmpty { plan.partitions.append(repair) }
            }
            if directory.isWhole {
                for checkpoint in directory.survey.checkpoints {
                    let repair = try CheckpointRepair(checkpoint, in: directory.survey, ranges: ranges, disk: .real)
                    if let repair { plan.checkpoints.append(repair) }
                }
            }
            plans.append(plan)
        }
        return plans
    }

    private static func carryOut(
        _ plans: [Plan], _ report: LogVerify.Report, _ found: LogPlaces, _ arguments: Arguments,
        _ environment: Environment
    ) throws(StorageError) -> ExitCode {
        let console = environment.console
        let archives = archives(plans, arguments)
        for finding in report.findings where finding.kind != .checkpoint && finding.severity == .damage {
            console.print("stays: \(LogVerify.line(finding))")
        }
        for (plan, archive) in zip(plans, archives) { console.write(text(plan, report, archive)) }
        guard plans.contains(where: { !$0.isEmpty }) else {
            console.print(
                report.isDamaged ? "There is nothing that can be repaired so." : "There is nothing to repair.")
            return report.isDamaged ? .failed : .done
        }
        guard arguments.has("execute") || confirmed(environment) else {
            console.print("Nothing was changed; --execute does it.")
            return report.isDamaged ? .failed : .done
        }
        let failures = Guarded([StorageError]())
        let work = zip(plans, archives).filter { !$0.0.isEmpty }
        LongWork(
            label: "Repairing", total: 0, environment: environment,
            farewell: "nothing is lost; run it again to bring it to an end"
        ).run(count: work.count, threads: 1) { index, _ in
            do throws(StorageError) {
                try execute(work[index].0, work[index].1)
            } catch {
                failures.withLock { $0.append(error) }
            }
        }
        if let failure = failures.withLock({ $0.first }) { throw failure }
        guard let again = LogPlaces(readAgain: found) else { return .failed }
        let after = LogVerify.report(again, arguments, environment)
        for (_, archive) in work { console.print("What was cut or replaced is in \(archive.path).") }
        LogVerify.writeText(after, console)
        return after.isDamaged ? .failed : .done
    }

    /// First the checkpoints, so that those that a cut lowers can be read.
    private static func execute(_ plan: Plan, _ archive: RepairArchive) throws(StorageError) {
        for checkpoint in plan.checkpoints { try checkpoint.execute(keepingIn: archive, disk: .real) }
        for partition in plan.partitions { try partition.execute(keepingIn: archive, disk: .real) }
    }

    private static func confirmed(_ environment: Environment) -> Bool {
        guard let terminal = environment.terminal, terminal.width() != nil else { return false }
        environment.console.tellText("Do this? [y/N] ")
        let answer = terminal.answer()?.lowercased()
        return answer == "y" || answer == "yes"
    }

    private static func text(_ plan: Plan, _ report: LogVerify.Report, _ archive: RepairArchive) -> String {
        var text = ""
        for checkpoint in plan.checkpoints { text += "will: \(checkpoint.text.file): \(checkpoint.text.does)\n" }
        for remain in plan.remains { text += "stays: \(remain)\n" }
        for repair in plan.partitions {
            text += "\(repair.place.partition) in \(plan.survey.path):\n"
            let findings = report.partitions.first { $0.place.path == repair.place.path }?.findings ?? []
            for finding in findings where finding.kind != .leftover && finding.kind != .foreign {
                text += "  \(LogVerify.line(finding))\n"
            }
            for step in repair.steps {
                let (file, does) = repair.text(step)
                text += "  will: \(file): \(does)\n"
            }
            if let loss = repair.loss {
                let range =
                    loss.toOffset.map { "offsets \(loss.fromOffset) to \($0)" }
                    ?? "what begins at offset \(loss.fromOffset)"
                text +=
                    "  loses: \(range), \(loss.records) records as far as they can be counted, \(loss.bytes) bytes\n"
            }
            for remain in repair.remains { text += "  stays: \(remain)\n" }
        }
        if !plan.isEmpty { text += "Copies go to \(archive.path).\n" }
        return text
    }

    /// One place for the copies of each data directory.
    private static func archives(_ plans: [Plan], _ arguments: Arguments) -> [RepairArchive] {
        let time = CalendarTime(Clock.system.timestamp).isoForm.filter { $0.isNumber || $0 == "T" }.prefix(15)
        var taken: Set<String> = []
        return plans.map { plan in
            let path = plan.survey.path
            // Beside a data directory, and beside a copy of a partition.
            let isCopy = plan.survey.places.first?.state == .copy
            let parent = isCopy ? path : path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
            let name = "\(arguments.value("keep") ?? parent)/skafka-repair-\(time)Z"
            var unique = name
            var number = 2
            while taken.contains(unique) || Disk.real.exists(unique) {
                unique = "\(name)-\(number)"
                number += 1
            }
            taken.insert(unique)
            return RepairArchive(unique, disk: .real)
        }
    }
}
