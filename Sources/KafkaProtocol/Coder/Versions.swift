/// The versions of a message in which a field exists: `3...7` or `3...`, as the specification's `3-7` and `3+`.
public struct Versions: Sendable, Equatable {
    public let first: Int16
    public let last: Int16

    /// In no version: what a field that is never null has for `nullable`.
    public static var none: Versions { Versions(first: 0, last: -1) }

    @inline(__always) public func contains(_ version: Int16) -> Bool { first <= version && version <= last }
}

extension Versions: CustomStringConvertible {
    public var description: String {
        if self == .none { return "none" }
        if last == .max { return "\(first)+" }
        return first == last ? "\(first)" : "\(first)-\(last)"
    }
}

// A concrete result keeps the tables quick to compile; the generic ranges would have to be inferred line by line.

@inline(__always) func ... (first: Int16, last: Int16) -> Versions { Versions(first: first, last: last) }
@inline(__always) postfix func ... (first: Int16) -> Versions { Versions(first: first, last: .max) }
