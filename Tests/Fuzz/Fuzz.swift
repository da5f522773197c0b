import Glibc

/// Feeds mutated real frames to everything that reads bytes of strangers. A refusal is fine; a trap, a report of the
/// sanitizer or memory out of proportion ends the process, and the last line tells how to get there again.
///
///     fuzz [--count N] [--seed S] [--target NAME] [--corpus FILE] [--broker PORT]
func runFuzzer() {
    let options = FuzzOptions(CommandLine.arguments.dropFirst())
    let frames = Corpus.load(options.corpus)
    var targets = Target.all
    if let port = options.brokerPort { targets = [.broker(port: port)] }
    if let name = options.target { targets = targets.filter { $0.name == name } }
    guard !targets.isEmpty, !frames.isEmpty else { end("nothing to do: no such target or no frame in the corpus", 2) }
    for target in targets {
        let accepted = run(target, over: target.seeds(frames), count: options.count, seed: options.seed)
        print("\(target.name): \(options.count) inputs, \(accepted) accepted")
    }
}

/// Every input follows from the seed and its number alone, so that one can be repeated without those before it.
private func run(_ target: Target, over seeds: [Seed], count: Int, seed: UInt64) -> Int {
    guard !seeds.isEmpty else { end("\(target.name): no seeds in the corpus", 2) }
    var accepted = 0
    for number in 0..<count {
        if number % 1_000_000 == 0 { note("fuzz --target \(target.name) --seed \(seed), at \(number) of \(count)\n") }
        var mutator = Mutator(seed: seed &+ UInt64(number) &* 0x9e37_79b9_7f4a_7c15)
        let chosen = seeds[mutator.random(below: seeds.count)]
        var input = chosen
        input.bytes = mutator.mutated(chosen.bytes, other: seeds[mutator.random(below: seeds.count)].bytes)
        if target.run(input, &mutator) { accepted += 1 }
    }
    return accepted
}

private struct FuzzOptions {
    var count = 1_000_000
    var seed: UInt64 = 1
    var target: String?
    var corpus: String?
    var brokerPort: UInt16?

    init(_ arguments: ArraySlice<String>) {
        var rest = arguments
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { end("\(name) needs a value", 2) }
            switch name {
            case "--count": count = Int(value) ?? count
            case "--seed": seed = UInt64(value) ?? seed
            case "--target": target = value
            case "--corpus": corpus = value
            case "--broker": brokerPort = UInt16(value)
            default: end("no such option: \(name)", 2)
            }
        }
    }
}

/// Straight to the descriptor: what a buffer holds is lost in a trap.
func note(_ text: String) {
    var text = text
    text.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
}

func end(_ text: String, _ status: Int32) -> Never {
    note("fuzz: \(text)\n")
    exit(status)
}
