import CommandLine
import Testing

@testable import Commands

@Suite struct TopicFilterTests {
    @Test func `names, patterns and lists of them`() throws {
        #expect(try TopicFilter("orders").allows("orders"))
        #expect(try !TopicFilter("orders").allows("orders-2"))
        #expect(try TopicFilter("orders, bills").allows("bills"))
        #expect(try TopicFilter(" 'orders.*' ").allows("orders-2"))
        #expect(try TopicFilter(".*").allows("__consumer_offsets"))
        #expect(try !TopicFilter(".*").allows("__consumer_offsets", excludingInternal: true))
        #expect(try TopicFilter("a.b").text == "a.b")
    }

    @Test func `what is no pattern is told`() {
        do throws(UsageError) {
            _ = try TopicFilter("*a")
            Issue.record("it is no pattern")
        } catch {
            #expect(error.message == "*a is an invalid regex.")
            #expect(error.hint == "Dangling meta character '*' near index 0")
        }
    }
}
