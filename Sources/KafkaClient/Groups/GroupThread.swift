import Bytes
import Configuration
import KafkaModel
import KafkaProtocol
import Posix
import Timing

/// Does what one duty of a group needs, on a thread and a connection of its own: so a member shows that it lives however
/// long its application works on records. One request is under way at a time, as the coordinator handles one after the
/// other anyway.
final class GroupThread {
    private let shared: ConsumerShared
    private let group: GroupShared
    private let duty: GroupDuty
    /// As it was when the turn began.
    private var coordinator: BrokerNode?
    private var connection: BrokerConnection?
    /// For finding the coordinator.
    private let admin: Admin
    /// When what is to be said at the end must have been said.
    private var closingDeadline: Instant?

    /// An application that is slow is found out by looking.
    private static let idleMs: Int64 = 1000
    /// Since when the coordinator is looked for in vain.
    private var searchBegan: Instant?
    /// So long a search is nobody's business: a new cluster first makes the topic of the offsets.
    private static let searchPatience = Duration.seconds(5)
    /// How long saying good-bye may take.
    private static let farewell = Duration.seconds(5)

    /// How long the cluster may take to tell the names of topics, with which the heartbeat waits.
    private static let namePatience = Duration.seconds(3)

    init(_ shared: ConsumerShared, _ group: GroupShared, _ duty: GroupDuty) {
        self.shared = shared
        self.group = group
        self.duty = duty
        admin = Admin(shared.configuration.client, clock: shared.clock, interruption: group.interruption(duty))
    }

    /// Works until the consumer is closed and the group knows.
    func run() {
        while true {
            let now = shared.clock.now
            let (turn, version) = group.state.update { state in
                if state.isClosing, closingDeadline == nil { closingDeadline = now + Self.farewell }
                let turn = state.turn(duty, now)
                return (turn, state.version)
            }
            tellNews()
            if let closingDeadline, now >= closingDeadline { return }
            switch turn {
            case .end: return
            case .act(let action, let node):
                coordinator = node
                perform(action)
                group.state.update { $0.done(duty) }
                tellNews()
            case .sleep(let until):
                let wake = [until, closingDeadline].compactMap { $0 }.min()
                let milliseconds = wake.map { max(1, ($0 - now).wholeMilliseconds) } ?? Self.idleMs
                _ = group.state.wait(milliseconds: min(milliseconds, Self.idleMs)) {
                    $0.version != version ? true : nil
                }
            }
        }
    }

    private func tellNews() {
        let hasNews = group.state.withLock { $0.hasNews }
        shared.update { $0.groupHasNews = hasNews }
    }

    private func perform(_ action: GroupAction) {
        do throws(ClientError) {
            try act(action)
        } catch {
            connection = nil
            let now = shared.clock.now
            group.state.update { $0.unanswered(action.subject(of: duty), error, now) }
        }
    }

    private func act(_ action: GroupAction) throws(ClientError) {
        switch action {
        case .findCoordinator: try findCoordinator()
        case .join(let request, let patience):
            let connection = try connected()
            try checkStatic(connection)
            let answer = try connection.request(
                request, until: shared.clock.now + patience + shared.configuration.client.requestTimeout,
                brokerWaits: patience)
            settle { state, _ in state.classic?.joined(answer) ?? .goOn }
        case .assign(let leading): try assign(leading)
        case .sync(let request):
            let answer = try ask(request)
            settle { state, now in state.classic?.synced(answer, now) ?? .goOn }
        case .heartbeat(let request):
            let answer = try ask(request)
            settle { state, _ in state.classic?.heartbeatAnswered(ErrorCode(code: answer.errorCode)) ?? .goOn }
        case .leave(let request):
            _ = try ask(request)
            settle { state, _ in
                state.classic?.leaveAnswered()
                return .goOn
            }
        case .consumerHeartbeat(let request): try sayAll(request)
        case .resolve(let ids): resolve(ids)
        case .commit(let order, let request):
            let answer = try ask(request, atMost: 9)
            let now = shared.clock.now
            let standing = GroupStanding(
                memberID: request.memberId, generation: request.generationIdOrMemberEpoch)
            group.state.update { $0.committed(order, as: standing, answer, now) }
        case .lookUp(let request): try lookUp(request)
        }
    }

    private func settle(_ body: (inout GroupSession, Instant) -> GroupAfterwards) {
        let now = shared.clock.now
        group.state.update { state in
            let afterwards = body(&state, now)
            state.settled(.membership, afterwards, now)
        }
    }

    private var deadline: Instant {
        let deadline = shared.clock.now + shared.configuration.client.requestTimeout
        return closingDeadline.map { min($0, deadline) } ?? deadline
    }

    // Topics go by id from version 10 of the requests for offsets on, which needs that all ids are known.
    private func ask<Request: RequestMessage>(
        _ request: Request, atMost newest: Int16 = .max
    ) throws(ClientError) -> Request.Response {
        try connected().request(request, atMost: newest, until: deadline)
    }

    private func connected() throws(ClientError) -> BrokerConnection {
        guard let node = coordinator else {
            throw ClientError(
                "the cluster", .receive(.findCoordinator), .refused(.coordinatorNotAvailable, message: nil))
        }
        if let connection, connection.address == node.address { return connection }
        // Who is closing was interrupted already, and has a last thing to say.
        let made = try BrokerConnection(
            node.address, configuration: shared.configuration.client, until: deadline, clock: shared.clock,
            interruption: closingDeadline == nil ? group.interruption(duty) : nil)
        connection = made
        return made
    }

    private func findCoordinator() throws(ClientError) {
        connection = nil
        let groupID = group.settings.groupID
        guard closingDeadline == nil else {
            // There is no time left to look for somebody to say good-bye to.
            throw ClientError("the cluster", .receive(.findCoordinator), .interrupted)
        }
        var request = FindCoordinatorRequest()
        request.key = groupID
        request.coordinatorKeys = [groupID]
        // The bootstrap servers may be gone one day; the others are known then.
        _ = try admin.cluster(until: deadline)
        let answer = try admin.onBootstrap(request, until: deadline)
        let found = answer.coordinators.first
        let code = ErrorCode(code: found?.errorCode ?? answer.errorCode)
        let now = shared.clock.now
        guard code == .none else {
            group.state.update { state in
                guard code.isRetriable else {
                    let message = found?.errorMessage ?? answer.errorMessage
                    return state.fail(.refused(group: groupID, code, message: message))
                }
                state.settled(.coordinator(duty), .wait, now)
            }
            tellSearch(code, now)
            return
        }
        searchBegan = nil
        shared.state.withLock { $0.answered(by: "coordinator") }
        let port = UInt16(exactly: found?.port ?? answer.port) ?? 0
        let node = BrokerNode(
            id: found?.nodeId ?? answer.nodeId, address: HostPort(host: found?.host ?? answer.host, port: port),
            rack: nil)
        group.state.update { $0.found(duty, coordinator: node, now) }
    }

    private func tellSearch(_ code: ErrorCode, _ now: Instant) {
        guard code.isRetriable else { return }
        guard let searchBegan else { return searchBegan = now }
        guard now - searchBegan >= Self.searchPatience else { return }
        let reason = "group '\(group.settings.groupID)' has no coordinator (\(code.name)); waiting for one"
        shared.update { $0.note(.brokerFailed(reason), about: "coordinator") }
    }

    /// A lasting member needs a coordinator that knows of such.
    private func checkStatic(_ connection: BrokerConnection) throws(ClientError) {
        guard group.settings.instanceID != nil, connection.version(of: JoinGroupRequest.self) ?? 0 < 5 else { return }
        throw connection.failure(
            .send(.joinGroup),
            .notPrepared("\(connection.address) is too old for members with a group.instance.id (Kafka 2.3 has them)"))
    }

    private func assign(_ leading: ClassicMembership.Leading) throws(ClientError) {
        var members: [AssignableMember] = []
        do throws(WireError) {
            for member in leading.members { members.append(try AssignableMember(member)) }
        } catch {
            group.state.update {
                $0.fail(.malformed("a member of group '\(group.settings.groupID)' sent no subscription (\(error))"))
            }
            return
        }
        let topics = Set(members.flatMap(\.topics)).sorted()
        let assignable = try group.assignable(topics, shared, until: deadline)
        let shares = leading.keepsShares ? [:] : leading.assignor.assign(members, assignable)
        group.state.update { state in
            state.classic?.assigned(shares, topics: topics, snapshot: group.watched(assignable))
            state.changed()
        }
    }

    private func sayAll(_ request: ConsumerGroupHeartbeatRequest) throws(ClientError) {
        let connection = try connected()
        guard let version = connection.version(of: ConsumerGroupHeartbeatRequest.self) else {
            throw connection.failure(
                .send(.consumerGroupHeartbeat),
                .notPrepared(
                    "The cluster does not support the new CONSUMER group protocol. Set group.protocol=classic on the "
                        + "consumer configs to revert to the CLASSIC protocol until the cluster is upgraded."))
        }
        if version < 1, !(request.subscribedTopicRegex ?? "").isEmpty {
            throw connection.failure(
                .send(.consumerGroupHeartbeat),
                .notPrepared(
                    "The cluster does not support resolution of SubscriptionPattern on version 0 of the API "
                        + "ConsumerGroupHeartbeat. It must be upgraded to use version >= 1 to allow to subscribe to a "
                        + "SubscriptionPattern."))
        }
        let answer = try ask(request)
        settle { state, now in state.modern?.answered(answer, now) ?? .goOn }
    }

    private func resolve(_ ids: Set<UUID>) {
        let topics = group.state.withLock { $0.modern?.namedTopics ?? [] }
        let deadline = min(deadline, shared.clock.now + Self.namePatience)
        do throws(ClientError) {
            if topics.isEmpty {
                _ = try shared.metadata.allTopics(until: deadline)
            } else {
                try group.refresh(topics, shared, until: deadline)
            }
        } catch {
            // The coordinator has no part in it. What has no name yet is asked for again.
        }
        let names = shared.metadata.names(of: ids)
        settle { state, _ in
            state.modern?.resolved(names)
            return .goOn
        }
    }

    private func lookUp(_ request: OffsetFetchRequest) throws(ClientError) {
        var request = request
        let connection = try connected()
        let version = min(connection.version(of: OffsetFetchRequest.self) ?? 0, 9)
        // Before version 7 no offset is told to be unstable.
        if version < 7 { request.requireStable = false }
        let answer = try connection.request(request, atMost: 9, until: deadline)
        let now = shared.clock.now
        let standing = GroupStanding(
            memberID: request.groups.first?.memberId ?? "", generation: request.groups.first?.memberEpoch ?? -1)
        let found = group.state.update { $0.lookedUp(as: standing, answer, now) }
        let timestamp = shared.clock.timestamp
        shared.update { state in
            for (partition, offset) in found { state.committed(partition, offset, now: timestamp) }
        }
    }
}
