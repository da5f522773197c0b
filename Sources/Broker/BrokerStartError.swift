import Configuration
import Controller
import Metadata
import Network
import Storage

/// Why a broker could not start, in one line.
public struct BrokerStartError: Error, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
    init(_ error: ConfigurationError) { self.init(error.description) }
    init(_ error: StorageError) { self.init(error.description) }
    init(_ error: MetadataError) { self.init(error.description) }
    init(_ error: NetworkError) { self.init(error.description) }
    init(_ refusal: Refusal) { self.init("the broker cannot register itself: \(refusal)") }
}
