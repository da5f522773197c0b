import Coordination
import KafkaProtocol

// How a group changes over to the classic protocol, when the last member of its own is gone (KIP-848).
extension ConsumerGroup {
    func mayBecomeClassic(without leaving: [ConsumerGroupMember], _ context: GroupContext) -> Bool { false }

    mutating func becomeClassic(
        without leaving: [ConsumerGroupMember], _ context: GroupContext, into effects: inout GroupEffects
    ) {}
}
