/// What can be wrong with bytes that came from outside. The cases carry nothing, so that throwing one costs no
/// allocation; the caller, who knows the message and the peer, adds the rest.
public enum WireError: Error, Equatable, Sendable {
    /// A field reaches beyond the end of the bytes that are there.
    case truncated
    /// A variable-length integer has more bytes than its type allows.
    case malformedVarint
    /// A length or count is negative where that has no meaning, or cannot fit into what is left.
    case invalidLength
    /// Null where the version in use does not allow it.
    case unexpectedNull
    case invalidUTF8
    /// Tagged fields out of order or given twice.
    case invalidTag
    /// A value outside its range, such as a Boolean of 7.
    case invalidValue
    /// The message does not exist in the version asked for.
    case unsupportedVersion
    /// Bytes are left over behind a complete message.
    case trailingBytes
}
