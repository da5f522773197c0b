import Bytes
import CommandLine
import Configuration
import KafkaModel
import Metadata
import Posix
import Storage
import Timing

/// `skafka storage format`: decides from what the directories hold, then lets `Formatting` write.
enum StorageFormat {
    static func run(_ arguments: Arguments, _ environment: Environment) -> ExitCode {
        guard
            let configuration = StorageTool.configuration(arguments, environment, attempt: "format log directories")
        else { return .failed }
        do throws(FormatRefusal) {
            let request = try FormatRequest(arguments, configuration)
            let holding = try identities(StorageTool.directories(configuration))
            let plan = try FormatPlan(request, holding: holding)
            if plan.directories.isEmpty {
                environment.console.print("All of the log directories are already formatted.")
            }
            var records: [MetadataRecord] = []
            for credential in request.credentials {
                records.append(.userScramCredential(try credential.record()))
            }
            for directory in plan.directories {
                environment.console.print(
                    "Formatting \(directory.kind.name) \(directory.path) with metadata.version \(request.release).")
                try write(directory, request, records)
            }
            return .done
        } catch {
            environment.console.tell(error.description)
            return .failed
        }
    }

    private static func identities(
        _ directories: [String]
    ) throws(FormatRefusal) -> [(path: String, properties: MetaProperties?)] {
        do throws(MetadataError) {
            return try Formatting.identities(of: directories).map { (path: $0.directory, properties: $0.identity) }
        } catch {
            throw FormatRefusal("\(error)")
        }
    }

    private static func write(
        _ directory: FormatPlan.Directory, _ request: FormatRequest, _ records: [MetadataRecord]
    ) throws(FormatRefusal) {
        do throws(MetadataError) {
            try Formatting.format(
                [directory.path],
                Formatting.Request(
                    clusterID: request.clusterID, nodeID: request.nodeID, level: request.release,
                    features: request.features, records: records),
                now: Clock.system.timestamp)
        } catch {
            throw FormatRefusal("\(error)")
        }
        guard case .dynamicVoter(let directoryID?) = directory.kind else { return }
        do throws(StorageError) {
            try MetaProperties(
                clusterID: request.clusterID, nodeID: request.nodeID.rawValue, directoryID: directoryID
            ).write(directory: directory.path, disk: .real)
        } catch {
            throw FormatRefusal("\(error)")
        }
    }
}
