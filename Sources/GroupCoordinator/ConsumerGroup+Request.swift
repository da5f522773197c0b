import KafkaModel
public import KafkaProtocol

extension ConsumerGroup {
    /// Why a heartbeat is refused before any group is asked, or nil.
    public static func refusal(
        of request: ConsumerGroupHeartbeatRequest, version: Int16, _ settings: GroupSettings
    ) -> ConsumerGroupHeartbeatResponse? {
        problem(request, version: version, settings).map { ConsumerGroupHeartbeatResponse(refusal: $0) }
    }

    /// What a member is told whose group is not there, or is not one of this protocol and cannot become one.
    public static func notFound(_ groupID: String, isClassic: Bool) -> ConsumerGroupHeartbeatResponse {
        let message =
            isClassic ? "Group \(groupID) is not a consumer group." : "Consumer group \(groupID) not found."
        return ConsumerGroupHeartbeatResponse(refusal: GroupRefusal(.groupIDNotFound, message))
    }

    private static func problem(
        _ request: ConsumerGroupHeartbeatRequest, version: Int16, _ settings: GroupSettings
    ) -> GroupRefusal? {
        func invalid(_ message: String) -> GroupRefusal { GroupRefusal(.invalidRequest, message) }
        let epoch = request.memberEpoch
        // From version 1 on members give themselves their ids.
        if version >= 1 || epoch > 0 || epoch == ConsumerGroupMember.leaveEpoch, request.memberId.isBlank {
            return invalid("MemberId can't be empty.")
        }
        if request.groupId.isBlank { return invalid("GroupId can't be empty.") }
        if request.instanceId?.isBlank == true { return invalid("InstanceId can't be empty.") }
        if request.rackId?.isBlank == true { return invalid("RackId can't be empty.") }
        if epoch == 0 {
            if request.rebalanceTimeoutMs == -1 {
                return invalid("RebalanceTimeoutMs must be provided in first request.")
            }
            if request.topicPartitions?.isEmpty != true {
                return invalid("TopicPartitions must be empty when (re-)joining.")
            }
            if request.subscribedTopicNames == nil, request.subscribedTopicRegex == nil {
                return invalid(
                    "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.")
            }
        } else if epoch == ConsumerGroupMember.leftEpoch {
            if request.instanceId == nil { return invalid("InstanceId can't be null.") }
        } else if epoch < ConsumerGroupMember.leftEpoch {
            return invalid("MemberEpoch is invalid.")
        }
        guard let assignor = request.serverAssignor else { return nil }
        let supported = settings.assignors.map { ServerAssignor($0)?.rawValue ?? $0 }
        guard !supported.contains(assignor) else { return nil }
        let names = supported.joined(separator: ", ")
        return GroupRefusal(
            .unsupportedAssignor, "ServerAssignor \(assignor) is not supported. Supported assignors: \(names).")
    }
}

extension String {
    /// Empty, or nothing but what Java's `trim` takes away.
    fileprivate var isBlank: Bool { utf8.allSatisfy { $0 <= 0x20 } }
}
