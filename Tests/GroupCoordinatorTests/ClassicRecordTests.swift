import Bytes
import Coordination
import KafkaModel
import KafkaProtocol
import Testing
import Timing

@testable import GroupCoordinator

/// Records that a broker of Apache Kafka 3.9 wrote (see BrokerTests/Fixtures/ORIGIN).
@Suite struct ClassicRecordTests {
    private static let key = "0002000762696c6c696e67"
    private static let stable = """
        00030008636f6e73756d657200000003000572616e6765002c72646b61666b612d33366331383236622d626466342d343031392d61393132\
        2d353630663461653036623633000001a1f87e145100000001002c72646b61666b612d33366331383236622d626466342d343031392d6139\
        31322d353630663461653036623633ffff000772646b61666b61000a2f3132372e302e302e31000493e00000afc800000026000300000002\
        00066f726465727300087061796d656e74730000000000000000ffffffff00000000003400000000000200087061796d656e747300000001\
        0000000000066f72646572730000000300000000000000010000000200000000
        """
    private static let empty = "00030008636f6e73756d657200000004ffffffff000001a1f87e14ec00000000"

    private func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex)
        return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    }

    private func group(_ hex: String) throws -> ClassicGroup {
        let (value, version) = try GroupMetadataValue.decodeVersioned(bytes(hex).span.bytes)
        return ClassicGroup(id: "billing", loading: value, version: version)
    }

    @Test func `a stable group of Kafka is read, and written again to the last byte`() throws {
        let group = try group(Self.stable)
        #expect(group.state == .stable)
        #expect(group.generation == 3)
        #expect(group.protocolType == "consumer")
        #expect(group.protocolName == "range")
        #expect(group.subscribedTopics == ["orders", "payments"])
        let member = try #require(group.membersInOrder.first)
        #expect(member.id == "rdkafka-36c1826b-bdf4-4019-a912-560f4ae06b63")
        #expect(group.leaderID == member.id)
        #expect(member.client == GroupClient(id: "rdkafka", host: "/127.0.0.1"))
        #expect(member.sessionTimeout == .seconds(45))
        #expect(member.rebalanceTimeout == .seconds(300))
        #expect(group.record == CoordinatorRecord(key: bytes(Self.key), value: bytes(Self.stable)))
    }

    @Test func `an empty group of Kafka is read, and written again to the last byte`() throws {
        let group = try group(Self.empty)
        #expect(group.state == .empty)
        #expect(group.generation == 4)
        #expect(group.offsetRetention == .since(.init(milliseconds: 1_795_170_374_892)))
        #expect(group.record == CoordinatorRecord(key: bytes(Self.key), value: bytes(Self.empty)))
    }

    /// Brokers before 2.3 wrote versions 0 to 2; what they lack is as a broker takes it that never heard of it.
    @Test(arguments: Int16(0)...3) func `records of every version are read`(version: Int16) throws {
        let known = try group(Self.stable)
        var value = GroupMetadataValue()
        value.protocolType = "consumer"
        value.generation = 3
        value.protocolName = "range"
        value.leader = known.leaderID
        value.currentStateTimestamp = 5
        var told = GroupMetadataValue.MemberMetadata()
        told.memberId = known.leaderID ?? ""
        told.groupInstanceId = "one"
        told.rebalanceTimeout = 7000
        told.sessionTimeout = 6000
        value.members = [told]
        let framed = value.framed(version: version)
        let (read, found) = try GroupMetadataValue.decodeVersioned(framed.span.bytes)
        #expect(found == version)
        let group = ClassicGroup(id: "g", loading: read, version: version)
        let member = try #require(group.membersInOrder.first)
        #expect(member.rebalanceTimeout == .milliseconds(version >= 1 ? 7000 : 6000))
        #expect(group.stateSince?.milliseconds == (version >= 2 ? 5 : nil))
        #expect(member.instanceID == (version >= 3 ? "one" : nil))
    }
}
