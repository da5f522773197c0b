import Bytes
import Configuration
import KafkaModel
import KafkaProtocol
import Timing

/// Groups of consumers in detail. Which of the two protocols a group speaks is known only when its coordinator was asked:
/// first as a group of the consumer protocol, and where it is none, or the broker is too old, as a classic one.
extension Admin {
    public func describeGroups(_ ids: [String]) throws(ClientError) -> [String: Result<GroupDescription, ClientError>] {
        var classic: Set<String> = []
        return try onCoordinators(ids) { (coordinator, own, deadline) throws(ClientError) in
            var results: [String: Result<GroupDescription, ClientError>] = [:]
            // What the newer question was answered with says more than the answer to the older one.
            var reasons: [String: String] = [:]
            let untried = own.filter { !classic.contains($0) }
            let connection = try connection(to: coordinator.id, until: deadline)
            if !untried.isEmpty, connection.version(of: ConsumerGroupDescribeRequest.self) != nil {
                for group in try askConsumerGroups(untried, coordinator, until: deadline) {
                    let code = ErrorCode(code: group.errorCode)
                    switch code {
                    case .none: results[group.groupId] = .success(GroupDescription(group, coordinator))
                    case .unsupportedVersion, .groupIDNotFound:
                        classic.insert(group.groupId)
                        reasons[group.groupId] = group.errorMessage
                    default:
                        results[group.groupId] = .failure(
                            refused(coordinator.id, .consumerGroupDescribe, code, message: group.errorMessage))
                    }
                }
            } else {
                classic.formUnion(untried)
            }
            let old = own.filter(classic.contains)
            guard !old.isEmpty else { return results }
            var request = DescribeGroupsRequest()
            request.groups = old
            for group in try ask(coordinator.id, request, until: deadline).groups {
                results[group.groupId] = description(group, coordinator, reason: reasons[group.groupId])
            }
            return results
        }
    }

    private func askConsumerGroups(
        _ ids: [String], _ coordinator: BrokerNode, until deadline: Instant
    ) throws(ClientError) -> [ConsumerGroupDescribeResponse.DescribedGroup] {
        var request = ConsumerGroupDescribeRequest()
        request.groupIds = ids
        return try ask(coordinator.id, request, until: deadline).groups
    }

    private func description(
        _ group: DescribeGroupsResponse.DescribedGroup, _ coordinator: BrokerNode, reason: String?
    ) -> Result<GroupDescription, ClientError> {
        let code = ErrorCode(code: group.errorCode)
        guard code == .none else {
            return .failure(
                refused(coordinator.id, .describeGroups, code, message: reason ?? group.errorMessage))
        }
        guard group.protocolType.isEmpty || group.protocolType == "consumer" else {
            return .failure(
                ClientError(
                    name(of: coordinator.id), .receive(.describeGroups),
                    .notPrepared("GroupId \(group.groupId) is not a consumer group (\(group.protocolType)).")))
        }
        do throws(WireError) {
            return .success(try GroupDescription(group, coordinator))
        } catch {
            return .failure(ClientError(name(of: coordinator.id), .receive(.describeGroups), .malformed(error)))
        }
    }
}

extension GroupDescription {
    fileprivate init(_ group: ConsumerGroupDescribeResponse.DescribedGroup, _ coordinator: BrokerNode) {
        self.init(
            id: group.groupId, type: .consumer, state: GroupState(word: group.groupState),
            assignor: group.assignorName, coordinator: coordinator,
            members: group.members.map { member in
                GroupMember(
                    id: member.memberId, instanceID: member.instanceId, clientID: member.clientId,
                    host: member.clientHost, assignment: Self.partitions(member.assignment),
                    target: Self.partitions(member.targetAssignment), epoch: member.memberEpoch,
                    isUpgraded: member.memberType == -1 ? nil : member.memberType == 1)
            },
            epoch: group.groupEpoch, targetAssignmentEpoch: group.assignmentEpoch)
    }

    private static func partitions(_ assignment: ConsumerGroupDescribeResponse.Assignment) -> [TopicPartition] {
        assignment.topicPartitions.flatMap { topic in
            topic.partitions.map { TopicPartition(topic.topicName, $0) }
        }.sorted()
    }

    fileprivate init(
        _ group: DescribeGroupsResponse.DescribedGroup, _ coordinator: BrokerNode
    ) throws(WireError) {
        var members: [GroupMember] = []
        for member in group.members {
            members.append(
                GroupMember(
                    id: member.memberId, instanceID: member.groupInstanceId, clientID: member.clientId,
                    host: member.clientHost, assignment: try Self.partitions(member.memberAssignment)))
        }
        self.init(
            id: group.groupId, type: .classic, state: GroupState(word: group.groupState), assignor: group.protocolData,
            coordinator: coordinator, members: members)
    }

    /// What the leader of a classic group gave a member; a version that is not known begins as the last that is.
    private static func partitions(_ bytes: [UInt8]) throws(WireError) -> [TopicPartition] {
        guard !bytes.isEmpty else { return [] }
        var reader = ByteReader(bytes.span.bytes)
        let version = try reader.int16()
        guard version >= 0 else { throw .invalidValue }
        let assignment = try ConsumerProtocolAssignment.decode(
            &reader, version: min(version, ConsumerProtocolAssignment.versions.upperBound))
        return Set(
            assignment.assignedPartitions.flatMap { topic in
                topic.partitions.map { TopicPartition(topic.topic, $0) }
            }
        ).sorted()
    }
}
