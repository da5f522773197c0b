import Bytes
import Testing
import Timing

@testable import Network

@Suite struct TimerQueueTests {
    @Test func `cancelled timers leave no husks behind`() {
        var queue = TimerQueue()
        for number in 0..<10_000 {
            let token = TimerToken(id: UInt64(number))
            queue.insert(token, at: Instant(nanoseconds: Int64(number * 7919 % 10_007))) {}
            if number % 100 != 0 { queue.cancel(token) }
        }
        #expect(queue.count == 100)
        var last = Instant(nanoseconds: .min)
        while let deadline = queue.nextDeadline {
            #expect(deadline >= last)
            last = deadline
            #expect(queue.takeDue(Instant(nanoseconds: deadline.nanoseconds - 1)) == nil)
            #expect(queue.takeDue(deadline) != nil)
        }
        #expect(queue.isEmpty)
    }
}

@Suite struct ForeignProtocolTests {
    private func name(_ bytes: [UInt8]) -> String? { ForeignProtocol.name(of: bytes.span.bytes) }
    private func description(_ bytes: [UInt8]) -> String { ForeignProtocol.describe(bytes.span.bytes) }

    @Test func `the first bytes tell who speaks`() {
        #expect(name(Array("GET / HTTP".utf8)) == "an HTTP request")
        #expect(name(Array("SSH-2.0".utf8)) == "an SSH client")
        #expect(name([0x16, 0x03, 0x01, 0x00, 0xf4]) == "a TLS handshake")
        #expect(name([0xff, 0xfe]) == nil)
        #expect(name([]) == nil)
        #expect(description(Array("GET ".utf8)) == "looks like an HTTP request: 47 45 54 20 \"GET \"")
    }
}

@Suite struct ConnectionLimitsTests {
    @Test func `what is released can be admitted again`() {
        let limits = ConnectionLimits(totalMax: 3, perAddressMax: 2, overrides: ["10.0.0.9": 1])
        #expect(limits.admit("10.0.0.1") == .admitted)
        #expect(limits.admit("10.0.0.1") == .admitted)
        #expect(limits.admit("10.0.0.1") == .tooManyOfAddress(limit: 2))
        #expect(limits.admit("10.0.0.9") == .admitted)
        #expect(limits.admit("10.0.0.2") == .tooMany(limit: 3))
        limits.release("10.0.0.1")
        #expect(limits.admit("10.0.0.9") == .tooManyOfAddress(limit: 1))
        #expect(limits.admit("10.0.0.1") == .admitted)
        #expect(limits.total == 3)
    }
}
