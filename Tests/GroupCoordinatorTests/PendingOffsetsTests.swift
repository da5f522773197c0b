import Coordination
import KafkaProtocol
import Testing

@testable import GroupCoordinator

/// Offsets that hang on transactions, beside those that count at once.
@Suite struct PendingOffsetsTests {
    private var table = OffsetTable()

    private func at(_ offset: Int64) -> CommittedOffset { CommittedOffset(offset: offset, commitTimestamp: 1) }

    private mutating func commit(_ offset: Int64, of producerID: Int64? = nil) {
        table.load("g", "t", 0, at(offset), producerID: producerID)
    }

    private var offset: Int64? { table.offset("g", "t", 0)?.offset }

    @Test mutating func `a transaction that ends late does not put back a commit that came after its own`() {
        commit(10, of: 7)
        commit(20)
        #expect(table.isOpen("g", "t", 0), "the transaction is open all the same")
        table.endTransaction(of: 7, isCommitted: true)
        #expect(offset == 20)
        #expect(!table.hasOpen("g"))
    }

    @Test mutating func `of two transactions the one that committed later wins, whichever ends first`() {
        commit(10, of: 7)
        commit(20, of: 8)
        var other = table
        table.endTransaction(of: 8, isCommitted: true)
        table.endTransaction(of: 7, isCommitted: true)
        #expect(offset == 20)
        other.endTransaction(of: 7, isCommitted: true)
        #expect(other.offset("g", "t", 0) == at(10))
        other.endTransaction(of: 8, isCommitted: true)
        #expect(other == table)
    }

    @Test mutating func `a transaction that comes to nothing overtakes nobody`() {
        commit(10, of: 7)
        commit(20, of: 8)
        table.endTransaction(of: 8, isCommitted: false)
        table.endTransaction(of: 7, isCommitted: true)
        #expect(offset == 10)
    }

    @Test mutating func `a transaction that commits again is heard again`() {
        commit(10, of: 7)
        commit(20)
        commit(30, of: 7)
        table.endTransaction(of: 7, isCommitted: true)
        #expect(offset == 30)
    }

    @Test mutating func `an offset that is removed does not come back with its transaction`() {
        commit(5)
        commit(10, of: 7)
        table.load("g", "u", 0, at(1), producerID: 7)
        table.set("g", "t", 0, nil)
        table.keep()
        #expect(!table.isOpen("g", "t", 0) && table.isOpen("g", "u", 0))
        table.endTransaction(of: 7, isCommitted: true)
        #expect(offset == nil)
        #expect(table.offset("g", "u", 0) == at(1))
        #expect(!table.hasOpen("g"))
    }

    @Test mutating func `a removal that is taken back leaves the transaction what it had`() {
        commit(5)
        commit(10, of: 7)
        let before = table
        table.set("g", "t", 0, nil)
        table.set("g", "t", 0, at(6))
        table.set("g", "t", 0, nil)
        table.takeBack()
        #expect(table == before)
        table.set("g", "t", 0, at(6))
        table.takeBack()
        #expect(table == before)
        table.endTransaction(of: 7, isCommitted: true)
        #expect(offset == 10)
    }

    @Test mutating func `a commit while a transaction is open is later than what that has`() {
        commit(10, of: 7)
        table.set("g", "t", 0, at(20))
        table.keep()
        table.endTransaction(of: 7, isCommitted: true)
        #expect(offset == 20)
    }

    @Test mutating func `groups that only a transaction knows are known`() {
        commit(10, of: 7)
        table.load("h", "t", 0, at(1), producerID: nil)
        #expect(table.groupIDs == ["g", "h"])
        table.endTransaction(of: 7, isCommitted: false)
        #expect(table.groupIDs == ["h"])
    }
}
