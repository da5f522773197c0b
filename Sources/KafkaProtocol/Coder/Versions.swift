/// The versions of a message in which a field exists: `3...7` or `3...`, as the specification's `3-7` and `3+`.
public struct Versions: Sendable {
    public let first: Int16
    public let last: Int16

    @inlinable init(first: Int16, last: Int16) {
        self.first = first
        self.last = last
    }

    /// In no version: what a field that is never null has for `nullable`.
    public static var none: Versions { @inlinable get { Versions(first: 0, last: -1) } }

    @inlinable public func contains(_ version: Int16) -> Bool { first <= version && version <= last }
}

// A concrete result keeps the tables quick to compile; the generic ranges would have to be inferred line by line.

@inline(__always) func ... (first: Int16, last: Int16) -> Versions { Versions(first: first, last: last) }
@inline(__always) postfix func ... (first: Int16) -> Versions { Versions(first: first, last: .max) }
