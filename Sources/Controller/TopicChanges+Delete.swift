public import Bytes
import KafkaModel
import KafkaProtocol
public import Metadata

/// A topic to delete, as the request names it: by name or by id, which the zero id leaves out.
public struct TopicReference: Sendable {
    public var name: String?
    public var id: UUID

    public init(name: String? = nil, id: UUID = .zero) {
        self.name = name
        self.id = id
    }
}

/// What became of a topic that was to be deleted.
public struct TopicDeletion: Sendable {
    public let name: String?
    public let id: UUID
    /// Nil when it is gone.
    public let refusal: Refusal?
}

extension TopicChanges {
    /// `delete.topic.enable`
    public enum Deletion: Sendable {
        case enabled
        case disabled
    }

    public static func delete(
        _ topics: [TopicReference], in image: ClusterImage, deletion: Deletion = .enabled
    ) -> Decision<TopicDeletion> {
        var names: [String: Int] = [:]
        var ids: [UUID: Int] = [:]
        for topic in topics {
            if let name = topic.name, topic.id == .zero { names[name, default: 0] += 1 }
            if topic.name == nil { ids[topic.id, default: 0] += 1 }
        }
        var decision = Decision<TopicDeletion>()
        for topic in topics {
            do throws(Refusal) {
                if deletion == .disabled { throw Refusal(.topicDeletionDisabled, "Topic deletion is disabled.") }
                let found = try find(topic, names: names, ids: ids, in: image)
                var record = RemoveTopicRecord()
                record.topicId = found.id
                decision.records.append(.removeTopic(record))
                decision.items.append(TopicDeletion(name: found.name, id: found.id, refusal: nil))
            } catch {
                decision.items.append(TopicDeletion(name: topic.name, id: topic.id, refusal: error))
            }
        }
        return decision
    }

    private static func find(
        _ topic: TopicReference, names: [String: Int], ids: [UUID: Int], in image: ClusterImage
    ) throws(Refusal) -> TopicImage {
        guard let name = topic.name else {
            guard topic.id != .zero else {
                throw Refusal(.invalidRequest, "Neither topic name nor id were specified.")
            }
            guard ids[topic.id] == 1 else { throw Refusal(.invalidRequest, "Duplicate topic id.") }
            guard let found = image.topic(id: topic.id) else { throw .unknownTopicID }
            guard names[found.name] == nil else { throw .namedTwice }
            return found
        }
        guard topic.id == .zero else {
            throw Refusal(.invalidRequest, "You may not specify both topic name and topic id.")
        }
        guard names[name] == 1 else { throw Refusal(.invalidRequest, "Duplicate topic name.") }
        guard let found = image.topic(name) else { throw .unknownTopic }
        guard ids[found.id] == nil else { throw .namedTwice }
        return found
    }
}

extension Refusal {
    static let unknownTopic = Refusal(
        .unknownTopicOrPartition, "This server does not host this topic-partition.")
    static let unknownTopicID = Refusal(.unknownTopicID, "This server does not host this topic ID.")
    fileprivate static let namedTwice = Refusal(
        .invalidRequest, "The provided topic name maps to an ID that was already supplied.")
}
