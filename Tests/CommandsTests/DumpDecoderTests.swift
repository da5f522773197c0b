import Bytes
import KafkaProtocol
import KafkaRecords
import Posix
import TestSupport
import Testing

@testable import Commands

/// Records of coordinators and of remote storage, in the words of Kafka 4.
@Suite struct DumpDecoderTests {
    let directory = TemporaryDirectory(in: "/dev/shm")
    let session = Session()

    /// The key and the payload that a decoder makes of each record.
    private func decode(_ records: [(key: [UInt8]?, value: [UInt8]?)], _ option: String) throws -> [String] {
        var builder = RecordBatchBuilder(RecordBatchBuilder.Fields())
        for record in records { try builder.append(timestamp: 1, key: record.key, value: record.value) }
        let path = directory.file("00000000000000000000.log")
        try Disk.real.open(path, .replace).write(try builder.finish(), at: 0)
        #expect(session.run(["dump-log", "--files", path, option, "--skip-record-metadata"]) == 0)
        return session.printed.split(separator: "\n").dropFirst(3).map(String.init)
    }

    @Test func `a tombstone deletes, and what is not known is passed over`() throws {
        var key = OffsetCommitKey()
        key.group = "g"
        key.topic = "t"
        key.partition = 1
        let lines = try decode(
            [
                (key.framed, nil), ([0, 99, 0], [0, 0]), (nil, [1]), ([0], [1]), ([0, 1, 0], [0]),
                (key.framed, [0, 9]),
            ], "--offsets-decoder")
        #expect(
            lines == [
                #"| key: {"type":"1","data":{"group":"g","topic":"t","partition":1}} payload: <DELETE>"#,
                "| key: Unknown record type 99 at offset 1, skipping.",
                "| key: Error at offset 2, skipping. the record has no key",
                "| key: Error at offset 3, skipping. the key has no type",
                "| key: Error at offset 4, skipping. the record cannot be decoded: truncated",
                "| key: Error at offset 5, skipping. the record cannot be decoded: unsupportedVersion",
            ])
    }

    @Test func `a member of a consumer group is decoded`() throws {
        var key = ConsumerGroupMemberMetadataKey()
        key.groupId = "g"
        key.memberId = "m"
        var value = ConsumerGroupMemberMetadataValue()
        value.clientId = "c"
        value.subscribedTopicNames = ["orders"]
        #expect(
            try decode([(key.framed, value.framed(version: 0))], "--offsets-decoder") == [
                #"| key: {"type":"5","data":{"groupId":"g","memberId":"m"}} payload: {"version":"0","data":"#
                    + #"{"instanceId":null,"rackId":null,"clientId":"c","clientHost":"","subscribedTopicNames":["orders"],"#
                    + #""subscribedTopicRegex":null,"rebalanceTimeoutMs":-1,"serverAssignor":null}}"#
            ])
    }

    @Test func `bytes of a classic member that are no subscription stay as they are`() throws {
        var key = GroupMetadataKey()
        key.group = "g"
        var member = GroupMetadataValue.MemberMetadata()
        member.subscription = [1, 2, 3]
        var value = GroupMetadataValue()
        value.protocolType = "consumer"
        value.members = [member]
        let lines = try decode([(key.framed, value.framed(version: 3))], "--offsets-decoder")
        #expect(lines.first?.contains(#""subscription":"AQID","assignment":"""#) == true)
    }

    @Test func `a transaction of the second kind has its tags in Kafka's places`() throws {
        var key = TransactionLogKey()
        key.transactionalId = "pay"
        var value = TransactionLogValue()
        value.producerId = 7
        value.previousProducerId = 6
        value.transactionStatus = 4
        value.transactionPartitions = nil
        value.clientTransactionVersion = 2
        #expect(
            try decode([(key.framed, value.framed(version: 1))], "--transaction-log-decoder") == [
                #"| key: {"type":"0","data":{"transactionalId":"pay"}} payload: {"version":"1","data":{"producerId":7,"#
                    + #""previousProducerId":6,"producerEpoch":0,"transactionTimeoutMs":0,"#
                    + #""transactionStatus":"CompleteCommit","transactionPartitions":null,"#
                    + #""transactionLastUpdateTimestampMs":0,"transactionStartTimestampMs":0,"clientTransactionVersion":2}}"#
            ])
    }

    @Test func `the state of a share group is decoded`() throws {
        var key = ShareUpdateKey()
        key.groupId = "s"
        var value = ShareUpdateValue()
        value.deliveryCompleteCount = 3
        let lines = try decode([(key.framed, value.framed(version: 0))], "--share-group-state-decoder")
        #expect(
            lines == [
                #"| key: {"type":"1","data":{"groupId":"s","topicId":"AAAAAAAAAAAAAAAAAAAAAA","partition":0}} "#
                    + #"payload: {"version":"0","data":{"snapshotEpoch":0,"leaderEpoch":0,"startOffset":0,"#
                    + #""deliveryCompleteCount":3,"stateBatches":[]}}"#
            ])
    }

    @Test func `remote segments are told as Kafka's classes tell them`() throws {
        var record = RemoteLogSegmentMetadataRecord()
        record.remoteLogSegmentId.topicIdPartition.name = "orders"
        record.endOffset = 9
        var epoch = RemoteLogSegmentMetadataRecord.SegmentLeaderEpochEntry()
        epoch.offset = 4
        record.segmentLeaderEpochs = [epoch]
        record.customMetadata = [1, 2]
        record.remoteLogSegmentState = 1
        let frame: [UInt8] = [1, 0, 0]
        let lines = try decode(
            [(nil, frame + record.encoded(version: 0)), (nil, [1, 9, 0]), (nil, nil)], "--remote-log-metadata-decoder")
        let id = "AAAAAAAAAAAAAAAAAAAAAA"
        #expect(
            lines == [
                "| payload: RemoteLogSegmentMetadata{remoteLogSegmentId=RemoteLogSegmentId{topicIdPartition="
                    + "\(id):orders-0, id=\(id)}, startOffset=0, endOffset=9, brokerId=0, maxTimestampMs=0, "
                    + "eventTimestampMs=0, segmentLeaderEpochs={0=4}, segmentSizeInBytes=0, "
                    + "customMetadata=Optional[CustomMetadata{2 bytes}], state=COPY_SEGMENT_FINISHED, txnIdxEmpty=false}",
                "| payload: Error at offset 1, skipping. the record cannot be decoded: invalidValue",
                "| payload: Error at offset 2, skipping. the record has no value",
            ])
    }
}
