import Glibc
import Network
import Posix
import Synchronization
import Testing

@Suite struct RequestChannelTests {
    @Test func `threads start when there is work for them`() throws {
        let channel = RequestChannel(threads: 2, capacity: 10)
        defer { channel.stop() }
        #expect(channel.threadCount == 0)
        let gate = Monitor(false)
        let started = HandledFrames()
        for _ in 0..<2 {
            #expect(
                channel.submit {
                    started.number.add(1, ordering: .relaxed)
                    gate.wait { $0 ? () : nil }
                })
        }
        eventually("both run at once") { started.number.load(ordering: .relaxed) == 2 }
        #expect(channel.threadCount == 2)
        gate.update { $0 = true }
    }

    @Test func `a full queue refuses, and what it took is done before it stops`() throws {
        let channel = RequestChannel(threads: 1, capacity: 3)
        let gate = Monitor(false)
        let done = HandledFrames()
        let running = Flag()
        #expect(
            channel.submit {
                running.raise()
                gate.wait { $0 ? () : nil }
            })
        eventually("the first runs") { running.isUp }
        for _ in 0..<3 { #expect(channel.submit { done.number.add(1, ordering: .relaxed) }) }
        #expect(!channel.submit { done.number.add(100, ordering: .relaxed) })
        #expect(channel.depth == 3)
        gate.update { $0 = true }
        channel.stop()
        #expect(done.number.load(ordering: .relaxed) == 3)
        #expect(!channel.submit {})
    }

    @Test func `resizing starts and ends threads`() throws {
        let channel = RequestChannel(threads: 1, capacity: 100)
        let gate = Monitor(false)
        let running = HandledFrames()
        for _ in 0..<4 {
            #expect(
                channel.submit {
                    running.number.add(1, ordering: .relaxed)
                    gate.wait { $0 ? () : nil }
                })
        }
        eventually("one runs") { running.number.load(ordering: .relaxed) == 1 }
        channel.resize(threads: 4)
        eventually("four run") { running.number.load(ordering: .relaxed) == 4 }
        gate.update { $0 = true }
        channel.resize(threads: 1)
        eventually("one is left") { channel.threadCount == 1 }
        channel.stop()
        #expect(channel.threadCount == 0)
    }

    @Test func `a channel that shrank ended all its threads`() throws {
        for _ in 0..<200 {
            let channel = RequestChannel(threads: 8, capacity: 100)
            let gate = Monitor(0)
            for _ in 0..<8 {
                #expect(
                    channel.submit {
                        gate.update { $0 += 1 }
                        gate.wait { $0 >= 9 ? () : nil }
                    })
            }
            gate.wait { $0 == 8 ? () : nil }
            channel.resize(threads: 2)
            gate.update { $0 = 9 }
            eventually("two are left") { channel.threadCount == 2 }
            channel.stop()
        }
    }
}
