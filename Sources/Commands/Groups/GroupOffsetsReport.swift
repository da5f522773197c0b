import CommandLine
import KafkaClient
import KafkaModel

/// How far a group has come in each partition, as `consumer-groups --describe` shows it.
struct GroupOffsetsReport {
    /// A partition; nil for a member that has none.
    struct Row {
        let group: String
        let partition: TopicPartition
        let committed: CommittedOffset?
        /// Nil where the partition has no leader.
        let end: Int64?
        let member: GroupMember?
        /// How old the first record is that was not read; nil where nobody can tell.
        let lagMilliseconds: Int64?

        var lag: Int64? {
            guard let committed, let end else { return nil }
            return end &- committed.offset
        }
    }

    let rows: [Row]

    /// - Parameters:
    ///   - committed: all that the group has committed.
    ///   - ends: the offsets behind the last records.
    ///   - lags: how old the first record is that was not read.
    init(
        _ group: GroupDescription, committed: [TopicPartition: CommittedOffset], ends: [TopicPartition: Int64],
        lags: [TopicPartition: Int64] = [:]
    ) {
        func row(_ partition: TopicPartition, _ member: GroupMember?) -> Row {
            Row(
                group: group.id, partition: partition, committed: committed[partition], end: ends[partition],
                member: member, lagMilliseconds: lags[partition])
        }
        // The members with most come first, and those that have as many stay as they are.
        let members = group.members.enumerated().sorted {
            ($1.element.assignment.count, $0.offset) < ($0.element.assignment.count, $1.offset)
        }
        var rows: [Row] = []
        for (_, member) in members { rows += member.assignment.sorted().map { row($0, member) } }
        let assigned = Set(rows.map(\.partition))
        rows += committed.keys.filter { !assigned.contains($0) }.sorted().map { row($0, nil) }
        self.rows = rows
    }

    /// The partitions that a report is about.
    static func partitions(
        of group: GroupDescription, committed: [TopicPartition: CommittedOffset]
    ) -> Set<TopicPartition> {
        Set(group.members.flatMap(\.assignment)).union(committed.keys)
    }

    func text(_ description: ConsumerGroupsRequest.Description) -> String {
        guard !rows.isEmpty else { return "" }
        var headings = ["GROUP", "TOPIC", "PARTITION"]
        if description.isVerbose { headings.append("LEADER-EPOCH") }
        headings += ["CURRENT-OFFSET", "LOG-END-OFFSET", "LAG"]
        if description.showsLagSeconds { headings.append("LAG-SECONDS") }
        headings += ["CONSUMER-ID", "HOST", "CLIENT-ID"]
        let cells = rows.map { self.cells($0, description) }
        var widths: [Int?] = headings.map { _ in 15 }
        widths[0] = PaddedColumns.width(15, rows.map(\.group))
        widths[1] = PaddedColumns.width(15, rows.map(\.partition.topic))
        widths[2] = 10
        let last = headings.count - 1
        widths[last - 2] = PaddedColumns.width(15, cells.map { $0[last - 2] })
        widths[last - 1] = PaddedColumns.width(15, cells.map { $0[last - 1] })
        widths[last] = nil
        let columns = PaddedColumns(widths)
        return "\n" + ([headings] + cells).map { columns.line($0) + "\n" }.joined()
    }

    private func cells(_ row: Row, _ description: ConsumerGroupsRequest.Description) -> [String] {
        var cells = [row.group, row.partition.topic, "\(row.partition.partition)"]
        if description.isVerbose { cells.append(row.committed?.leaderEpoch.orDash() ?? "-") }
        cells += [(row.committed?.offset).orDash(), row.end.orDash(), row.lag.orDash()]
        if description.showsLagSeconds { cells.append(row.lagMilliseconds.map(Self.seconds) ?? "-") }
        return cells + [row.member?.id ?? "-", row.member?.host ?? "-", row.member?.clientID ?? "-"]
    }

    /// With one digit behind the point.
    private static func seconds(_ milliseconds: Int64) -> String {
        let tenths = (milliseconds + 50) / 100
        return "\(tenths / 10).\(tenths % 10)"
    }

    func structured(_ description: ConsumerGroupsRequest.Description) -> [StructuredValue] {
        rows.map { row in
            var members: [StructuredValue.Member] = [
                .init("group", .string(row.group)), .init("topic", .string(row.partition.topic)),
                .init("partition", .int(row.partition.partition)),
                .init("leaderEpoch", .optional(row.committed?.leaderEpoch)),
                .init("currentOffset", .optional(row.committed?.offset)), .init("logEndOffset", .optional(row.end)),
                .init("lag", .optional(row.lag)),
            ]
            if description.showsLagSeconds {
                members.append(
                    .init("lagSeconds", row.lagMilliseconds.map { .double(Double($0) / 1000) } ?? .null))
            }
            members += [
                .init("consumerId", .optional(row.member?.id)), .init("host", .optional(row.member?.host)),
                .init("clientId", .optional(row.member?.clientID)),
            ]
            return .object(members)
        }
    }
}
