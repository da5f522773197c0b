import Bytes
import KafkaModel
import Posix
import Synchronization
import Timing

/// What the threads of one consumer have in common.
final class ConsumerShared: Sendable {
    let configuration: ConsumerConfiguration
    let metadata: ClusterMetadata
    let state: Monitor<ConsumerState>
    let interruption: Interruption
    let arrival = Arrival()
    let group: GroupShared?
    let clock: Clock
    private let spare = Guarded<[AnswerBytes]>([])

    private static let spareMax = 4
    private static let spareBytesMax = 64 << 20

    init(_ configuration: ConsumerConfiguration, clock: Clock) {
        self.configuration = configuration
        self.clock = clock
        interruption = Interruption()
        group = configuration.group.map(GroupShared.init)
        metadata = ClusterMetadata(
            configuration.client, missing: configuration.createsTopics ? .isCreated : .isNotCreated,
            age: configuration.metadataAge, clock: clock, interruption: interruption)
        state = Monitor(
            ConsumerState(
                reset: configuration.reset,
                limits: ConsumerState.Limits(
                    partitionQueueBytes: 2 * configuration.partitionFetchBytesMax, queueBytes: configuration.queueBytes,
                    replicaAge: configuration.metadataAge)))
    }

    /// Changes the state, and wakes the application if that has something for it.
    func update(_ body: (inout ConsumerState) -> Void) {
        let wakes = state.update { state in
            body(&state)
            guard state.isAwaited, state.hasNews else { return false }
            state.isAwaited = false
            return true
        }
        if wakes { arrival.signal() }
    }

    /// Memory for an answer, of which the caller is the first user.
    func takeAnswer() -> AnswerBytes {
        let answer = spare.withLock { $0.popLast() } ?? AnswerBytes()
        answer.users.store(1, ordering: .releasing)
        return answer
    }

    /// A user has done with an answer. Behind the last of them its memory is kept, for new memory costs a fault per page.
    func release(_ answer: AnswerBytes) {
        guard answer.users.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        guard answer.writer.reservedBytes <= Self.spareBytesMax else { return }
        spare.withLock { spare in
            if spare.count < Self.spareMax { spare.append(answer) }
        }
    }
}
