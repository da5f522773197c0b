import KafkaModel
import Testing
import Timing

@testable import Commands
@testable import KafkaClient

@Suite struct AttendantTests {
    private func wait(_ step: ClientError.Step, since: Instant = Instant(nanoseconds: 0)) -> WaitBoard.Wait? {
        let board = WaitBoard()
        _ = board.begin("b:9092", step, at: since)
        return board.oldest
    }

    @Test func `an interrupted tool dies without a word`() {
        #expect(Attendant.farewell(nil, nil) == "skafka: interrupted before the end")
        #expect(Attendant.farewell(nil, wait(.connect)) == "skafka: interrupted while connecting to b:9092")
        #expect(
            Attendant.farewell(nil, wait(.receive(.metadata)))
                == "skafka: interrupted while waiting for b:9092 to answer Metadata")
        #expect(
            Attendant.farewell(nil, wait(.receive(.createTopics)))
                == "skafka: interrupted while waiting for b:9092 to answer CreateTopics; what was asked may still be done"
        )
        #expect(
            Attendant.farewell("3 of 5 records were measured", wait(.receive(.fetch)))
                == "skafka: interrupted: 3 of 5 records were measured")
    }

    @Test func `a silent server is waited for in silence`() {
        let start = Instant(nanoseconds: 0)
        let one = wait(.receive(.apiVersions))
        var notice = WaitNotice()
        #expect(notice.line(nil, at: start + .seconds(9)) == nil)
        #expect(notice.line(one, at: start + .milliseconds(2999)) == nil)
        #expect(
            notice.line(one, at: start + .seconds(3)) == "skafka: still waiting for b:9092 to answer ApiVersions")
        #expect(notice.line(one, at: start + .seconds(4)) == nil)
        #expect(notice.line(wait(.connect), at: start + .seconds(9)) == nil)
    }

    @Test func `the wait that is over is not named`() {
        let board = WaitBoard()
        let first = board.begin("a:1", .connect, at: Instant(nanoseconds: 0))
        let second = board.begin("b:2", .receive(.fetch), at: Instant(nanoseconds: 1))
        #expect(board.oldest?.broker == "a:1")
        board.end(first)
        #expect(board.oldest?.broker == "b:2")
        board.end(second)
        #expect(board.oldest == nil)
    }
}
