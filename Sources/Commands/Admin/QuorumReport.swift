import Bytes
import CommandLine
import KafkaClient
import KafkaModel

/// The metadata quorum as `metadata-quorum describe` prints it.
struct QuorumReport {
    let quorum: QuorumDescription
    private let leader: QuorumDescription.Replica

    /// Why a quorum cannot be described.
    struct Failure: Error {
        let reason: String
    }

    init(_ quorum: QuorumDescription) throws(Failure) {
        self.quorum = quorum
        guard let leader = quorum.voters.first(where: { $0.id == quorum.leaderID }) else {
            throw Failure(
                reason: quorum.leaderID < 0
                    ? "the quorum has no leader" : "the leader \(quorum.leaderID) is not among the voters")
        }
        self.leader = leader
    }

    private var last: QuorumDescription.Replica {
        quorum.voters.min { $0.logEndOffset < $1.logEndOffset } ?? leader
    }

    private func lag(_ replica: QuorumDescription.Replica) -> Int64 {
        leader.logEndOffset.subtractingReportingOverflow(replica.logEndOffset).partialValue
    }

    private var maxFollowerLagTime: Int64 {
        let last = last
        if last.id == leader.id { return 0 }
        guard let ahead = leader.lastCaughtUp, let behind = last.lastCaughtUp else { return -1 }
        return ahead.subtractingReportingOverflow(behind).partialValue
    }

    func status(clusterID: String?) -> String {
        """
        ClusterId:              \(clusterID ?? "null")
        LeaderId:               \(quorum.leaderID)
        LeaderEpoch:            \(quorum.leaderEpoch)
        HighWatermark:          \(quorum.highWatermark)
        MaxFollowerLag:         \(lag(last))
        MaxFollowerLagTimeMs:   \(maxFollowerLagTime)
        CurrentVoters:          \(text(quorum.voters))
        CurrentObservers:       \(text(quorum.observers))

        """
    }

    private func text(_ replicas: [QuorumDescription.Replica]) -> String {
        let texts = replicas.map { replica in
            var text = "{\"id\": \(replica.id)"
            if replica.directoryID != .zero { text += ", \"directoryId\": \"\(replica.directoryID)\"" }
            let endpoints = quorum.endpoints[replica.id] ?? []
            if !endpoints.isEmpty {
                text += ", \"endpoints\": [" + endpoints.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
            }
            return text + "}"
        }
        return "[" + texts.joined(separator: ", ") + "]"
    }

    func statusRow(clusterID: String?) -> StructuredValue {
        [
            "clusterId": .optional(clusterID), "leaderId": .int(quorum.leaderID),
            "leaderEpoch": .int(quorum.leaderEpoch), "highWatermark": .int(quorum.highWatermark),
            "maxFollowerLag": .int(lag(last)), "maxFollowerLagTimeMs": .int(maxFollowerLagTime),
            "currentVoters": .list(quorum.voters.map(value)), "currentObservers": .list(quorum.observers.map(value)),
        ]
    }

    private func value(_ replica: QuorumDescription.Replica) -> StructuredValue {
        [
            "id": .int(replica.id),
            "directoryId": replica.directoryID == .zero ? .null : .string(replica.directoryID.description),
            "endpoints": .list((quorum.endpoints[replica.id] ?? []).map { .string($0.description) }),
        ]
    }

    private var replicas: [(replica: QuorumDescription.Replica, status: String)] {
        [(leader, "Leader")] + quorum.voters.filter { $0.id != leader.id }.map { ($0, "Follower") }
            + quorum.observers.map { ($0, "Observer") }
    }

    /// How times are written.
    enum Times {
        case asTold
        /// As the time since then.
        case ago(now: Int64)
    }

    func replication(_ times: Times) throws(Failure) -> String {
        var table = TabbedTable([
            "NodeId", "DirectoryId", "LogEndOffset", "Lag", "LastFetchTimestamp", "LastCaughtUpTimestamp", "Status",
        ])
        for (replica, status) in replicas {
            table.add([
                "\(replica.id)", "\(replica.directoryID)", "\(replica.logEndOffset)", "\(lag(replica))",
                try text(replica.lastFetch, times, "last fetch"),
                try text(replica.lastCaughtUp, times, "last caught up"), status,
            ])
        }
        return table.text
    }

    private func text(_ time: Int64?, _ times: Times, _ name: String) throws(Failure) -> String {
        guard let time else { return "-1" }
        switch times {
        case .asTold: return "\(time)"
        case .ago(let now):
            guard time > 0, time <= now else {
                throw Failure(
                    reason: "Error while computing relative time, possible drift in system clock.\n"
                        + "Current timestamp is \(now), \(name) timestamp is \(time)")
            }
            return "\(now - time) ms ago"
        }
    }

    var replicationRows: [StructuredValue] {
        replicas.map { replica, status in
            [
                "nodeId": .int(replica.id), "directoryId": .string(replica.directoryID.description),
                "logEndOffset": .int(replica.logEndOffset), "lag": .int(lag(replica)),
                "lastFetchTimestamp": replica.lastFetch.map { .int($0) } ?? .null,
                "lastCaughtUpTimestamp": replica.lastCaughtUp.map { .int($0) } ?? .null, "status": .string(status),
            ]
        }
    }
}
