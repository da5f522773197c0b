import Glibc
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
        do throws(ClientSocket.Failure) {
            _ = try families("no.such.host.invalid")
            Issue.record("there is no such host")
        } catch {
            guard case .unknownHost("no answer from the name server within 0 ms") = error else {
                Issue.record("\(error)")
                return
            }
        }
    }
}
