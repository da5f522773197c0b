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
}
