import Bytes
public import Coordination
public import KafkaModel
import KafkaProtocol
import Timing

/// One partition of `__consumer_offsets`: the groups whose ids fall on it, and their offsets.
///
/// Every event is a method that changes the shard at once and says in the effects what to write. Until `keep` the shard
/// remembers each group that it touched, and each offset, as they were, so that `takeBack` can undo what was not written.
/// Checks that need no group, such as an empty id, come before and are not the shard's.
public struct GroupShard: CoordinatorState {
    public typealias Answer = GroupAnswer
    public typealias TimerName = GroupTimer
    public typealias Event = GroupEvent
    public typealias Context = GroupContext

    public private(set) var groups: [String: Group] = [:]
    public internal(set) var offsets = OffsetTable()
    /// The groups that the last decision changed, as they were before.
    private var before: [String: Group?] = [:]

    public init() {}

    public mutating func keep() {
        if !before.isEmpty { before = [:] }
        offsets.keep()
    }

    public mutating func takeBack(
        _ code: ErrorCode, refusing refused: Set<Owed>, _ context: GroupContext, into effects: inout GroupEffects
    ) {
        offsets.takeBack()
        let touched = before
        before = [:]
        for (id, group) in touched {
            guard var group else {
                groups[id] = nil
                continue
            }
            group.appendFailed(code, refusing: refused, context, into: &effects)
            groups[id] = group
        }
    }

    /// Puts a group in the place of another, or of none; nil takes it out.
    mutating func put(_ group: Group?, _ id: String) {
        if before.index(forKey: id) == nil { before[id] = .some(groups[id]) }
        groups[id] = group
    }

    /// A group is no more, and another of its name may follow.
    mutating func end(_ id: String, into effects: inout GroupEffects) {
        guard let group = groups[id] else { return }
        group.end(into: &effects)
        put(nil, id)
    }

    mutating func change<Result>(_ id: String, _ body: (inout Group) -> Result) -> Result? {
        guard var group = groups[id] else { return nil }
        let result = body(&group)
        put(group, id)
        return result
    }

    public mutating func fired(_ timer: GroupTimer, _ context: GroupContext, into effects: inout GroupEffects) {
        _ = change(timer.group) { $0.fired(timer, context, into: &effects) }
    }
}

extension GroupTimer {
    public var group: String {
        switch self {
        case .session(let group, _), .rebalance(let group, _), .classicJoin(let group, _), .classicSync(let group, _),
            .join(let group), .sync(let group):
            group
        }
    }
}

// MARK: Loading

extension GroupShard {
    public mutating func load(_ record: LoadedRecord) -> LoadOutcome {
        switch record {
        case .transactionEnded(let producerID, let isCommitted):
            offsets.endTransaction(of: producerID, isCommitted: isCommitted)
            return .taken
        case .record(let record, let producerID):
            do throws(WireError) {
                return try load(record, producerID)
            } catch {
                return .unreadable("\(error)")
            }
        }
    }

    private mutating func load(_ record: CoordinatorRecord, _ producerID: Int64?) throws(WireError) -> LoadOutcome {
        let key = record.key.span.bytes
        var reader = ByteReader(key)
        let type = try reader.int16()
        switch type {
        case LegacyOffsetCommitKey.recordType:
            let key = try LegacyOffsetCommitKey.decodeFramed(key)
            let value = try record.decodedValue(LegacyOffsetCommitValue.self)
            load(key.group, key.topic, key.partition, value.map { CommittedOffset($0.value) }, producerID)
        case OffsetCommitKey.recordType:
            let key = try OffsetCommitKey.decodeFramed(key)
            let value = try record.decodedValue(OffsetCommitValue.self)
            load(key.group, key.topic, key.partition, value.map { CommittedOffset($0.value) }, producerID)
        case GroupMetadataKey.recordType:
            let key = try GroupMetadataKey.decodeFramed(key)
            if let (value, version) = try record.decodedValue(GroupMetadataValue.self) {
                groups[key.group] = .classic(ClassicGroup(id: key.group, loading: value, version: version))
            } else if groups[key.group]?.type == .classic {
                groups[key.group] = nil
            }
        default:
            if let (group, change) = try record.consumerGroupRecord(type) {
                load(change, of: group)
            } else if CoordinatorRecords.groups.kind(type) == nil {
                return .unknownType(type)
            }
        }
        return .taken
    }

    private mutating func load(_ change: ConsumerGroupRecord, of id: String) {
        guard case .consumer(var group) = groups[id] else {
            // What takes back something of a group that is not there has nothing to take back. A classic group of that
            // name was there before, and its end is compacted away.
            guard !change.isTombstone else { return }
            var group = ConsumerGroup(id: id)
            group.replay(change)
            groups[id] = .consumer(group)
            return
        }
        groups[id] = nil
        guard !change.endsGroup else { return }
        group.replay(change)
        groups[id] = .consumer(group)
    }

    private mutating func load(
        _ group: String, _ topic: String, _ partition: Int32, _ offset: CommittedOffset?, _ producerID: Int64?
    ) {
        // Who only commits has no record of the group.
        if offset != nil, groups[group] == nil { groups[group] = .classic(ClassicGroup(id: group, wall: .none)) }
        offsets.load(group, topic, partition, offset, producerID: producerID)
    }

    public mutating func loaded(_ context: GroupContext, into effects: inout GroupEffects) {
        // A log that ends a group and not its offsets: somebody who only commits is left of it, so that they are found, and
        // end in time.
        for id in offsets.groupIDs where groups[id] == nil {
            groups[id] = .classic(ClassicGroup(id: id, wall: .none))
        }
        for id in groups.keys.sorted() { groups[id]?.loaded(context, into: &effects) }
    }
}

extension CoordinatorRecord {
    fileprivate func decodedValue<Value: WireMessage>(
        _ type: Value.Type
    ) throws(WireError) -> (value: Value, version: Int16)? {
        guard let value else { return nil }
        return try Value.decodeVersioned(value.span.bytes)
    }

    fileprivate func consumerGroupRecord(
        _ type: Int16
    ) throws(WireError) -> (group: String, record: ConsumerGroupRecord)? {
        guard let value else {
            return try ConsumerGroupRecord.decode(type: type, key: key.span.bytes, value: nil)
        }
        return try ConsumerGroupRecord.decode(type: type, key: key.span.bytes, value: value.span.bytes)
    }
}
