import Glibc
import Network
import Posix
import Testing
import Timing

@Suite struct EventLoopTests {
    @Test func `jobs of several threads all run, each thread's in order`() throws {
        let server = try TestServer()
        let loop = try #require(server.server.loops.first)
        let lists = JobLists()
        let threads = (0..<3).map { number in
            Thread(name: "sender") {
                for job in 0..<2000 {
                    loop.execute {
                        #expect(loop.isCurrent)
                        lists.append(job, to: number)
                    }
                }
            }
        }
        for thread in threads { thread.join() }
        eventually("all ran") { lists.total == 6000 }
        for list in lists.all { #expect(list == Array(0..<2000)) }
        #expect(!loop.isCurrent)
    }

    @Test func `timers fire in the order of their deadlines and cancelled ones do not`() throws {
        let time = ManualTime()
        let server = try TestServer(clock: .manual(time))
        let loop = try #require(server.server.loops.first)
        let lists = JobLists()
        var tokens: [TimerToken] = []
        for number in (0..<200).shuffled() {
            let token = loop.schedule(after: .milliseconds(number)) { lists.append(number, to: 0) }
            if number % 2 == 1 { tokens.append(token) }
        }
        for token in tokens { loop.cancel(token) }
        time.advance(by: .milliseconds(99))
        server.turn()
        #expect(lists.all[0] == Array(stride(from: 0, to: 100, by: 2)))
        time.advance(by: .milliseconds(200))
        server.turn()
        #expect(lists.all[0] == Array(stride(from: 0, to: 200, by: 2)))
    }

    @Test func `a timer fires by itself`() throws {
        let server = try TestServer()
        let fired = Flag()
        try #require(server.server.loops.first).schedule(after: .milliseconds(5)) { fired.raise() }
        eventually("it fires") { fired.isUp }
    }
}

final class JobLists: Sendable {
    private let lists = Guarded<[[Int]]>([[], [], []])
    func append(_ job: Int, to number: Int) { lists.withLock { $0[number].append(job) } }
    var total: Int { lists.withLock { $0.reduce(0) { $0 + $1.count } } }
    var all: [[Int]] { lists.withLock { $0 } }
}
