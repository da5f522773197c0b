import KafkaModel
import Posix
import Synchronization
import Testing

@testable import Broker

struct ProducerIDsTests {
    @Test func `a block is used up before the next is reserved`() throws {
        let blocks = Mutex<[Range<Int64>]>([0..<3, 10..<12])
        let ids = ProducerIDs {
            blocks.withLock { $0.isEmpty ? .failure(.kafkaStorageError) : .success($0.removeFirst()) }
        }
        for expected in [0, 1, 2, 10, 11] as [Int64] { #expect(try ids.next().get() == expected) }
        #expect(throws: ErrorCode.kafkaStorageError) { try ids.next().get() }
    }

    @Test func `threads that ask at once get different ids`() {
        let next = Atomic<Int64>(0)
        let ids = ProducerIDs {
            let first = next.add(5, ordering: .relaxed).oldValue
            return .success(first..<first + 5)
        }
        let given = Mutex<[Int64]>([])
        let threads = (0..<4).map { _ in
            Thread(name: "asker") {
                let own = (0..<250).compactMap { _ in try? ids.next().get() }
                given.withLock { $0 += own }
            }
        }
        for thread in threads { thread.join() }
        let all = given.withLock { $0 }
        #expect(all.count == 1000)
        #expect(Set(all).count == 1000)
    }
}
