import Bytes
import CommandLine
import Posix
import Storage

/// `skafka storage info`: what `meta.properties` says in each directory, and whether the directories agree.
enum StorageInfo {
    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        let form = try OutputForm(arguments)
        guard
            let configuration = StorageTool.configuration(arguments, environment, attempt: "examine log directories")
        else { return .failed }
        let report = examine(StorageTool.directories(configuration), disk: .real)
        if form == .text {
            for line in report.lines { environment.console.print(line) }
        } else {
            environment.print([report.row], as: form)
        }
        return report.problems.isEmpty ? .done : .failed
    }

    struct Report {
        var found: [String] = []
        var problems: [String] = []
        var first: MetaProperties?

        var lines: [String] {
            var lines: [String] = []
            if !found.isEmpty {
                lines += [found.count == 1 ? "Found log directory:" : "Found log directories:"]
                lines += found.map { "  \($0)" } + [""]
            }
            if let first { lines += ["Found metadata: \(text(first))", ""] }
            if !problems.isEmpty {
                lines += [problems.count == 1 ? "Found problem:" : "Found problems:"]
                lines += problems.map { "  \($0)" } + [""]
            }
            return lines
        }

        var row: StructuredValue {
            [
                "directories": .list(found.map { .string($0) }), "version": first.map { .int($0.version) } ?? .null,
                "clusterId": .optional(first?.clusterID), "nodeId": first?.nodeID.map { .int($0) } ?? .null,
                "directoryId": .optional(first?.directoryID?.description),
                "problems": .list(problems.map { .string($0) }),
            ]
        }

        /// The properties in the order of their names, as Kafka prints them.
        private func text(_ properties: MetaProperties) -> String {
            var pairs: [String] = []
            if properties.version == 0, let id = properties.nodeID { pairs.append("broker.id=\(id)") }
            if let id = properties.clusterID { pairs.append("cluster.id=\(id)") }
            if let id = properties.directoryID { pairs.append("directory.id=\(id)") }
            if properties.version != 0, let id = properties.nodeID { pairs.append("node.id=\(id)") }
            return "{" + (pairs + ["version=\(properties.version)"]).joined(separator: ", ") + "}"
        }
    }

    static func examine(_ directories: [String], disk: Disk) -> Report {
        var report = Report()
        for directory in directories {
            guard disk.exists(directory) else {
                report.problems.append("\(directory) does not exist")
                continue
            }
            guard disk.isDirectory(directory) else {
                report.problems.append("\(directory) is not a directory")
                continue
            }
            report.found.append(directory)
            do throws(StorageError) {
                guard let properties = try MetaProperties.read(directory: directory, disk: disk) else {
                    report.problems.append("\(directory) is not formatted.")
                    continue
                }
                guard let first = report.first else {
                    report.first = properties
                    continue
                }
                if first.clusterID != properties.clusterID {
                    report.problems.append("Mismatched cluster IDs between storage directories.")
                } else if first.nodeID != properties.nodeID {
                    report.problems.append("Mismatched node IDs between storage directories.")
                }
            } catch {
                report.problems.append("Error loading \(directory)/\(MetaProperties.fileName): \(error)")
            }
        }
        if report.first?.version == 0 {
            report.problems.append(
                "The kafka configuration file appears to be for a cluster in KRaft mode, but the directories are "
                    + "formatted for legacy mode.")
        }
        return report
    }
}
