import Coordination
import KafkaProtocol
import Testing

@Suite struct CoordinatorRecordTests {
    @Test func `key and value carry their type and version in front`() {
        var key = GroupMetadataKey()
        key.group = "g"
        let record = CoordinatorRecord(key, GroupMetadataValue(), version: 3)
        #expect(record.key == [0, 2, 0, 1, 0x67])
        #expect(record.value?.prefix(2) == [0, 3])
        #expect(CoordinatorRecord.tombstone(key) == CoordinatorRecord(key: record.key, value: nil))
    }
}
