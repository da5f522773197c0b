import Configuration
import Posix

/// A broker's properties file with the overrides of the command line.
enum ConfigurationFile {
    enum Failure: Error, CustomStringConvertible {
        case unreadable(SystemError)
        case malformed(path: String, ConfigurationError)
        case refused(ConfigurationError)
        case noDefinition(override: String)

        var description: String {
            switch self {
            case .unreadable(let error): error.description
            case .malformed(let path, let error):
                error.line.map { "\(path):\($0): \(error.reason)" } ?? "\(path): \(error)"
            case .refused(let error): error.description
            case .noDefinition(let word): "the override '\(word)' is not of the form property=value"
            }
        }
    }

    /// The broker that a file and the overrides describe; without a file, one for a developer.
    static func load(
        path: String?, overrides: [String] = [], hostName: String?
    ) throws(Failure) -> BrokerConfiguration {
        var properties = try path.map(read) ?? BrokerConfiguration.developerProperties
        for word in overrides {
            guard let equals = word.firstIndex(of: "="), equals != word.startIndex else {
                throw .noDefinition(override: word)
            }
            properties[String(word[..<equals])] = String(word[word.index(after: equals)...])
        }
        do throws(ConfigurationError) {
            return try BrokerConfiguration(properties: properties, hostName: hostName)
        } catch {
            throw .refused(error)
        }
    }

    static func read(_ path: String) throws(Failure) -> [String: String] {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try Disk.real.stream(path, limit: 16 << 20)
        } catch {
            throw .unreadable(error)
        }
        do throws(ConfigurationError) {
            return try PropertiesFile.parse(bytes: bytes).reduce(into: [:]) { $0[$1.key] = $1.value }
        } catch {
            throw .malformed(path: path, error)
        }
    }
}
