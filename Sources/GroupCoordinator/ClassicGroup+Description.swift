public import KafkaProtocol

extension ClassicGroup: CoordinatedGroup {
    public static var type: GroupType { .classic }
    public var protocolType: String { groupProtocolType ?? "" }
    public var stateName: String { state.rawValue }
    public var memberCount: Int { members.count }

    /// As DescribeGroups tells it: metadata and protocol are worth telling only while the group is stable.
    public func described() -> DescribeGroupsResponse.DescribedGroup {
        var description = DescribeGroupsResponse.DescribedGroup()
        description.groupId = id
        description.groupState = stateName
        description.protocolType = protocolType
        let isStable = state == .stable
        if isStable { description.protocolData = protocolName ?? "" }
        description.members = membersInOrder.map { member in
            var told = DescribeGroupsResponse.DescribedGroupMember()
            told.memberId = member.id
            told.groupInstanceId = member.instanceID
            told.clientId = member.client.id
            told.clientHost = member.client.host
            told.memberMetadata = isStable ? member.metadata(for: protocolName) : []
            told.memberAssignment = member.assignment
            return told
        }
        return description
    }
}
