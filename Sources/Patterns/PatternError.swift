/// Why a text is no pattern, or none that is understood here.
public struct PatternError: Error, Equatable, Sendable, CustomStringConvertible {
    public let reason: String
    /// In characters from the start of the pattern.
    public let position: Int

    public var description: String { "\(reason) near index \(position)" }
}
