import Bytes
import Configuration
import KafkaClient
import Posix
import Storage

/// A controller that is to become a voter, as its own properties file and directory describe it.
struct NewController: Equatable {
    let id: Int32
    let directoryID: UUID
    let endpoints: [VoterEndpoint]

    /// Why the file describes no controller. The words are Kafka's.
    struct Failure: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    private static let hint = "Is this a valid controller configuration file?"

    init(_ properties: [String: String], disk: Disk = .real) throws(Failure) {
        guard let text = properties["node.id"] else {
            throw Failure(description: "node.id not found in configuration file. \(Self.hint)")
        }
        guard let id = Int32(text.filter { $0 != " " }) else {
            throw Failure(description: "node.id was no number in configuration file. \(Self.hint)")
        }
        guard id >= 0 else {
            throw Failure(description: "node.id was negative in configuration file. \(Self.hint)")
        }
        guard (properties["process.roles"] ?? "").contains("controller") else {
            throw Failure(
                description: "process.roles did not contain 'controller' in configuration file. \(Self.hint)")
        }
        self.id = id
        directoryID = try Self.directoryID(properties, disk)
        endpoints = try Self.endpoints(properties)
    }

    private static func directoryID(_ properties: [String: String], _ disk: Disk) throws(Failure) -> UUID {
        let first = properties["log.dirs"].flatMap { $0.split(separator: ",").first }
        guard let directory = properties["metadata.log.dir"] ?? first.map({ trimmed($0) }) else {
            throw Failure(description: "Neither metadata.log.dir nor log.dirs were found. \(hint)")
        }
        let stored: MetaProperties?
        do throws(StorageError) {
            stored = try MetaProperties.read(directory: directory, disk: disk)
        } catch {
            throw Failure(description: "Unable to read meta.properties from \(directory): \(error)")
        }
        guard let stored else { throw Failure(description: "Unable to read meta.properties from \(directory)") }
        guard let id = stored.directoryID else {
            throw Failure(description: "No directory id found in \(directory)")
        }
        return id
    }

    private static func endpoints(_ properties: [String: String]) throws(Failure) -> [VoterEndpoint] {
        var listeners: [String: VoterEndpoint] = [:]
        for key in ["listeners", "advertised.listeners"] {
            for word in (properties[key] ?? "").split(separator: ",") {
                guard let endpoint = endpoint(trimmed(word)) else {
                    throw Failure(description: "Unable to parse \(trimmed(word)) to an endpoint")
                }
                listeners[endpoint.listener] = endpoint
            }
        }
        guard let names = properties["controller.listener.names"] else {
            throw Failure(description: "controller.listener.names was not found. \(hint)")
        }
        var found: [VoterEndpoint] = []
        for word in names.split(separator: ",") {
            let name = trimmed(word).uppercased()
            guard let endpoint = listeners[name] else {
                throw Failure(description: "Cannot find information about controller listener name: \(name)")
            }
            if !found.contains(endpoint) { found.append(endpoint) }
        }
        return found
    }

    /// `NAME://host:port`; without a host it is this machine.
    private static func endpoint(_ text: String) -> VoterEndpoint? {
        guard let mark = text.firstRange(of: "://"), mark.lowerBound != text.startIndex else { return nil }
        let address = text[mark.upperBound...]
        guard let place = HostPort(address.hasPrefix(":") ? "localhost\(address)" : String(address)) else { return nil }
        return VoterEndpoint(listener: text[..<mark.lowerBound].uppercased(), address: place)
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        text.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
    }

    /// What Kafka's tool says of it behind "Added" or "DRY RUN of adding".
    var text: String {
        "controller \(id) with directory id \(directoryID) and endpoints: "
            + endpoints.map(\.description).joined(separator: ", ")
    }
}
