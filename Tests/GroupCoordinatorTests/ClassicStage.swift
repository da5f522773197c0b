import Bytes
import Coordination
import KafkaModel
import KafkaProtocol
import Metadata
import Testing
import Timing

@testable import GroupCoordinator

/// A classic group with a clock and the timers that it asks for. Each event returns what came of it, one line an answer
/// or record; a member id is written `a#1`: client `a`, the first id that was made.
struct ClassicStage {
    var group: ClassicGroup
    var settings = GroupSettings()
    private(set) var timers: [GroupTimer: Instant] = [:]
    private(set) var notes: [String] = []
    private(set) var events: [GroupEvent] = []
    private(set) var lastRecord: CoordinatorRecord?
    /// Requests without an answer, by what they are.
    private(set) var waiting: [Owed: String] = [:]

    private var now = Instant(nanoseconds: 0)
    private var requests: UInt64 = 0
    private var ids: UInt64 = 0

    init(_ id: String = "g") {
        group = ClassicGroup(id: id, wall: Timestamp(milliseconds: 1000))
        settings.initialRebalanceDelay = .seconds(3)
    }

    init(loading value: GroupMetadataValue, settings: GroupSettings = GroupSettings()) {
        group = ClassicGroup(id: "g", loading: value, version: 3)
        self.settings = settings
    }

    var context: GroupContext {
        GroupContext(
            now: now, wall: Timestamp(milliseconds: 1000 + now.nanoseconds / 1_000_000), settings: settings,
            image: ClusterImage(clusterID: "test"))
    }

    // MARK: Requests

    /// `who` is a client for a new member, an id such as `a#1` for one that knows its own.
    mutating func join(
        _ who: String, _ protocols: [(String, String)] = [("range", "")], type: String = "consumer",
        instance: String? = nil, session: Int32 = 10_000, rebalance: Int32 = 60_000, version: Int16 = 9,
        reason: String? = nil
    ) -> [String] {
        var request = JoinGroupRequest()
        request.groupId = group.id
        request.memberId = who.contains("#") || who == "?" ? Self.long(who) : ""
        request.groupInstanceId = instance
        request.protocolType = type
        request.protocols = protocols.map { name, metadata in
            var supported = JoinGroupRequest.JoinGroupRequestProtocol()
            supported.name = name
            supported.metadata = Array(metadata.utf8)
            return supported
        }
        request.sessionTimeoutMs = session
        request.rebalanceTimeoutMs = rebalance
        request.reason = reason
        return join(request, client: String(who.prefix { $0 != "#" }), version: version, label: "join \(who)")
    }

    mutating func join(_ request: JoinGroupRequest, client: String, version: Int16, label: String) -> [String] {
        ids += 1
        let uuid = UUID(high: 0, low: ids)
        let lines = perform(label) { group, owed, context, effects in
            group.join(
                request, version: version, uuid: uuid, client: GroupClient(id: client, host: "/127.0.0.1"), owed: owed,
                context, into: &effects)
        }
        // Ids are counted as they are used, so that a transcript does not skip.
        if !group.members.keys.contains(where: { $0.hasSuffix(uuid.hyphenated) }),
            !group.pendingMembers.contains(where: { $0.hasSuffix(uuid.hyphenated) })
        {
            ids -= 1
        }
        return lines
    }

    mutating func sync(
        _ who: String, _ assignments: [(String, String)] = [], generation: Int32? = nil, instance: String? = nil,
        type: String? = "consumer", name: String? = "range"
    ) -> [String] {
        var request = SyncGroupRequest()
        request.groupId = group.id
        request.generationId = generation ?? group.generation
        request.memberId = Self.long(who)
        request.groupInstanceId = instance
        request.protocolType = type
        request.protocolName = name
        request.assignments = assignments.map { member, assignment in
            var given = SyncGroupRequest.SyncGroupRequestAssignment()
            given.memberId = Self.long(member)
            given.assignment = Array(assignment.utf8)
            return given
        }
        return perform("sync \(who)") { group, owed, context, effects in
            group.sync(request, version: 5, owed: owed, context, into: &effects)
        }
    }

    mutating func heartbeat(_ who: String, generation: Int32? = nil, instance: String? = nil) -> [String] {
        var request = HeartbeatRequest()
        request.groupId = group.id
        request.generationId = generation ?? group.generation
        request.memberId = Self.long(who)
        request.groupInstanceId = instance
        return perform("heartbeat \(who)") { group, owed, context, effects in
            group.heartbeat(request, owed: owed, context, into: &effects)
        }
    }

    mutating func leave(_ who: (member: String, instance: String?)..., version: Int16 = 5) -> [String] {
        var request = LeaveGroupRequest()
        request.groupId = group.id
        request.members = who.map { member, instance in
            var leaving = LeaveGroupRequest.MemberIdentity()
            leaving.memberId = Self.long(member)
            leaving.groupInstanceId = instance
            return leaving
        }
        if version < 3 { request.memberId = request.members.first?.memberId ?? "" }
        return perform("leave") { group, owed, context, effects in
            group.leave(request, version: version, owed: owed, context, into: &effects)
        }
    }

    func commit(
        _ who: String, generation: Int32? = nil, instance: String? = nil, isTransactional: Bool = false
    ) -> CommitAdmission {
        group.admission(
            of: CommitClaim(
                memberID: Self.long(who), instanceID: instance, generation: generation ?? group.generation,
                isTransactional: isTransactional, version: 9))
    }

    // MARK: Time

    /// Lets time pass and fires what comes due on the way, in its order.
    mutating func pass(_ duration: Duration) -> [String] {
        let end = now + duration
        var lines: [String] = []
        var fired = 0
        while let (timer, deadline) = timers.filter({ $0.value <= end }).min(by: {
            ($0.value, Self.name($0.key)) < ($1.value, Self.name($1.key))
        }) {
            now = max(now, deadline)
            lines += fire(timer)
            fired += 1
            guard fired < 10_000 else {
                Issue.record("timers fire without end")
                break
            }
        }
        now = end
        return lines
    }

    mutating func fire(_ timer: GroupTimer) -> [String] {
        timers[timer] = nil
        let lines = perform(nil) { group, _, context, effects in group.fired(timer, context, into: &effects) }
        // A shard tries again what could not be written.
        if wasTakenBack, timers[timer] == nil {
            timers[timer] = now + .milliseconds(500)
            retried.insert(timer)
        }
        return lines
    }

    mutating func load() -> [String] {
        perform(nil) { group, _, context, effects in group.loaded(context, into: &effects) }
    }

    mutating func unload() -> [String] {
        perform(nil) { group, _, _, effects in group.unloaded(into: &effects) }
    }

    /// The names of what is scheduled, and in how many seconds.
    var schedule: [String] {
        timers.map { "\(Self.name($0.key)) in \(($0.value - now).wholeMilliseconds / 1000) s" }.sorted()
    }

    private static func name(_ timer: GroupTimer) -> String {
        switch timer {
        case .session(_, let member): "session \(short(member))"
        case .join: "join"
        case .sync: "sync"
        case .rebalance, .classicJoin, .classicSync: "a timer of consumer groups"
        }
    }

    // MARK: Running an event

    /// What appends come to. A refused one takes the decision back.
    var appendError: ErrorCode?
    private var wasTakenBack = false
    /// Timers that fire again although the group may have gone on without them.
    private(set) var retried: Set<GroupTimer> = []

    mutating func perform(
        _ label: String?, _ event: (inout ClassicGroup, Owed, GroupContext, inout GroupEffects) -> Void
    ) -> [String] {
        let before = group
        var effects = GroupEffects()
        requests += 1
        let owed = Owed(number: requests)
        if let label { waiting[owed] = label }
        event(&group, owed, context, &effects)
        guard effects.records.isEmpty || appendError == nil else {
            wasTakenBack = true
            return takeBack(to: before, owed, effects, label: label)
        }
        wasTakenBack = false
        return carryOut(effects)
    }

    private mutating func takeBack(
        to before: ClassicGroup, _ owed: Owed, _ effects: GroupEffects, label: String?
    ) -> [String] {
        let code = appendError ?? .unknownServerError
        group = before
        var refused = Set(effects.answers.map(\.owed))
        if label != nil { refused.insert(owed) }
        var lines: [String] = []
        for owed in refused.sorted(by: { $0.number < $1.number }) {
            lines.append("\(waiting[owed] ?? "nobody"): refused \(code.name)")
            waiting[owed] = nil
        }
        var after = GroupEffects()
        group.appendFailed(code, refusing: refused, context, into: &after)
        return lines + carryOut(after)
    }

    private mutating func carryOut(_ effects: GroupEffects) -> [String] {
        var lines: [String] = []
        for record in effects.records {
            lines.append("record: \(Self.describe(record))")
            lastRecord = record
        }
        for (owed, answer) in effects.answers {
            guard let label = waiting.removeValue(forKey: owed) else {
                Issue.record("request \(owed.number) is answered twice")
                continue
            }
            lines.append("\(label): \(Self.describe(answer))")
        }
        for (timer, deadline) in effects.timers { timers[timer] = deadline }
        notes += effects.notes.map { Self.short($0.text) }
        events += effects.events
        if group.members.count <= 64, let violation = group.violation { Issue.record("does not hold: \(violation)") }
        return lines
    }

    // MARK: Words

    private static let zeros = "-00000000-0000-0000-0000-"

    static func long(_ id: String) -> String {
        guard let mark = id.firstIndex(of: "#"), let number = UInt64(id[id.index(after: mark)...]) else { return id }
        return id[..<mark] + "-" + UUID(high: 0, low: number).hyphenated
    }

    static func short(_ text: String) -> String {
        var rest = Substring(text)
        var result = ""
        while let range = rest.firstRange(of: zeros) {
            result += rest[..<range.lowerBound]
            let digits = rest[range.upperBound...].prefix(12)
            result += "#\(UInt64(digits, radix: 16) ?? 0)"
            rest = rest[range.upperBound...].dropFirst(12)
        }
        return result + rest
    }

    static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func describe(_ answer: GroupAnswer) -> String {
        switch answer {
        case .joinGroup(let response):
            guard response.errorCode == 0 else {
                let member = response.memberId.isEmpty ? "" : " \(short(response.memberId))"
                return ErrorCode(code: response.errorCode).name + member
            }
            let members = response.members.map {
                " \(short($0.memberId))" + ($0.metadata.isEmpty ? "" : "=\(text($0.metadata))")
            }.joined()
            return
                "generation \(response.generationId) as \(short(response.memberId)), "
                + "\(response.protocolName ?? "no protocol"), leader \(short(response.leader))"
                + (members.isEmpty ? "" : " of\(members)") + (response.skipAssignment ? ", assigns nothing" : "")
        case .syncGroup(let response):
            guard response.errorCode == 0 else { return ErrorCode(code: response.errorCode).name }
            return "\(response.protocolName ?? "no protocol") [\(text(response.assignment))]"
        case .heartbeat(let response): return ErrorCode(code: response.errorCode).name
        case .leaveGroup(let response):
            let members = response.members.map { member in
                let who = member.memberId.isEmpty ? member.groupInstanceId ?? "" : short(member.memberId)
                return " \(who) \(ErrorCode(code: member.errorCode).name)"
            }
            return ErrorCode(code: response.errorCode).name + members.joined(separator: ",")
        default: return "an answer of another kind"
        }
    }

    static func describe(_ record: CoordinatorRecord) -> String {
        guard let bytes = record.value, let (value, version) = try? GroupMetadataValue.decodeVersioned(bytes.span.bytes)
        else { return "tombstone" }
        let members = value.members.map { " \(short($0.memberId))=[\(text($0.assignment))]" }.joined()
        return
            "v\(version) generation \(value.generation) \(value.protocolType.isEmpty ? "-" : value.protocolType) "
            + "\(value.protocolName ?? "-") leader \(short(value.leader ?? "-"))\(members)"
    }
}

extension ClassicStage {
    /// Two members of version 3 clients, so that each joins with one request, in a stable generation 1.
    static func stablePair(_ protocols: [(String, String)] = [("range", "")]) -> ClassicStage {
        var stage = ClassicStage()
        _ = stage.join("a", protocols, version: 3)
        _ = stage.join("b", protocols, version: 3)
        _ = stage.pass(.seconds(6))
        _ = stage.sync("b#2", name: nil)
        _ = stage.sync("a#1", [("a#1", "A"), ("b#2", "B")], name: nil)
        return stage
    }
}
