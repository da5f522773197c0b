import Bytes
import KafkaModel
import KafkaProtocol

/// What a member had before, as the sticky assignors take it from its subscription, and the bytes in which they tell.
struct StickyClaim: Equatable {
    var partitions: [TopicPartition]
    var generation: Int32?

    init(_ partitions: [TopicPartition], generation: Int32?) {
        self.partitions = partitions
        self.generation = generation
    }

    /// Of the sticky assignor: a member gives everything back before it joins, so that only its user data tells.
    init(eager member: AssignableMember) {
        self = member.userData.map { $0.isEmpty ? Self.nothing : Self.decode($0) } ?? Self.nothing
    }

    /// Of the cooperative one: from the fields of the subscription, where it is new enough to have a generation.
    init(cooperative member: AssignableMember) {
        partitions = member.owned
        generation = member.generation ?? member.userData.map(Self.generation)
    }

    private static let nothing = StickyClaim([], generation: nil)

    private static func generation(_ data: [UInt8]) -> Int32 {
        var reader = ByteReader(data.span.bytes)
        do throws(WireError) {
            return try reader.int32()
        } catch {
            return -1
        }
    }

    /// The user data of the cooperative assignor.
    static func cooperativeData(generation: Int32) -> [UInt8] {
        var writer = ByteWriter(capacity: 4)
        writer.int32(generation)
        return Array(writer.bytes)
    }

    /// The user data of the sticky assignor: topics with partitions and, from its version 1 on, a generation.
    var data: [UInt8] {
        var writer = ByteWriter()
        let topics = Dictionary(grouping: partitions, by: \.topic).sorted { $0.key < $1.key }
        writer.int32(Int32(topics.count))
        for (topic, partitions) in topics {
            writer.int16(Int16(clamping: topic.utf8.count))
            writer.append(utf8: topic)
            writer.int32(Int32(partitions.count))
            for partition in partitions { writer.int32(partition.partition) }
        }
        writer.int32(generation ?? -1)
        return Array(writer.bytes)
    }

    private static func decode(_ data: [UInt8]) -> StickyClaim {
        do throws(WireError) {
            var reader = ByteReader(data.span.bytes)
            var partitions: [TopicPartition] = []
            for _ in 0..<max(0, try reader.int32()) {
                let length = Int(try reader.int16())
                guard length >= 0 else { throw WireError.invalidLength }
                let topic = try String(validating: reader.bytes(length))
                for _ in 0..<max(0, try reader.int32()) {
                    partitions.append(TopicPartition(topic, try reader.int32()))
                }
            }
            // Version 0 ends here.
            return StickyClaim(partitions, generation: reader.remaining >= 4 ? try reader.int32() : nil)
        } catch {
            return StickyClaim([], generation: -1)
        }
    }
}
