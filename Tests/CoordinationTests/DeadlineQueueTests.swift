import Coordination
import Testing
import Timing

@Suite struct DeadlineQueueTests {
    private func at(_ second: Int64) -> Instant { Instant(nanoseconds: second * 1_000_000_000) }

    @Test func `names come due in the order of their deadlines`() {
        var queue = DeadlineQueue<String>()
        queue.schedule("c", at: at(3))
        queue.schedule("a", at: at(1))
        queue.schedule("b", at: at(2))
        #expect(queue.takeDue(at(0)) == nil)
        #expect(queue.nextWake == at(1))
        #expect(queue.takeDue(at(2)) == "a")
        #expect(queue.takeDue(at(2)) == "b")
        #expect(queue.takeDue(at(2)) == nil)
        #expect(queue.nextWake == at(3))
    }

    @Test func `the last deadline of a name holds, later or earlier`() {
        var queue = DeadlineQueue<String>()
        queue.schedule("a", at: at(1))
        queue.schedule("a", at: at(5))
        #expect(queue.takeDue(at(4)) == nil)
        queue.schedule("a", at: at(2))
        #expect(queue.takeDue(at(4)) == "a")
        #expect(queue.takeDue(at(9)) == nil)
        #expect(queue.isEmpty)
    }

    @Test func `what is taken back does not come due, and may come again`() {
        var queue = DeadlineQueue<String>()
        queue.schedule("a", at: at(1))
        queue.schedule("b", at: at(1))
        queue.cancel("a")
        queue.schedule("a", at: at(3))
        #expect(queue.takeDue(at(2)) == "b")
        #expect(queue.takeDue(at(2)) == nil)
        #expect(queue.takeDue(at(3)) == "a")
    }

    @Test func `it agrees with a plain table`() {
        var random = SystemRandomNumberGenerator()
        var queue = DeadlineQueue<Int>()
        var table: [Int: Int64] = [:]
        var now: Int64 = 0
        for _ in 0..<20_000 {
            let name = Int.random(in: 0..<40, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0: now += Int64.random(in: 0..<4, using: &random)
            case 1:
                queue.cancel(name)
                table[name] = nil
            default:
                let deadline = now + Int64.random(in: 1..<50, using: &random)
                queue.schedule(name, at: at(deadline))
                table[name] = deadline
            }
            var due: Set<Int> = []
            while let next = queue.takeDue(at(now)) { due.insert(next) }
            #expect(due == Set(table.filter { $0.value <= now }.keys))
            for name in due { table[name] = nil }
            #expect(queue.count == table.count)
        }
    }
}
