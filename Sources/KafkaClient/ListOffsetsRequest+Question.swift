import KafkaModel
import KafkaProtocol
import Timing

extension ListOffsetsRequest {
    /// Which offset of a partition is asked for.
    struct Question {
        let partition: TopicPartition
        /// What is known of the leader; -1 where nothing is.
        let leaderEpoch: Int32
        /// Or one of the negative numbers that stand for ends of the log.
        let timestamp: Int64

        init(_ partition: TopicPartition, leaderEpoch: Int32 = -1, timestamp: Int64) {
            self.partition = partition
            self.leaderEpoch = leaderEpoch
            self.timestamp = timestamp
        }

        init(_ partition: TopicPartition, leaderEpoch: Int32 = -1, _ target: OffsetTarget) {
            self.init(partition, leaderEpoch: leaderEpoch, timestamp: target.listedTime)
        }
    }

    init(_ questions: [Question], _ configuration: ConsumerConfiguration) {
        self.init(questions, configuration.client, configuration.isolation)
    }

    init(_ questions: [Question], _ configuration: ClientConfiguration, _ isolation: IsolationLevel) {
        self.init()
        replicaId = -1
        isolationLevel = isolation.rawValue
        timeoutMs = Int32(clamping: configuration.requestTimeout.wholeMilliseconds)
        topics = questions.runs(of: \.partition.topic).map { name, run in
            var topic = ListOffsetsTopic()
            topic.name = name
            topic.partitions = run.map { question in
                var one = ListOffsetsPartition()
                one.partitionIndex = question.partition.partition
                one.currentLeaderEpoch = question.leaderEpoch
                one.timestamp = question.timestamp
                return one
            }
            return topic
        }
    }
}

extension OffsetTarget {
    /// As ListOffsets wants it.
    fileprivate var listedTime: Int64 {
        switch self {
        case .earliest: -2
        case .latest, .offset: -1
        case .time(let time): time.milliseconds
        }
    }
}

extension Sequence {
    /// Elements in a row that are of the same topic, as requests list them.
    func runs(of topic: (Element) -> String) -> [(topic: String, elements: [Element])] {
        var runs: [(topic: String, elements: [Element])] = []
        for element in self {
            let name = topic(element)
            if runs.last?.topic == name {
                runs[runs.count - 1].elements.append(element)
            } else {
                runs.append((name, [element]))
            }
        }
        return runs
    }
}
