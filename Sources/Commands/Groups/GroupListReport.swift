import CommandLine
import KafkaClient

/// Groups by their names, as `consumer-groups --list` shows them.
struct GroupListReport {
    let groups: [GroupListing]

    func text(_ listing: ConsumerGroupsRequest.Listing) -> String {
        guard listing.showsType || listing.showsState else { return groups.map { $0.id + "\n" }.joined() }
        var headings = ["GROUP"]
        if listing.showsType { headings.append("TYPE") }
        if listing.showsState { headings.append("STATE") }
        let columns = PaddedColumns(
            [PaddedColumns.width(15, groups.map(\.id)) + 10] + headings.dropFirst().map { _ in 20 })
        let lines = groups.map { group in
            var cells = [group.id]
            if listing.showsType { cells.append((group.type ?? .unknown).rawValue) }
            if listing.showsState { cells.append((group.state ?? .unknown).rawValue) }
            return cells
        }
        return ([headings] + lines).map { columns.line($0) + "\n" }.joined()
    }

    var structured: [StructuredValue] {
        groups.map { group in
            [
                "group": .string(group.id), "type": .optional(group.type?.rawValue),
                "state": .optional(group.state?.rawValue), "protocol": .string(group.protocolType),
            ]
        }
    }
}
