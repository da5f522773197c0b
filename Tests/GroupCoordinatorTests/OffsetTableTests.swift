import Coordination
import KafkaProtocol
import Testing

@testable import GroupCoordinator

@Suite struct OffsetTableTests {
    private func at(_ offset: Int64) -> CommittedOffset { CommittedOffset(offset: offset, commitTimestamp: 1) }

    @Test func `what is taken back was never there`() {
        var table = OffsetTable()
        table.set("g", "t", 0, at(1))
        table.keep()
        table.set("g", "t", 0, at(2))
        table.set("g", "t", 0, at(3))
        table.set("g", "t", 1, at(4))
        table.set("h", "t", 0, at(5))
        table.takeBack()
        #expect(table.offset("g", "t", 0) == at(1))
        #expect(table.offset("g", "t", 1) == nil)
        #expect(table.topics(of: "h") == nil)
        #expect(table.count == 1)
    }

    @Test func `a group without offsets leaves nothing behind`() {
        var table = OffsetTable()
        table.set("g", "t", 0, at(1))
        table.set("g", "t", 0, nil)
        table.keep()
        #expect(table.topics(of: "g") == nil)
        #expect(table.count == 0)
    }

    @Test func `offsets of a transaction count once it is committed`() {
        var table = OffsetTable()
        table.load("g", "t", 0, at(1), producerID: nil)
        table.load("g", "t", 0, at(9), producerID: 7)
        table.load("g", "t", 1, at(9), producerID: 8)
        #expect(table.offset("g", "t", 0) == at(1))
        #expect(table.isOpen("g", "t", 0) && table.isOpen("g", "t", 1) && table.hasOpen("g"))
        table.endTransaction(of: 7, isCommitted: true)
        table.endTransaction(of: 8, isCommitted: false)
        #expect(table.offset("g", "t", 0) == at(9))
        #expect(table.offset("g", "t", 1) == nil)
        #expect(!table.hasOpen("g"))
    }

    @Test func `a tombstone takes what transactions have of the partition`() {
        var table = OffsetTable()
        table.load("g", "t", 0, at(9), producerID: 7)
        table.load("g", "t", 0, at(9), producerID: 8)
        table.load("g", "t", 0, nil, producerID: nil)
        #expect(!table.hasOpen("g"))
        table.endTransaction(of: 7, isCommitted: true)
        #expect(table.offset("g", "t", 0) == nil)
    }

    @Test func `an end of a transaction that committed nothing changes nothing`() {
        var table = OffsetTable()
        table.load("g", "t", 0, at(1), producerID: nil)
        table.endTransaction(of: 7, isCommitted: true)
        #expect(table.offset("g", "t", 0) == at(1))
    }
}
