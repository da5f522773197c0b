import Bytes
import KafkaProtocol
import Testing

@Suite struct JSONPrinterTests {
    @Test func `a record prints as Kafka's dump tool prints it`() {
        var record = TopicRecord()
        record.name = "orders \"1\"\n"
        record.topicId = UUID(high: 0, low: 1)
        #expect(record.jsonDescription(version: 0) == #"{"name":"orders \"1\"\n","topicId":"AAAAAAAAAAAAAAAAAAAAAQ"}"#)
    }

    @Test func `only the fields of the version are printed, and tags when they say something`() {
        var request = FetchRequest()
        request.topics = [FetchRequest.FetchTopic()]
        #expect(
            request.jsonDescription(version: 0) == #"{"replicaId":-1,"maxWaitMs":0,"minBytes":0,"#
                + #""topics":[{"topic":"","partitions":[]}]}"#)
        request.replicaState.replicaEpoch = 4
        #expect(
            request.jsonDescription(version: 15).hasSuffix(
                #""rackId":"","replicaState":{"replicaId":-1,"replicaEpoch":4}}"#))
    }

    @Test func `of records the size is told, bytes are base64`() {
        var partition = ProduceRequest.PartitionProduceData()
        partition.records = .bytes([1, 2, 3])
        var topic = ProduceRequest.TopicProduceData()
        topic.partitionData = [partition]
        var request = ProduceRequest()
        request.topicData = [topic]
        #expect(request.jsonDescription(version: 3).contains(#"{"index":0,"recordsSizeInBytes":3}"#))

        var sync = SyncGroupResponse()
        for (bytes, text) in [
            ([UInt8]("any carnal pleas".utf8), "YW55IGNhcm5hbCBwbGVhcw=="), ([0xff], "/w=="), ([], ""),
        ] {
            sync.assignment = bytes
            #expect(sync.jsonDescription(version: 0) == #"{"errorCode":0,"assignment":"\#(text)"}"#)
        }
    }

    @Test func `control characters are escaped as Kafka's tools do`() {
        var record = ConfigRecord()
        record.resourceName = "\u{8}\u{c}\u{1f}\u{7f}"
        #expect(record.jsonDescription(version: 0).contains(#""resourceName":"\b\f\u001F\#u{7f}""#))
    }

    @Test func `a style replaces values and gives tagged members their place`() {
        var value = TransactionLogValue()
        value.producerId = 7
        value.previousProducerId = 6
        value.nextProducerEpoch = 2
        value.transactionStatus = 1
        value.transactionPartitions = []
        let style = JSONStyle(order: ["producerId", "previousProducerId", "producerEpoch", "nextProducerEpoch"]) {
            member, leaf in
            if member == "transactionStatus", case .int8(1) = leaf { return #""Ongoing""# }
            return nil
        }
        #expect(
            value.jsonDescription(version: 1, style: style)
                == #"{"producerId":7,"previousProducerId":6,"producerEpoch":0,"nextProducerEpoch":2,"#
                + #""transactionTimeoutMs":0,"transactionStatus":"Ongoing","transactionPartitions":[],"#
                + #""transactionLastUpdateTimestampMs":0,"transactionStartTimestampMs":0}"#)
    }

    @Test func `a coordinator's record has its type and its version in front`() throws {
        var key = OffsetCommitKey()
        key.group = "g"
        key.topic = "t"
        key.partition = 3
        #expect(key.framed == [0, 1, 0, 1, 0x67, 0, 1, 0x74, 0, 0, 0, 3])
        let bytes = key.framed
        #expect(try OffsetCommitKey.decodeFramed(bytes.span.bytes).partition == 3)
        #expect(throws: WireError.invalidValue) { try LegacyOffsetCommitKey.decodeFramed(bytes.span.bytes) }
        var value = OffsetCommitValue()
        value.offset = 5
        let framed = value.framed(version: 3)
        let (read, version) = try OffsetCommitValue.decodeVersioned(framed.span.bytes)
        #expect(version == 3)
        #expect(read.offset == 5)
    }
}
