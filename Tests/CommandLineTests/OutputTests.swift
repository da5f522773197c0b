import CommandLine
import Posix
import Testing

@Suite struct OutputTests {
    private struct Heard {
        var writes: [String] = []
        var talk: [String] = []
    }

    @Test func `lines go out in large pieces, and before any talk`() {
        let heard = Guarded(Heard())
        let console = Console { stream, text in
            heard.withLock { if stream == .output { $0.writes.append(text) } else { $0.talk.append(text) } }
        }
        var output = Output(console)
        output.print("one")
        output.print("two")
        #expect(heard.withLock { $0.writes } == [])
        output.tell("warning")
        #expect(heard.withLock { $0.writes } == ["one\ntwo\n"])
        #expect(heard.withLock { $0.talk } == ["warning\n"])
        for _ in 0..<3000 { output.print(String(repeating: "x", count: 99)) }
        #expect(heard.withLock { $0.writes.count } == 3)
        output.flush()
        #expect(heard.withLock { $0.writes.dropFirst().joined().utf8.count } == 300_000)
    }

    @Test func `a closed pipe ends it quietly`() {
        let calls = Guarded(0)
        let console = Console(isInteractive: true) { _, _ in
            calls.withLock { $0 += 1 }
            return .closed
        }
        var output = Output(console)
        output.print("one")
        #expect(output.outcome == .closed)
        output.print("two")
        output.flush()
        #expect(calls.withLock { $0 } == 1)
    }
}
