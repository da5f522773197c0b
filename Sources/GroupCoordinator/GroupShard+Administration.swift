public import Coordination
public import KafkaModel
public import KafkaProtocol

/// Listing, describing and deleting groups.
extension GroupShard {
    public func list(_ request: ListGroupsRequest) -> [ListGroupsResponse.ListedGroup] {
        let states = Set(request.statesFilter.map { $0.lowercased().filter { !$0.isWhitespace } })
        let types = Set(request.typesFilter.map { $0.lowercased() })
        var listed: [ListGroupsResponse.ListedGroup] = []
        for (id, group) in groups {
            guard types.isEmpty || types.contains(group.type.rawValue),
                states.isEmpty || states.contains(group.stateName.lowercased())
            else { continue }
            var told = ListGroupsResponse.ListedGroup()
            told.groupId = id
            told.protocolType = group.protocolType
            told.groupState = group.stateName
            told.groupType = group.type.rawValue
            listed.append(told)
        }
        return listed
    }

    public func describe(_ id: String, version: Int16) -> DescribeGroupsResponse.DescribedGroup {
        let missing: String
        switch groups[id] {
        case .classic(let group): return group.described()
        case .consumer: missing = "Group \(id) is not a classic group."
        case nil: missing = "Group \(id) not found."
        }
        return .missing(id, version: version, missing)
    }

    public func describeConsumerGroup(
        _ id: String, _ context: GroupContext
    ) -> ConsumerGroupDescribeResponse.DescribedGroup {
        var missing = ConsumerGroupDescribeResponse.DescribedGroup()
        missing.groupId = id
        missing.errorCode = ErrorCode.groupIDNotFound.rawValue
        switch groups[id] {
        case .consumer(let group): return group.described(context)
        case .classic: missing.errorMessage = "Group \(id) is not a consumer group."
        case nil: missing.errorMessage = "Group \(id) not found."
        }
        return missing
    }

    /// Deletes a group with its offsets. Returns why not.
    public mutating func delete(_ id: String, _ context: GroupContext, into effects: inout GroupEffects) -> ErrorCode {
        guard let group = groups[id] else { return .groupIDNotFound }
        if let code = group.refusalOfDelete() { return code }
        var count = 0
        for (topic, partitions) in offsets.topics(of: id) ?? [:] {
            for partition in partitions.keys where remove(id, topic, partition, into: &effects) { count += 1 }
        }
        for (topic, partition) in offsets.openPartitions(of: id) {
            if remove(id, topic, partition, into: &effects) { count += 1 }
        }
        end(id, into: &effects)
        effects.note(.info, "The following groups were deleted: \(id). A total of \(count) offsets were removed.")
        if count > 0 { effects.happened(.offsetsDeleted(count)) }
        return .none
    }
}

extension DescribeGroupsResponse.DescribedGroup {
    /// Before version 6 a group that is not there is a dead one without members.
    public static func missing(_ id: String, version: Int16, _ message: String) -> Self {
        var described = Self()
        described.groupId = id
        described.groupState = "Dead"
        guard version >= 6 else { return described }
        described.errorCode = ErrorCode.groupIDNotFound.rawValue
        described.errorMessage = message
        return described
    }
}
