import KafkaModel
public import Metadata

/// What to write when topics come, go and grow. Each function looks at the image and answers with records; it changes
/// nothing itself.
public enum TopicChanges {
    /// How many partitions one request may create: a limit for a mistyped number, not for anybody's real use.
    public static let partitionsPerRequestMax = 100_000

    /// CreateTopics, and topics that are created because somebody asked about them.
    public static func create<G: RandomNumberGenerator>(
        _ topics: [NewTopic], in image: ClusterImage, defaults: TopicDefaults, rules: ConfigRules,
        intent: Intent = .change, using generator: inout G
    ) -> Decision<TopicCreation> {
        var decision = Decision<TopicCreation>()
        var seen: [String: Int] = [:]
        for topic in topics { seen[topic.name, default: 0] += 1 }
        var plan = TopicPlan(image: image, defaults: defaults, rules: rules)
        for topic in topics {
            do throws(Refusal) {
                guard seen[topic.name] == 1 else { throw Refusal(.invalidRequest, "Duplicate topic name.") }
                let (records, created) = try plan.create(topic, using: &generator)
                decision.records += records
                decision.items.append(TopicCreation(name: topic.name, outcome: .success(created)))
            } catch {
                decision.items.append(TopicCreation(name: topic.name, outcome: .failure(error)))
            }
        }
        return decision.carried(out: intent)
    }
}
