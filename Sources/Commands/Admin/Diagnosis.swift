import CommandLine
import KafkaModel

/// What `skafka doctor` knows of a cluster, and what it makes of it. A value: it asks nobody.
struct Diagnosis {
    struct Topic {
        let name: String
        /// The replicas and those of them that are in sync, by partition; -1 for a partition without a leader.
        let partitions: [(index: Int32, leader: Int32, replicas: Int, inSync: Int)]
        /// What is known of its settings.
        let settings: [String: String]
    }

    struct Finding: Equatable {
        /// Such as `topic orders`.
        let subject: String
        let finding: String
        let why: String
        /// The command, or the step, that cures it.
        let cure: String
    }

    var brokers: [Int32] = []
    /// Settings by broker.
    var brokerSettings: [Int32: [String: String]] = [:]
    var topics: [Topic] = []
    /// Log directories out of service, by broker.
    var offline: [(broker: Int32, path: String)] = []
    /// What could not be looked at, and why.
    var blind: [String] = []
    /// How the cluster was named, for the commands that cure.
    var connection = ""

    private static let replicasWanted = 3

    var findings: [Finding] { clusterFindings + brokers.flatMap(findings(broker:)) + topics.flatMap(findings(topic:)) }

    private var clusterFindings: [Finding] {
        var found: [Finding] = []
        if brokers.count < Self.replicasWanted {
            found.append(
                Finding(
                    subject: "cluster",
                    finding:
                        "\(brokers.count) broker\(brokers.count == 1 ? "" : "s"), fewer than \(Self.replicasWanted)",
                    why:
                        "A record cannot have three copies, so the loss of \(brokers.count == 1 ? "one disk" : "two disks") "
                        + "loses records.",
                    cure: "add brokers, then raise the replication factors"))
        }
        for (broker, path) in offline {
            found.append(
                Finding(
                    subject: "broker \(broker)", finding: "log directory \(path) is out of service",
                    why: "The replicas in it are not kept up; the other copies are all there is.",
                    cure: "mend or replace the disk, then restart the broker"))
        }
        return found
    }

    private func findings(broker id: Int32) -> [Finding] {
        guard let settings = brokerSettings[id] else { return [] }
        var found: [Finding] = []
        func alter(_ pair: String) -> String {
            "skafka configs\(connection) --entity-type brokers --entity-default --alter --add-config \(pair)"
        }
        if settings["unclean.leader.election.enable"] == "true" {
            found.append(
                Finding(
                    subject: "broker \(id)", finding: "unclean.leader.election.enable is true",
                    why: "A replica that is behind may become leader, and what it lacks is lost.",
                    cure: alter("unclean.leader.election.enable=false")))
        }
        let factors = [
            "default.replication.factor", "offsets.topic.replication.factor",
            "transaction.state.log.replication.factor",
        ]
        let possible = min(Self.replicasWanted, brokers.count)
        for name in factors {
            guard let factor = settings[name].flatMap({ Int($0) }), factor < possible else { continue }
            found.append(
                Finding(
                    subject: "broker \(id)", finding: "\(name) is \(factor)",
                    why: name == factors[0]
                        ? "Topics created without a factor have too few copies."
                        : "What groups and transactions keep has too few copies.",
                    cure: "set \(name)=\(possible) in server.properties and restart the broker"))
        }
        if brokers.count > 1, let least = settings["min.insync.replicas"].flatMap({ Int($0) }), least < 2 {
            found.append(
                Finding(
                    subject: "broker \(id)", finding: "min.insync.replicas is \(least)",
                    why: "With acks=all a record may be acknowledged while only the leader has it.",
                    cure: alter("min.insync.replicas=2")))
        }
        return found
    }

    private func findings(topic: Topic) -> [Finding] {
        let subject = "topic \(topic.name)"
        func alter(_ pair: String) -> String {
            "skafka configs\(connection) --entity-type topics --entity-name \(topic.name) --alter --add-config \(pair)"
        }
        var found: [Finding] = []
        let leaderless = topic.partitions.filter { $0.leader < 0 }
        if !leaderless.isEmpty {
            found.append(
                Finding(
                    subject: subject, finding: "no leader for \(Self.list(leaderless.map(\.index)))",
                    why: "Nobody can write or read these partitions.",
                    cure: "start the brokers that hold them"))
        }
        let behind = topic.partitions.filter { $0.inSync < $0.replicas && $0.leader >= 0 }
        if !behind.isEmpty {
            found.append(
                Finding(
                    subject: subject, finding: "replicas out of sync for \(Self.list(behind.map(\.index)))",
                    why: "Fewer copies are up to date than the topic asks for.",
                    cure: "skafka topics\(connection) --describe --under-replicated-partitions"))
        }
        let factor = topic.partitions.map(\.replicas).min() ?? 0
        if factor < min(Self.replicasWanted, brokers.count) {
            found.append(
                Finding(
                    subject: subject, finding: "replication factor \(factor)",
                    why: "The loss of \(factor == 1 ? "one broker" : "\(factor) brokers") loses its records.",
                    cure: "skafka reassign-partitions\(connection), with more replicas for each partition"))
        }
        if factor > 1, let least = topic.settings["min.insync.replicas"].flatMap({ Int($0) }), least < 2 {
            found.append(
                Finding(
                    subject: subject, finding: "min.insync.replicas is \(least)",
                    why: "With acks=all a record may be acknowledged while only the leader has it.",
                    cure: alter("min.insync.replicas=2")))
        }
        if topic.settings["unclean.leader.election.enable"] == "true" {
            found.append(
                Finding(
                    subject: subject, finding: "unclean.leader.election.enable is true",
                    why: "A replica that is behind may become leader, and what it lacks is lost.",
                    cure: alter("unclean.leader.election.enable=false")))
        }
        if factor == 1, topic.settings["flush.messages"].flatMap({ Int64($0) }) ?? 1 > 1,
            topic.settings["flush.ms"].flatMap({ Int64($0) }) ?? 0 > 0
        {
            found.append(
                Finding(
                    subject: subject, finding: "the only copy is not flushed before it is acknowledged",
                    why: "When the machine loses power, records that were acknowledged last are gone.",
                    cure: alter("flush.messages=1")))
        }
        return found
    }

    /// `partitions 0, 1, 2 and 7 more`.
    private static func list(_ indexes: [Int32]) -> String {
        let shown = indexes.prefix(5).map(String.init).joined(separator: ", ")
        let rest = indexes.count > 5 ? " and \(indexes.count - 5) more" : ""
        return "partition\(indexes.count == 1 ? "" : "s") \(shown)\(rest)"
    }

    var text: String {
        var text = findings.map { "\($0.subject): \($0.finding)\n    why:  \($0.why)\n    cure: \($0.cure)\n" }.joined()
        for reason in blind { text += "not looked at: \(reason)\n" }
        let seen =
            "\(brokers.count) broker\(brokers.count == 1 ? "" : "s"), "
            + "\(topics.count) topic\(topics.count == 1 ? "" : "s")"
        text += findings.isEmpty ? "\(seen): nothing at risk was found\n" : "\(seen): \(findings.count) at risk\n"
        return text
    }

    var rows: [StructuredValue] {
        findings.map {
            [
                "subject": .string($0.subject), "finding": .string($0.finding), "why": .string($0.why),
                "cure": .string($0.cure),
            ]
        }
    }
}
