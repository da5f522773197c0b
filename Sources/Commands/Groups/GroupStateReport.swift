import CommandLine
import Configuration
import KafkaClient

/// What a group is at, as `consumer-groups --describe --state` shows it.
struct GroupStateReport {
    let group: GroupDescription

    func text(_ description: ConsumerGroupsRequest.Description) -> String {
        let address = group.coordinator.address
        let coordinator = "\(address.host):\(address.port)  (\(group.coordinator.id))"
        var headings = ["GROUP", "COORDINATOR (ID)", "ASSIGNMENT-STRATEGY", "STATE"]
        var cells = [group.id, coordinator, group.assignor.isEmpty ? "-" : group.assignor, group.state.rawValue]
        var widths: [Int?] = [PaddedColumns.width(15, [group.id]), PaddedColumns.width(25, [coordinator]), 20, 20]
        if description.isVerbose {
            headings += ["GROUP-EPOCH", "TARGET-ASSIGNMENT-EPOCH"]
            cells += [group.epoch.orDash(), group.targetAssignmentEpoch.orDash()]
            widths += [15, 25]
        }
        let columns = PaddedColumns(widths + [nil])
        return "\n" + columns.line(headings + ["#MEMBERS"]) + "\n" + columns.line(cells + ["\(group.members.count)"])
            + "\n"
    }

    var structured: StructuredValue {
        [
            "group": .string(group.id), "type": .string(group.type.rawValue),
            "coordinator": [
                "id": .int(group.coordinator.id), "host": .string(group.coordinator.address.host),
                "port": .int(group.coordinator.address.port),
            ],
            "assignmentStrategy": group.assignor.isEmpty ? .null : .string(group.assignor),
            "state": .string(group.state.rawValue), "groupEpoch": .optional(group.epoch),
            "targetAssignmentEpoch": .optional(group.targetAssignmentEpoch), "memberCount": .int(group.members.count),
        ]
    }
}
