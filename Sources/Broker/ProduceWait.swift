import KafkaModel
import KafkaProtocol
import Network
import Posix
import Storage

/// A produce request that is in the log and whose answer waits until every one of its partitions has on the device what
/// the topic wants there. Partitions settle it one by one, from any thread; the last one lets the answer go.
final class ProduceWait: Sendable {
    private struct State {
        var response: ProduceResponse
        /// Partitions that have not settled yet, and one more until all of them know of this.
        var missing = 1
    }

    private let state: Guarded<State>
    private let ticket: ReplyTicket
    private let context: RequestContext

    init(_ response: ProduceResponse, ticket: ReplyTicket, context: RequestContext) {
        state = Guarded(State(response: response))
        self.ticket = ticket
        self.context = context
    }

    /// Where in a response the answer of a partition stands.
    struct Place: Sendable {
        var topic: Int
        var partition: Int
    }

    /// Lets every partition know. The answer may leave before this returns.
    func begin(_ places: [AppendedRecords.Pending]) {
        state.withLock { $0.missing += places.count }
        for place in places { place.partition.hold(.produce(self, place.place), until: place.milestone) }
        settle(nil, nil)
    }

    /// A partition is done: what it has is durable, or, with a code, was lost.
    func settle(_ place: Place?, _ failure: ErrorCode?) {
        let isComplete = state.withLock { state in
            if let place, let failure { state.response.fail(place, failure) }
            state.missing -= 1
            return state.missing == 0
        }
        guard isComplete else { return }
        let response = state.withLock { $0.response }
        ticket.complete { [context] connection in connection.answer(response, to: context, api: .produce) }
    }
}

extension ProduceResponse {
    fileprivate mutating func fail(_ place: ProduceWait.Place, _ code: ErrorCode) {
        var answer = PartitionProduceResponse()
        answer.index = responses[place.topic].partitionResponses[place.partition].index
        answer.errorCode = code.rawValue
        answer.errorMessage = code.message
        answer.baseOffset = -1
        responses[place.topic].partitionResponses[place.partition] = answer
    }
}
