import KafkaModel
import Testing

@Suite struct ErrorCodeTests {
    @Test func `the codes have no holes`() {
        #expect(ErrorCode.allCases.map(\.rawValue) == Array(-1...133))
    }

    @Test func `names are Kafka's and unique`() {
        let names = ErrorCode.allCases.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.utf8.allSatisfy { (65...90).contains($0) || $0 == 95 } })
        #expect(ErrorCode.notLeaderOrFollower.name == "NOT_LEADER_OR_FOLLOWER")
    }

    @Test func `every code has a sentence of its own`() {
        let messages = ErrorCode.allCases.map(\.message)
        #expect(Set(messages).count == messages.count)
        #expect(messages.allSatisfy { $0.hasSuffix(".") && $0.first?.isUppercase == true })
    }

    @Test func `stale metadata is worth another try, a fenced producer is not`() {
        #expect(ErrorCode.notLeaderOrFollower.isRetriable && ErrorCode.unknownTopicOrPartition.isRetriable)
        #expect(!ErrorCode.none.isRetriable && !ErrorCode.producerFenced.isRetriable)
        #expect(ErrorCode.allCases.count { $0.isRetriable } == 32)
    }

    @Test func `an unknown code is the unknown error`() {
        #expect(ErrorCode(code: 999) == .unknownServerError)
        #expect(ErrorCode(code: 3) == .unknownTopicOrPartition)
    }
}
