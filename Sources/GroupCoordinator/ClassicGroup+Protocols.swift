import KafkaProtocol

/// Which of the protocols that the members know the group uses.
extension ClassicGroup {
    /// Whether a member that knows these could be one of the group: at least one must be known to all.
    func supports(_ type: String, _ protocols: [ClassicMember.SupportedProtocol]) -> Bool {
        if isEmpty { return !type.isEmpty && !protocols.isEmpty }
        return type == groupProtocolType && protocols.contains { supporters[$0.name, default: 0] == members.count }
    }

    /// Each member votes for the first of its protocols that all know; of those with most votes the one wins that the
    /// member who came first has named.
    func chosenProtocol() -> String? {
        var votes: [String: Int] = [:]
        var order: [String] = []
        for member in membersInOrder {
            let vote = member.protocols.first { supporters[$0.name, default: 0] == members.count }
            guard let vote else { continue }
            if votes[vote.name] == nil { order.append(vote.name) }
            votes[vote.name, default: 0] += 1
        }
        guard let most = votes.values.max() else { return nil }
        return order.first { votes[$0] == most }
    }

    /// The topics of all subscriptions, or nil where the group has no chosen protocol of consumers, or one of its
    /// members cannot be understood. The fields of version 0 are at the front of every version.
    func topicsOfMembers() -> Set<String>? {
        guard usesConsumerProtocol else { return nil }
        var topics: Set<String> = []
        for member in members.values {
            guard protocolName != nil,
                let subscription = ConsumerProtocolSubscription(leading: member.metadata(for: protocolName))
            else { return nil }
            topics.formUnion(subscription.topics)
        }
        return topics
    }
}

extension ConsumerProtocolSubscription {
    init?(leading bytes: [UInt8]) { self.init(embedded: bytes, versionMax: 0) }
}
