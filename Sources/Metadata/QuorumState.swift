import Bytes
import KafkaModel

/// The file `quorum-state`: what this node must remember about elections of the metadata log's leader. Version 0 names
/// the voters; version 1, of quorums that change, leaves them to the log.
struct QuorumState: Sendable, Equatable {
    var leader: BrokerID
    var epoch: Int32
    /// The voters, in version 0.
    var voters: [BrokerID]
    var version: Int

    var text: String {
        switch version {
        case 0:
            let voters = voters.map { "{\"voterId\":\($0)}" }.joined(separator: ",")
            return "{\"clusterId\":\"\",\"leaderId\":\(leader),\"leaderEpoch\":\(epoch),\"votedId\":-1,"
                + "\"appliedOffset\":0,\"currentVoters\":[\(voters)],\"data_version\":0}"
        default:
            return "{\"leaderId\":\(leader),\"leaderEpoch\":\(epoch),\"votedId\":-1,"
                + "\"votedDirectoryId\":\"\(UUID.zero)\",\"data_version\":1}"
        }
    }

    init(leader: BrokerID, epoch: Int32, voters: [BrokerID], version: Int) {
        self.leader = leader
        self.epoch = epoch
        self.voters = voters
        self.version = version
    }

    /// Nil when the text is no such file. Only numbers are looked for: the file is Kafka's or ours and flat.
    init?(_ text: String) {
        guard let epoch = Self.numbers("leaderEpoch", in: text).first.flatMap({ Int32(exactly: $0) }), epoch >= 0,
            let version = Self.numbers("data_version", in: text).first, version == 0 || version == 1
        else { return nil }
        let leader = Self.numbers("leaderId", in: text).first.flatMap { Int32(exactly: $0) } ?? -1
        let voters = Self.numbers("voterId", in: text).compactMap { Int32(exactly: $0).map { BrokerID($0) } }
        self.init(leader: BrokerID(leader), epoch: epoch, voters: voters, version: Int(version))
    }

    /// The numbers that stand behind `"name":`.
    private static func numbers(_ name: String, in text: String) -> [Int64] {
        let wanted = Array("\"\(name)\"".utf8)
        let bytes = Array(text.utf8)
        var found: [Int64] = []
        var position = 0
        while position + wanted.count <= bytes.count {
            guard bytes[position..<position + wanted.count].elementsEqual(wanted) else {
                position += 1
                continue
            }
            position += wanted.count
            while position < bytes.count, [0x20, 0x3a].contains(bytes[position]) { position += 1 }
            let digits = bytes[position...].prefix { (0x30...0x39).contains($0) || $0 == 0x2d }
            if let number = Int64(String(decoding: digits, as: UTF8.self)) { found.append(number) }
        }
        return found
    }
}
