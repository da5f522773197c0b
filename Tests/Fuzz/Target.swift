/// Something that reads bytes of strangers: which seeds it takes and what is done with one input.
struct Target: Sendable {
    let name: String
    let seeds: @Sendable ([RecordedExchange]) -> [Seed]
    /// True when the input was accepted. The mutator gives further choices that belong to this input.
    let run: @Sendable (Seed, inout Mutator) -> Bool

    static let all: [Target] = [
        .requests,
        .responses,
        .batches,
        .admissions,
    ]
}
