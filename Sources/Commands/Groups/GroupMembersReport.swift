import CommandLine
import KafkaClient
import KafkaModel

/// Who is in a group, as `consumer-groups --describe --members` shows it.
struct GroupMembersReport {
    let group: GroupDescription

    func text(_ description: ConsumerGroupsRequest.Description) -> String {
        let members = group.members
        let hasInstances = members.contains { !($0.instanceID ?? "").isEmpty }
        // Only while members of both protocols are together.
        let isMixed = members.contains { $0.isUpgraded == true } && members.contains { $0.isUpgraded == false }
        var columns: [(heading: String, width: Int?, cell: (GroupMember) -> String)] = [
            ("GROUP", PaddedColumns.width(15, [members.isEmpty ? "" : group.id]), { _ in group.id }),
            ("CONSUMER-ID", PaddedColumns.width(15, members.map(\.id)), \.id),
        ]
        if hasInstances {
            let width = PaddedColumns.width(17, members.map { $0.instanceID ?? "" })
            columns.append(("GROUP-INSTANCE-ID", width, { $0.instanceID ?? "" }))
        }
        columns += [
            ("HOST", PaddedColumns.width(15, members.map(\.host)), \.host),
            ("CLIENT-ID", PaddedColumns.width(15, members.map(\.clientID)), \.clientID),
            ("#PARTITIONS", 15, { "\($0.assignment.count)" }),
        ]
        if description.isVerbose {
            let current: (GroupMember) -> String = { Self.text($0.assignment) }
            let target: (GroupMember) -> String = { Self.text($0.target ?? []) }
            columns += [
                ("CURRENT-EPOCH", 15, { $0.epoch.orDash() }),
                ("CURRENT-ASSIGNMENT", PaddedColumns.width(20, members.map(current)), current),
                ("TARGET-EPOCH", 15, { _ in group.targetAssignmentEpoch.orDash() }),
                ("TARGET-ASSIGNMENT", PaddedColumns.width(20, members.map(target)), target),
            ]
            if isMixed { columns.append(("UPGRADED", nil, { $0.isUpgraded.orDash() })) }
        }
        let layout = PaddedColumns(columns.map(\.width))
        // What Kafka's tool prints in two parts keeps the space between them when the second is missing.
        let end = description.isVerbose ? "\n" : " \n"
        let lines = [columns.map(\.heading)] + members.map { member in columns.map { $0.cell(member) } }
        return "\n" + lines.map { layout.line($0) + end }.joined()
    }

    /// `orders:0,1;other:2`.
    static func text(_ assignment: [TopicPartition]) -> String {
        guard !assignment.isEmpty else { return "-" }
        return Dictionary(grouping: assignment, by: \.topic).map { topic, partitions in
            "\(topic):" + partitions.map(\.partition).sorted().map(String.init).joined(separator: ",")
        }.sorted().joined(separator: ";")
    }

    /// In forms that have columns, assignments are text as in the other one.
    func structured(_ form: OutputForm) -> [StructuredValue] {
        let isFlat = form == .table || form == .csv
        return group.members.map { member in
            [
                "group": .string(group.id), "consumerId": .string(member.id),
                "groupInstanceId": .optional(member.instanceID), "host": .string(member.host),
                "clientId": .string(member.clientID), "partitionCount": .int(member.assignment.count),
                "currentEpoch": .optional(member.epoch),
                "currentAssignment": isFlat
                    ? .string(Self.text(member.assignment)) : Self.structured(member.assignment),
                "targetEpoch": .optional(group.targetAssignmentEpoch),
                "targetAssignment": member.target.map {
                    isFlat ? .string(Self.text($0)) : Self.structured($0)
                } ?? .null,
                "upgraded": member.isUpgraded.map { .bool($0) } ?? .null,
            ]
        }
    }

    private static func structured(_ assignment: [TopicPartition]) -> StructuredValue {
        let topics = Dictionary(grouping: assignment, by: \.topic).sorted { $0.key < $1.key }
        return .list(
            topics.map { topic, partitions in
                [
                    "topic": .string(topic),
                    "partitions": .list(partitions.map(\.partition).sorted().map { .int($0) }),
                ]
            })
    }
}
