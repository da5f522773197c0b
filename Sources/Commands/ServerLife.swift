/// The life of a broker process as the signals see it: it starts, serves, drains and ends. Each event gives the one
/// thing to do.
struct ServerLife {
    enum Event: Equatable {
        case started
        case startFailed
        case stopRequested(interrupt: Bool)
        case stopped
        /// The broker lost what it cannot do without, its last disk.
        case failed
    }

    enum Action: Equatable {
        case nothing
        case announceReady
        case drain
        case end(code: Int32)
        /// Without waiting for anything.
        case endAtOnce(code: Int32)
    }

    private enum State {
        case starting
        /// Told to stop before it served: it stops as soon as it stands.
        case doomed(code: Int32)
        case serving
        case draining(code: Int32)
        case ended
    }

    private var state = State.starting

    mutating func handle(_ event: Event) -> Action {
        switch (state, event) {
        case (.starting, .started):
            state = .serving
            return .announceReady
        case (.starting, .stopRequested(let interrupt)):
            state = .doomed(code: interrupt ? 130 : 0)
            return .nothing
        case (.doomed(let code), .started):
            state = .draining(code: code)
            return .drain
        case (.starting, .startFailed), (.doomed, .startFailed):
            state = .ended
            return .end(code: 1)
        case (.serving, .stopRequested(let interrupt)):
            state = .draining(code: interrupt ? 130 : 0)
            return .drain
        case (.doomed, .stopRequested(let interrupt)), (.draining, .stopRequested(let interrupt)):
            state = .ended
            return .endAtOnce(code: interrupt ? 130 : 143)
        case (.draining(let code), .stopped):
            state = .ended
            return .end(code: code)
        // Its files cannot be closed well any more; a restart finds them as after a crash.
        case (.starting, .failed), (.doomed, .failed), (.serving, .failed), (.draining, .failed):
            state = .ended
            return .endAtOnce(code: 1)
        // A start is reported once, an end once, and after the end nothing counts.
        case (.starting, .stopped), (.doomed, .stopped), (.serving, .stopped), (.serving, .started),
            (.serving, .startFailed), (.draining, .started), (.draining, .startFailed), (.ended, _):
            return .nothing
        }
    }
}
