import Bytes
public import Coordination
public import KafkaModel
public import KafkaProtocol
import Metadata
import Timing

/// Committing, reading and deleting offsets.
extension GroupShard {
    /// The topics of the request are known, by name and by id.
    public mutating func commit(
        _ request: OffsetCommitRequest, version: Int16, owed: Owed, _ context: GroupContext,
        into effects: inout GroupEffects
    ) {
        var response = OffsetCommitResponse()
        let admitted = admit(request, version: version, context, into: &effects)
        if case .refused(let code) = admitted {
            return effects.answer(owed, .offsetCommit(.refusing(request, code)))
        }
        let keepsTopicIDs = context.image.metadataVersion.keepsTopicIDsOfOffsets
        var count = 0
        for topic in request.topics {
            var answer = OffsetCommitResponse.OffsetCommitResponseTopic()
            answer.name = topic.name
            answer.topicId = topic.topicId
            for partition in topic.partitions {
                var told = OffsetCommitResponse.OffsetCommitResponsePartition()
                told.partitionIndex = partition.partitionIndex
                if (partition.committedMetadata?.utf16.count ?? 0) > context.settings.offsetMetadataBytesMax {
                    told.errorCode = ErrorCode.offsetMetadataTooLarge.rawValue
                } else {
                    let offset = CommittedOffset(
                        partition, of: request, topicID: keepsTopicIDs ? topic.topicId : .zero, context)
                    offsets.set(request.groupId, topic.name, partition.partitionIndex, offset)
                    effects.append(offset.record(request.groupId, topic.name, partition.partitionIndex))
                    count += 1
                }
                answer.partitions.append(told)
            }
            response.topics.append(answer)
        }
        if count > 0 { effects.happened(.offsetsCommitted(count)) }
        effects.answer(owed, .offsetCommit(response))
    }

    /// Whether the whole commit is taken; for a group that nobody knows, one is made that only commits.
    private mutating func admit(
        _ request: OffsetCommitRequest, version: Int16, _ context: GroupContext, into effects: inout GroupEffects
    ) -> CommitAdmission {
        let claim = CommitClaim(
            memberID: request.memberId, instanceID: request.groupInstanceId,
            generation: request.generationIdOrMemberEpoch, version: version)
        let group: Group
        if let known = groups[request.groupId] {
            group = known
        } else {
            guard claim.generation < 0 else { return .refused(version >= 9 ? .groupIDNotFound : .illegalGeneration) }
            effects.note(
                .info, "[GroupId \(request.groupId)] Creating a simple consumer group via manual offset commit.")
            group = .classic(ClassicGroup(id: request.groupId, wall: context.wall))
        }
        switch group.admission(of: claim) {
        case .refused(let code): return .refused(code)
        case .admitted: break
        case .byPartition:
            for topic in request.topics {
                for partition in topic.partitions {
                    let refusal = group.refusal(of: claim, topic: topic.topicId, partition: partition.partitionIndex)
                    if let refusal { return .refused(refusal) }
                }
            }
        }
        if groups[request.groupId] == nil { put(group, request.groupId) }
        group.committed(by: claim, context, into: &effects)
        return .admitted
    }

    /// What OffsetFetch answers for one group; without topics, all of them. `isStable` holds back what a transaction may
    /// still change.
    public func fetch(
        _ request: OffsetFetchRequest.OffsetFetchRequestGroup, requireStable isStable: Bool
    ) -> OffsetFetchResponse.OffsetFetchResponseGroup {
        var response = OffsetFetchResponse.OffsetFetchResponseGroup()
        response.groupId = request.groupId
        var known: OffsetTable.Topics = [:]
        // A group that is not there has committed nothing.
        if let group = groups[request.groupId] {
            switch group.refusalOfOffsetFetch(memberID: request.memberId, epoch: request.memberEpoch) {
            case nil: known = offsets.topics(of: request.groupId) ?? [:]
            case .groupIDNotFound: break
            case let code?:
                response.errorCode = code.rawValue
                return response
            }
        }
        guard let asked = request.topics else {
            response.topics = known.sorted { $0.key < $1.key }.map { name, partitions in
                var topic = OffsetFetchResponse.OffsetFetchResponseTopics()
                topic.name = name
                topic.partitions = partitions.keys.sorted().map { partition in
                    answer(request.groupId, name, partition, partitions[partition], isStable)
                }
                return topic
            }
            return response
        }
        response.topics = asked.map { asked in
            var topic = OffsetFetchResponse.OffsetFetchResponseTopics()
            topic.name = asked.name
            topic.topicId = asked.topicId
            let partitions = known[asked.name]
            topic.partitions = asked.partitionIndexes.map { partition in
                var offset = partitions?[partition]
                if let id = offset?.topicID, id != .zero, asked.topicId != .zero, id != asked.topicId { offset = nil }
                return answer(request.groupId, asked.name, partition, offset, isStable)
            }
            return topic
        }
        return response
    }

    private func answer(
        _ group: String, _ topic: String, _ partition: Int32, _ offset: CommittedOffset?, _ isStable: Bool
    ) -> OffsetFetchResponse.OffsetFetchResponsePartitions {
        var answer = OffsetFetchResponse.OffsetFetchResponsePartitions()
        answer.partitionIndex = partition
        answer.committedOffset = -1
        if isStable, offsets.isOpen(group, topic, partition) {
            answer.errorCode = ErrorCode.unstableOffsetCommit.rawValue
        } else if let offset {
            answer.committedOffset = offset.offset
            answer.committedLeaderEpoch = offset.leaderEpoch
            answer.metadata = offset.metadata
        }
        return answer
    }

    /// Deletes offsets of topics that the group does not read now.
    public mutating func deleteOffsets(
        _ request: OffsetDeleteRequest, owed: Owed, _ context: GroupContext, into effects: inout GroupEffects
    ) {
        var response = OffsetDeleteResponse()
        guard let group = groups[request.groupId] else {
            response.errorCode = ErrorCode.groupIDNotFound.rawValue
            return effects.answer(owed, .offsetDelete(response))
        }
        if let code = group.refusalOfOffsetDelete() {
            response.errorCode = code.rawValue
            return effects.answer(owed, .offsetDelete(response))
        }
        var count = 0
        for topic in request.topics {
            let isInUse = group.isSubscribed(to: topic.name)
            var answer = OffsetDeleteResponse.OffsetDeleteResponseTopic()
            answer.name = topic.name
            for partition in topic.partitions {
                var told = OffsetDeleteResponse.OffsetDeleteResponsePartition()
                told.partitionIndex = partition.partitionIndex
                if isInUse {
                    told.errorCode = ErrorCode.groupSubscribedToTopic.rawValue
                } else if remove(request.groupId, topic.name, partition.partitionIndex, into: &effects) {
                    count += 1
                }
                answer.partitions.append(told)
            }
            response.topics.append(answer)
        }
        if count > 0 { effects.happened(.offsetsDeleted(count)) }
        effects.answer(owed, .offsetDelete(response))
    }

    /// Takes out an offset, and what transactions have of it. False where there is none.
    mutating func remove(
        _ group: String, _ topic: String, _ partition: Int32, into effects: inout GroupEffects
    ) -> Bool {
        let isThere = offsets.offset(group, topic, partition) != nil || offsets.isOpen(group, topic, partition)
        guard isThere else { return false }
        offsets.set(group, topic, partition, nil)
        effects.append(CommittedOffset.tombstone(group, topic, partition))
        return true
    }
}

extension CommittedOffset {
    fileprivate init(
        _ partition: OffsetCommitRequest.OffsetCommitRequestPartition, of request: OffsetCommitRequest, topicID: UUID,
        _ context: GroupContext
    ) {
        let now = context.wall.milliseconds
        self.init(
            offset: partition.committedOffset, leaderEpoch: partition.committedLeaderEpoch,
            metadata: partition.committedMetadata ?? "",
            commitTimestamp: partition.commitTimestamp == -1 ? now : partition.commitTimestamp,
            expireTimestamp: request.retentionTimeMs == -1 ? nil : now.addingClamped(request.retentionTimeMs),
            topicID: topicID)
    }

    /// As the log keeps it: the version with a time of expiry, that with a topic id, or the one before.
    func record(_ group: String, _ topic: String, _ partition: Int32) -> CoordinatorRecord {
        var value = OffsetCommitValue()
        value.offset = offset
        value.leaderEpoch = leaderEpoch
        value.metadata = metadata
        value.commitTimestamp = commitTimestamp
        value.expireTimestamp = expireTimestamp ?? -1
        value.topicId = topicID
        let version: Int16 = expireTimestamp != nil ? 1 : topicID != .zero ? 4 : 3
        return CoordinatorRecord(Self.key(group, topic, partition), value, version: version)
    }

    static func tombstone(_ group: String, _ topic: String, _ partition: Int32) -> CoordinatorRecord {
        .tombstone(key(group, topic, partition))
    }

    private static func key(_ group: String, _ topic: String, _ partition: Int32) -> OffsetCommitKey {
        var key = OffsetCommitKey()
        key.group = group
        key.topic = topic
        key.partition = partition
        return key
    }
}

extension OffsetCommitResponse {
    /// All partitions of a request with the same error.
    public static func refusing(_ request: OffsetCommitRequest, _ code: ErrorCode) -> OffsetCommitResponse {
        var response = OffsetCommitResponse()
        response.topics = request.topics.map { topic in
            var answer = OffsetCommitResponseTopic()
            answer.name = topic.name
            answer.topicId = topic.topicId
            answer.partitions = topic.partitions.map { partition in
                var told = OffsetCommitResponsePartition()
                told.partitionIndex = partition.partitionIndex
                told.errorCode = code.rawValue
                return told
            }
            return answer
        }
        return response
    }
}
