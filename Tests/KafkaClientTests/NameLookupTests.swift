import Glibc
import Posix
import Testing
import Timing

@testable import KafkaClient

@Suite struct NameLookupTests {
    private func families(_ host: String) throws(ClientSocket.Failure) -> [CInt] {
        let clock = Clock.system
        // No time at all: what needs a name server would fail.
        return try NameLookup.addresses(of: host, port: 9092, until: clock.now, clock: clock).map(\.family)
    }

    @Test func `addresses and this machine need no name server`() throws {
        #expect(try families("127.0.0.1") == [AF_INET])
        #expect(try families("::1") == [AF_INET6])
        #expect(try families("localhost") == [AF_INET, AF_INET6])
    }

    @Test func `a name server that is slow is not waited for beyond the deadline`() {
        let isOver = Monitor(false)
        defer { isOver.update { $0 = true } }
        let clock = Clock.system
        do throws(ClientSocket.Failure) {
            _ = try NameLookup.addresses(
                of: "somewhere", port: 1, until: clock.now + .milliseconds(20), clock: clock,
                resolver: { _, _ in
                    isOver.wait { $0 ? .failed("too late") : nil }
                })
            Issue.record("nobody answered")
        } catch {
            guard case .unknownHost(let reason) = error, reason.hasPrefix("no answer from the name server") else {
                Issue.record("\(error)")
                return
            }
        }
    }
}
