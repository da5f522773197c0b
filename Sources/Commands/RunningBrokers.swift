import Configuration
import Glibc
import KafkaModel
import Posix

/// The brokers among the processes of this machine, found by how they were started.
enum RunningBrokers {
    struct Process: Equatable {
        let id: pid_t
        /// The words of the start command after its name.
        let words: [String]
        let workingDirectory: String?

        /// Whether it is the node or plays the role that is asked for.
        func matches(node: Int32?, role: String?) -> Bool {
            guard node != nil || role != nil else { return true }
            guard let configuration else { return false }
            if let node { return configuration.nodeID.rawValue == node }
            return configuration.roles.contains { $0.rawValue == role }
        }

        /// Whether it can be told which node it is.
        var isDescribed: Bool { configuration != nil }

        /// What it was started with, if its file can still be read.
        private var configuration: BrokerConfiguration? {
            var file: String?
            var overrides: [String] = []
            var rest = words[...]
            while let word = rest.popFirst() {
                if word == "--override" {
                    if let value = rest.popFirst() { overrides.append(value) }
                } else if word.hasPrefix("--override=") {
                    overrides.append(String(word.dropFirst("--override=".count)))
                } else if !word.hasPrefix("-") {
                    file = word.hasPrefix("/") ? word : (workingDirectory ?? ".") + "/" + word
                }
            }
            // What a shell gave it as a pipe was read by it alone; here the name means something else, or waits for ever.
            if let file, file.hasPrefix("/dev/") || file.hasPrefix("/proc/") { return nil }
            do throws(ConfigurationFile.Failure) {
                return try ConfigurationFile.load(path: file, overrides: overrides, hostName: nil)
            } catch {
                return nil
            }
        }
    }

    static func find(in root: String) -> [Process] {
        let entries: [Disk.Entry]
        do throws(SystemError) {
            entries = try Disk.real.list(root)
        } catch {
            return []
        }
        return entries.compactMap { pid_t($0.name) }.sorted().compactMap { process($0, root: root) }
    }

    private static func process(_ id: pid_t, root: String) -> Process? {
        guard id != getpid(), let words = commandLine("\(root)/\(id)/cmdline"), let first = words.first else {
            return nil
        }
        let name = first.split(separator: "/").last.map(String.init) ?? ""
        let workingDirectory = target("\(root)/\(id)/cwd")
        if name == "kafka-server-start.sh" || name == "kafka-server-start" {
            return Process(id: id, words: Array(words.dropFirst()), workingDirectory: workingDirectory)
        }
        guard name == "skafka", words.dropFirst().first == "server-start" else { return nil }
        return Process(id: id, words: Array(words.dropFirst(2)), workingDirectory: workingDirectory)
    }

    /// The words of a process, which the kernel separates by zeros. Such files tell no size, so they are read in pieces.
    private static func commandLine(_ path: String) -> [String]? {
        do throws(SystemError) {
            let file = try Disk.real.open(path, .read)
            var bytes: [UInt8] = []
            while bytes.count < 1 << 20 {
                let piece = try file.read(count: 4096, at: Int64(bytes.count))
                bytes += piece
                if piece.count < 4096 { break }
            }
            return bytes.split(separator: 0, omittingEmptySubsequences: true).map {
                String(decoding: $0, as: UTF8.self)
            }
        } catch {
            return nil
        }
    }

    private static func target(_ link: String) -> String? {
        let bytes = [CChar](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
            count = buffer.baseAddress.map { max(0, readlink(link, $0, buffer.count)) } ?? 0
        }
        return bytes.isEmpty ? nil : String(decoding: bytes.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
