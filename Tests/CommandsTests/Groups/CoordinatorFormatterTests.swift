import Bytes
import KafkaProtocol
import Testing

@testable import Commands

/// Kafka's formatters for internal topics, against what Kafka prints for the same records.
@Suite struct CoordinatorFormatterTests {
    private func json(_ formatter: CoordinatorFormatter, _ key: [UInt8], _ value: [UInt8]?) throws -> String? {
        guard let value else { return try formatter.json(key.span.bytes, nil) }
        return try formatter.json(key.span.bytes, value.span.bytes)
    }

    private var offsetKey: OffsetCommitKey {
        var key = OffsetCommitKey()
        key.group = "group-id"
        key.topic = "foo"
        key.partition = 1
        return key
    }

    private var offsetValue: OffsetCommitValue {
        var value = OffsetCommitValue()
        value.offset = 100
        value.leaderEpoch = 10
        value.metadata = "metadata"
        value.commitTimestamp = 1234
        return value
    }

    @Test func `each class of Kafka's stands for one`() {
        let names: [(String, CoordinatorFormatter)] = [
            ("kafka.coordinator.group.GroupMetadataManager$OffsetsMessageFormatter", .offsets),
            ("kafka.coordinator.group.OffsetsMessageFormatter", .offsets),
            ("org.apache.kafka.tools.consumer.OffsetsMessageFormatter", .offsets),
            ("kafka.coordinator.group.GroupMetadataManager$GroupMetadataMessageFormatter", .groupMetadata),
            ("org.apache.kafka.tools.consumer.GroupMetadataMessageFormatter", .groupMetadata),
            ("org.apache.kafka.tools.consumer.ShareGroupMessageFormatter", .shareGroups),
            ("kafka.coordinator.transaction.TransactionLog$TransactionLogMessageFormatter", .transactionLog),
            ("org.apache.kafka.tools.consumer.TransactionLogMessageFormatter", .transactionLog),
            ("org.apache.kafka.tools.consumer.group.share.ShareGroupStateMessageFormatter", .shareGroupState),
        ]
        for (name, formatter) in names { #expect(CoordinatorFormatter(className: name) == formatter, "\(name)") }
        #expect(CoordinatorFormatter(className: "org.example.Formatter") == nil)
    }

    @Test func `committed offsets in all versions`() throws {
        let key = #"{"key":{"type":1,"data":{"group":"group-id","topic":"foo","partition":1}},"value":"#
        let expected = [
            #"{"version":0,"data":{"offset":100,"metadata":"metadata","commitTimestamp":1234}}}"#,
            #"{"version":1,"data":{"offset":100,"metadata":"metadata","commitTimestamp":1234,"expireTimestamp":-1}}}"#,
            #"{"version":2,"data":{"offset":100,"metadata":"metadata","commitTimestamp":1234}}}"#,
            #"{"version":3,"data":{"offset":100,"leaderEpoch":10,"metadata":"metadata","commitTimestamp":1234}}}"#,
            #"{"version":4,"data":{"offset":100,"leaderEpoch":10,"metadata":"metadata","commitTimestamp":1234}}}"#,
        ]
        for (version, text) in expected.enumerated() {
            #expect(
                try json(.offsets, offsetKey.framed, offsetValue.framed(version: Int16(version))) == key + text)
        }
        #expect(try json(.offsets, offsetKey.framed, nil) == key + "null}")
        #expect(try json(.groupMetadata, offsetKey.framed, nil) == nil)
        #expect(try json(.offsets, [0x7f, 0xff], nil) == nil)
        #expect(try json(.offsets, [1], nil) == nil)
        #expect(throws: WireError.self) { try json(.offsets, [0, 1, 0], nil) }
    }

    @Test func `classic groups with their members, and no other group`() throws {
        var key = GroupMetadataKey()
        key.group = "group-id"
        var member = GroupMetadataValue.MemberMetadata()
        member.memberId = "member-1"
        member.groupInstanceId = "group-instance-1"
        member.clientId = "client-1"
        member.clientHost = "host-1"
        member.rebalanceTimeout = 1000
        member.sessionTimeout = 1500
        member.subscription = [0, 1]
        member.assignment = [1, 2]
        var value = GroupMetadataValue()
        value.protocolType = "consumer"
        value.generation = 1
        value.protocolName = "range"
        value.leader = "leader"
        value.members = [member]
        value.currentStateTimestamp = 1234
        #expect(
            try json(.groupMetadata, key.framed, value.framed(version: 3))
                == #"{"key":{"type":2,"data":{"group":"group-id"}},"value":{"version":3,"data":{"protocolType":"#
                + #""consumer","generation":1,"protocol":"range","leader":"leader","currentStateTimestamp":1234,"#
                + #""members":[{"memberId":"member-1","groupInstanceId":"group-instance-1","clientId":"client-1","#
                + #""clientHost":"host-1","rebalanceTimeout":1000,"sessionTimeout":1500,"subscription":"AAE=","#
                + #""assignment":"AQI="}]}}}"#)
        #expect(
            try json(.groupMetadata, key.framed, nil)
                == #"{"key":{"type":2,"data":{"group":"group-id"}},"value":null}"#)
        #expect(try json(.groupMetadata, ConsumerGroupMetadataKey().framed, nil) == nil)
        #expect(try json(.shareGroups, ShareGroupMetadataKey().framed, nil) != nil)
    }

    @Test func `transactions, with tagged members in their places`() throws {
        var key = TransactionLogKey()
        key.transactionalId = "TXNID"
        var value = TransactionLogValue()
        value.producerId = 100
        value.producerEpoch = 50
        value.transactionStatus = 4
        value.transactionStartTimestampMs = 750
        value.transactionLastUpdateTimestampMs = 1000
        value.transactionTimeoutMs = 500
        value.transactionPartitions = []
        let head =
            #"{"key":{"type":0,"data":{"transactionalId":"TXNID"}},"value":{"version":1,"data":{"producerId":100,"#
        let tail =
            #""transactionTimeoutMs":500,"transactionStatus":4,"transactionPartitions":[],"#
            + #""transactionLastUpdateTimestampMs":1000,"transactionStartTimestampMs":750"#
        #expect(
            try json(.transactionLog, key.framed, value.framed(version: 1))
                == head + #""producerEpoch":50,"# + tail + "}}}")
        value.previousProducerId = 99
        value.clientTransactionVersion = 2
        #expect(
            try json(.transactionLog, key.framed, value.framed(version: 1))
                == head + #""previousProducerId":99,"producerEpoch":50,"# + tail + #","clientTransactionVersion":2}}}"#)
    }
}
