import CommandLine
import KafkaClient
import KafkaModel
import Timing

/// What a command line says about where groups shall be moved.
struct OffsetsReset {
    enum Scope: Equatable {
        case allTopics
        case topics([TopicSelection])
        /// What the plan names.
        case planned
    }

    enum Target {
        case earliest
        case latest
        case current
        case offset(Int64)
        case shift(Int64)
        case time(Timestamp)
        /// So many milliseconds before now.
        case age(Int64)
        case plan(ResetPlanFile)
    }

    let scope: Scope
    let target: Target
    let isExecuted: Bool
    let isExported: Bool

    /// The options of which one says where to.
    static let scenarios = [
        "to-offset", "shift-by", "to-datetime", "by-duration", "to-earliest", "to-latest", "to-current", "from-file",
    ]

    init(_ arguments: Arguments) throws(ToolRefusal) {
        isExecuted = arguments.has("execute")
        isExported = arguments.has("export")
        if arguments.has("all-topics") {
            scope = .allTopics
        } else if arguments.has("topic") {
            scope = .topics(try ConsumerGroupsRequest.topics(arguments.values("topic")))
        } else if arguments.has("from-file") {
            scope = .planned
        } else {
            throw .usage(
                UsageError("One of the reset scopes should be defined: --all-topics, --topic."))
        }
        target = try Self.target(arguments)
    }

    private static func target(_ arguments: Arguments) throws(ToolRefusal) -> Target {
        guard let scenario = scenarios.first(where: arguments.has) else {
            let list = scenarios.map { "[\($0)]" }.joined(separator: ", ")
            throw .usage(
                UsageError("Option '[reset-offsets]' requires one of the following scenarios: [\(list)]"))
        }
        switch scenario {
        case "to-offset": return .offset(arguments.long("to-offset") ?? 0)
        case "shift-by": return .shift(arguments.long("shift-by") ?? 0)
        case "to-datetime": return .time(try time(arguments.value("to-datetime") ?? ""))
        case "by-duration":
            guard let age = IsoDuration.milliseconds(arguments.value("by-duration") ?? "") else {
                throw .plain(
                    ConsumerGroups.failure("Text cannot be parsed to a Duration"),
                    hint: "A duration is written as P1DT2H30M: days, then T, hours, minutes and seconds.")
            }
            return .age(age)
        case "to-earliest": return .earliest
        case "to-latest": return .latest
        case "to-current": return .current
        default:
            do throws(ResetPlanFile.Failure) {
                return .plan(
                    try ResetPlanFile(path: arguments.value("from-file") ?? "", groups: arguments.values("group")))
            } catch {
                throw .plain(ConsumerGroups.failure(error.description))
            }
        }
    }

    private static func time(_ text: String) throws(ToolRefusal) -> Timestamp {
        guard text.contains("T") else {
            throw .plain(
                ConsumerGroups.failure(
                    "Error parsing timestamp. It does not contain a 'T' according to ISO8601 format"),
                hint: "A time is written as 2026-01-31T12:00:00.000, with Z, +08:00 or nothing behind it.")
        }
        guard let time = Timestamp(iso8601: text) else {
            throw .plain(
                ConsumerGroups.failure("Unparseable date: \"\(text)\""),
                hint: "A time is written as 2026-01-31T12:00:00.000, with Z, +08:00 or nothing behind it.")
        }
        return time
    }
}

extension OffsetsReset {
    /// What has to be asked before a plan can be made.
    struct Needs: OptionSet {
        let rawValue: Int

        static let starts = Needs(rawValue: 1)
        static let ends = Needs(rawValue: 2)
        static let committed = Needs(rawValue: 4)
        static let times = Needs(rawValue: 8)
    }

    var needs: Needs {
        switch target {
        case .earliest: .starts
        case .latest: .ends
        case .current: [.ends, .committed]
        case .offset, .plan: [.starts, .ends]
        case .shift: [.starts, .ends, .committed]
        case .time, .age: [.ends, .times]
        }
    }

    /// What is known of the partitions that are to be reset.
    struct Facts {
        var starts: [TopicPartition: Int64] = [:]
        var ends: [TopicPartition: Int64] = [:]
        /// Where the time asked for begins; none behind the last record.
        var times: [TopicPartition: Int64] = [:]
        var committed: [TopicPartition: CommittedOffset] = [:]
    }

    /// New offsets, and what there is to say about them.
    struct Plan: Equatable {
        var offsets: [TopicPartition: Int64] = [:]
        /// As they come, for the log.
        var warnings: [String] = []
        var remarks: [String] = []
    }

    struct Obstacle: Error, Equatable {
        let message: String
    }

    /// Decides where a group goes.
    ///
    /// - Parameter partitions: those that are meant; a plan brings its own.
    func plan(
        for group: String, _ partitions: [TopicPartition], _ facts: Facts
    ) throws(Obstacle) -> Plan {
        var plan = Plan()
        for partition in partitions.sorted() {
            switch target {
            case .earliest:
                guard let start = facts.starts[partition] else { throw .lost("starting offset", partition) }
                plan.offsets[partition] = start
            case .latest: plan.offsets[partition] = try end(of: partition, facts)
            case .current:
                if let committed = facts.committed[partition] {
                    plan.offsets[partition] = committed.offset
                } else {
                    plan.offsets[partition] = try end(of: partition, facts)
                }
            case .offset(let offset): try plan.add(partition, offset, within: facts)
            case .shift(let count):
                guard let committed = facts.committed[partition] else {
                    throw Obstacle(
                        message: "Cannot shift offset for partition \(partition) since there is no current committed "
                            + "offset")
                }
                let (sum, overflow) = committed.offset.addingReportingOverflow(count)
                try plan.add(partition, overflow ? (count < 0 ? .min : .max) : sum, within: facts)
            case .time, .age:
                if let offset = facts.times[partition] {
                    plan.offsets[partition] = offset
                } else {
                    plan.remarks.append(
                        "Warn: Partition \(partition.partition) from topic \(partition.topic) is empty. Falling back to "
                            + "latest known offset.")
                    plan.offsets[partition] = try end(of: partition, facts)
                }
            case .plan(let file):
                try plan.add(partition, file.offsets[group]?[partition] ?? 0, within: facts)
            }
        }
        return plan
    }

    private func end(of partition: TopicPartition, _ facts: Facts) throws(Obstacle) -> Int64 {
        guard let end = facts.ends[partition] else { throw .lost("ending offset", partition) }
        return end
    }
}

extension OffsetsReset.Obstacle {
    fileprivate static func lost(_ what: String, _ partition: TopicPartition) -> Self {
        Self(message: "Error getting \(what) of topic partition: \(partition)")
    }
}

extension OffsetsReset.Plan {
    /// An offset that was asked for, moved into what the partition holds.
    fileprivate mutating func add(
        _ partition: TopicPartition, _ offset: Int64, within facts: OffsetsReset.Facts
    ) throws(OffsetsReset.Obstacle) {
        guard let start = facts.starts[partition] else { throw .lost("starting offset", partition) }
        guard let end = facts.ends[partition] else { throw .lost("ending offset", partition) }
        let isAbove = offset > end
        let isBelow = offset < start
        if isAbove || isBelow {
            warnings.append(
                "New offset (\(offset)) is \(isAbove ? "higher than latest" : "lower than earliest") offset for topic "
                    + "partition \(partition). Value will be set to \(isAbove ? end : start)")
        }
        offsets[partition] = isAbove ? end : isBelow ? start : offset
    }
}
