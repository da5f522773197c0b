import CommandLine
import KafkaModel

/// Where groups go, as `consumer-groups --reset-offsets` shows it.
struct ResetReport {
    /// A group with what was planned for it, be it nothing.
    private(set) var groups: [(id: String, offsets: [TopicPartition: Int64])] = []

    mutating func add(_ group: String, _ offsets: [TopicPartition: Int64]) { groups.append((group, offsets)) }

    private struct Row {
        let group: String
        let partition: TopicPartition
        let offset: Int64
    }

    private var rows: [Row] {
        groups.flatMap { group in
            group.offsets.sorted { $0.key < $1.key }.map { Row(group: group.id, partition: $0.key, offset: $0.value) }
        }
    }

    var text: String {
        guard !groups.isEmpty else { return "\n" }
        let columns = PaddedColumns([
            PaddedColumns.width(15, groups.map(\.id)), PaddedColumns.width(15, rows.map(\.partition.topic)), 10, nil,
        ])
        let lines = rows.map { [$0.group, $0.partition.topic, "\($0.partition.partition)", "\($0.offset)"] }
        return "\n"
            + ([["GROUP", "TOPIC", "PARTITION", "NEW-OFFSET"]] + lines).map { columns.line($0) + "\n" }.joined()
    }

    /// The plan for a file.
    ///
    /// - Parameter naming: whether each line names its group.
    func csv(naming: Bool) -> String {
        rows.map { ResetPlanFile.line(group: naming ? $0.group : nil, $0.partition, $0.offset) }.joined() + "\n"
    }

    var structured: [StructuredValue] {
        rows.map { row in
            [
                "group": .string(row.group), "topic": .string(row.partition.topic),
                "partition": .int(row.partition.partition), "newOffset": .int(row.offset),
            ]
        }
    }
}
