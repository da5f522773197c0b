import Posix

/// An answer that comes together from several shards, each in its own time.
final class Gathering<Response: Sendable>: Sendable {
    private struct State {
        var response: Response
        /// Pieces that are to come, and one more until all of them are asked for.
        var missing = 1
    }

    private let state: Guarded<State>
    private let later: @Sendable (Response) -> Void

    init(_ response: Response, later: @escaping @Sendable (Response) -> Void) {
        state = Guarded(State(response: response))
        self.later = later
    }

    /// Asks for a piece: `question` returns it, or gives it later to the closure that it gets.
    func ask<Piece: Sendable>(
        _ take: @escaping @Sendable (Piece, inout Response) -> Void,
        _ question: (@escaping @Sendable (Piece) -> Void) -> Piece?
    ) {
        state.withLock { $0.missing += 1 }
        let piece = question { piece in
            if let whole = self.settle({ take(piece, &$0) }) { self.later(whole) }
        }
        if let piece { _ = settle { take(piece, &$0) } }
    }

    /// All pieces are asked for. The answer, unless some have not come.
    func finish() -> Response? { settle { _ in } }

    private func settle(_ change: (inout Response) -> Void) -> Response? {
        state.withLock { state in
            change(&state.response)
            state.missing -= 1
            return state.missing == 0 ? state.response : nil
        }
    }
}
