/// A pattern, taken apart.
indirect enum PatternNode: Equatable, Sendable {
    case empty
    case one(of: ScalarSet)
    case assertion(Assertion)
    case sequence([PatternNode])
    case choice([PatternNode])
    /// Nil: without a limit.
    case repeated(PatternNode, least: Int, most: Int?)

    /// What holds between two characters.
    enum Assertion: Equatable, Sendable {
        case start
        /// The end, or before the line terminator there.
        case lineEnd
        case end
        case wordBoundary
        case noWordBoundary
    }
}
