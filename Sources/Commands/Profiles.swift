import Configuration
import Glibc
import Posix

/// Named clusters, each with the settings a client needs for it, from a file that a person keeps: Java's properties
/// under headings.
///
///     [production]
///     bootstrap.servers=kafka1:9092,kafka2:9092
struct Profiles {
    struct Profile: Equatable {
        let name: String
        /// Of its heading.
        let line: Int
        var settings: [String: String] = [:]
    }

    enum Failure: Error, CustomStringConvertible {
        case unreadable(SystemError)
        case malformed(path: String, line: Int, reason: String)
        case missing(name: String, path: String)
        case homeless

        var description: String {
            switch self {
            case .unreadable(let error): error.description
            case .malformed(let path, let line, let reason): "\(path):\(line): \(reason)"
            case .missing(let name, let path): "there is no profile '\(name)' in \(path)"
            case .homeless: "neither XDG_CONFIG_HOME nor HOME says where profiles are kept"
            }
        }
    }

    let path: String
    let all: [Profile]

    /// Where the file is: `skafka/profiles.conf` in the directory for configuration.
    static func path(_ environment: Environment) throws(Failure) -> String {
        if let directory = environment.variable("XDG_CONFIG_HOME"), directory.hasPrefix("/") {
            return directory + "/skafka/profiles.conf"
        }
        guard let home = environment.variable("HOME"), !home.isEmpty else { throw .homeless }
        return home + "/.config/skafka/profiles.conf"
    }

    /// All profiles of the person; none when there is no file.
    static func read(_ environment: Environment) throws(Failure) -> Profiles {
        let path = try path(environment)
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try Disk.real.stream(path, limit: 1 << 20)
        } catch {
            if [ENOENT, ENOTDIR].contains(error.errno.code) { return Profiles(path: path, all: []) }
            throw .unreadable(error)
        }
        return try Profiles(bytes, path: path)
    }

    private init(path: String, all: [Profile]) {
        self.path = path
        self.all = all
    }

    init(_ bytes: [UInt8], path: String) throws(Failure) {
        let properties: [PropertiesFile.Property]
        do throws(ConfigurationError) {
            properties = try PropertiesFile.parse(bytes: bytes)
        } catch {
            throw .malformed(path: path, line: error.line ?? 0, reason: error.reason)
        }
        var all: [Profile] = []
        for property in properties {
            func refused(_ reason: String) -> Failure { .malformed(path: path, line: property.line, reason: reason) }
            if property.key.hasPrefix("[") {
                let name = property.key.dropFirst().dropLast()
                guard property.key.hasSuffix("]"), !name.isEmpty, property.value.isEmpty else {
                    throw refused("a heading is a name without spaces in brackets: [name]")
                }
                if let other = all.first(where: { $0.name == name }) {
                    throw refused("the profile '\(name)' begins in line \(other.line) already")
                }
                all.append(Profile(name: String(name), line: property.line))
            } else {
                guard !all.isEmpty else { throw refused("'\(property.key)' stands before the first [heading]") }
                all[all.count - 1].settings[property.key] = property.value
            }
        }
        self.init(path: path, all: all)
    }

    func profile(_ name: String) throws(Failure) -> Profile {
        guard let profile = all.first(where: { $0.name == name }) else { throw .missing(name: name, path: path) }
        return profile
    }
}
