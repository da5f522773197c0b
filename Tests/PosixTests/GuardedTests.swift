import Posix
import Testing

@Test func `a closure in a guarded struct can be called after it was read a million times`() {
    struct Follower {
        var count: (@Sendable () -> Int)?
    }

    let follower = Guarded(Follower())
    follower.withLock { $0.count = { 7 } }
    for _ in 0..<1_000_000 { _ = follower.withLock { $0 }.count }
    #expect(follower.withLock { $0 }.count?() == 7)
}

@Test func `a guard lets one thread in at a time and passes errors on`() throws {
    struct Failure: Error {}

    let sum = Guarded(0)
    let threads = (0..<4).map { number in
        Thread(name: "adder-\(number)") { for _ in 0..<10_000 { sum.withLock { $0 += 1 } } }
    }
    for thread in threads { thread.join() }
    #expect(sum.withLock { $0 } == 40_000)
    #expect(throws: Failure.self) { try sum.withLock { _ throws(Failure) in throw Failure() } }
    #expect(sum.withLock { $0 } == 40_000)
}
