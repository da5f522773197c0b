import Testing

@testable import Commands

struct ServerLifeTests {
    private func actions(_ events: ServerLife.Event...) -> [ServerLife.Action] {
        var life = ServerLife()
        return events.map { life.handle($0) }
    }

    @Test func `a broker serves until SIGTERM and ends well`() {
        #expect(
            actions(.started, .stopRequested(interrupt: false), .stopped) == [.announceReady, .drain, .end(code: 0)])
    }

    @Test func `an interrupt drains too, and the exit code tells it`() {
        #expect(
            actions(.started, .stopRequested(interrupt: true), .stopped) == [.announceReady, .drain, .end(code: 130)])
    }

    @Test func `a second signal ends it at once`() {
        #expect(
            actions(.started, .stopRequested(interrupt: false), .stopRequested(interrupt: false))
                == [.announceReady, .drain, .endAtOnce(code: 143)])
        #expect(
            actions(.stopRequested(interrupt: true), .stopRequested(interrupt: true))
                == [.nothing, .endAtOnce(code: 130)])
    }

    @Test func `a signal during the start waits until the broker stands, and nobody is told that it is ready`() {
        #expect(
            actions(.stopRequested(interrupt: false), .started, .stopped) == [.nothing, .drain, .end(code: 0)])
    }

    @Test func `a broker that lost its disks ends at once with 1, whatever it was doing`() {
        #expect(actions(.failed) == [.endAtOnce(code: 1)])
        #expect(actions(.started, .failed) == [.announceReady, .endAtOnce(code: 1)])
        #expect(
            actions(.started, .stopRequested(interrupt: false), .failed)
                == [.announceReady, .drain, .endAtOnce(code: 1)])
        #expect(actions(.startFailed, .failed) == [.end(code: 1), .nothing])
    }

    @Test func `a start that fails ends with 1`() {
        #expect(actions(.startFailed) == [.end(code: 1)])
        #expect(actions(.stopRequested(interrupt: true), .startFailed) == [.nothing, .end(code: 1)])
        #expect(
            actions(.startFailed, .stopRequested(interrupt: true), .stopped) == [.end(code: 1), .nothing, .nothing])
    }
}
