import CommandLine
import Configuration
import Glibc
import KafkaModel
import Posix
import Storage

/// The data directories and partitions that a `skafka log` command works on.
struct LogPlaces {
    /// A data directory, and those partitions of it that were asked for.
    struct Directory {
        let survey: DirectorySurvey
        var places: [DirectorySurvey.Place]
        /// The whole directory was asked for, so what is not a partition's counts too.
        let isWhole: Bool
        /// A broker has it.
        let isInUse: Bool
    }

    enum Failure: Error, CustomStringConvertible {
        case missing(String)
        case file(String)
        case empty(String)
        case notData(String)
        case noSuchTopic(String)
        case storage(StorageError)
        case configuration(ConfigurationFile.Failure)

        var description: String {
            switch self {
            case .missing(let path): "\(path) does not exist"
            case .file(let path): "\(path) is a file, not a directory; 'skafka dump-log --files' prints files"
            case .empty(let path): "\(path) is empty: no broker ever used it"
            case .notData(let path):
                "\(path) is no data directory: it has neither \(MetaProperties.fileName) nor partitions"
            case .noSuchTopic(let name): "there is no \(name) in these directories"
            case .storage(let error): "\(error)"
            case .configuration(let error): "\(error)"
            }
        }
    }

    private(set) var directories: [Directory] = []
    private let disk: Disk

    /// The directories of the command line, read; nil when it was told why not.
    static func find(
        _ arguments: Arguments, _ environment: Environment, attempt: String, disk: Disk = .real
    ) throws(UsageError) -> LogPlaces? {
        guard !arguments.operands.isEmpty || arguments.has("config") else {
            throw UsageError(
                "it needs a data directory, or --config with the properties file of a broker",
                hint: "For instance: skafka log \(arguments.path.first ?? "list") /tmp/kafka-logs")
        }
        do throws(Failure) {
            return try LogPlaces(arguments, environment, disk)
        } catch {
            environment.complain("cannot \(attempt): \(error)")
            return nil
        }
    }

    private init(_ arguments: Arguments, _ environment: Environment, _ disk: Disk) throws(Failure) {
        self.disk = disk
        var names: [TopicPartition] = []
        for operand in arguments.operands {
            if arguments.has("config"), !operand.contains("/"), !disk.exists(operand),
                case .partition(let partition) = PartitionDirectoryName(operand)
            {
                names.append(partition)
            } else {
                try add(operand)
            }
        }
        if let path = arguments.value("config"), names.count == arguments.operands.count {
            let configuration: BrokerConfiguration
            do { configuration = try ConfigurationFile.load(path: path, hostName: environment.hostName) } catch {
                throw .configuration(error)
            }
            for directory in StorageTool.directories(configuration) { try add(directory) }
        }
        try select(arguments, names)
        for directory in directories where directory.isInUse {
            environment.complain(
                "a broker is using \(directory.survey.path); what it writes meanwhile may look unfinished")
        }
    }

    /// The same places, as they are now; nil when one is gone.
    init?(readAgain former: LogPlaces) {
        disk = former.disk
        for directory in former.directories {
            guard directory.places.first?.state != .copy else {
                directories.append(directory)
                continue
            }
            do throws(StorageError) {
                let survey = try DirectorySurvey(directory.survey.path, disk: disk)
                directories.append(
                    Directory(survey: survey, places: directory.places, isWhole: directory.isWhole, isInUse: false))
            } catch {
                return nil
            }
        }
    }

    private mutating func add(_ word: String) throws(Failure) {
        let path = Self.resolved(word)
        guard disk.exists(path) else { throw .missing(word) }
        guard disk.isDirectory(path) else { throw .file(word) }
        do throws(StorageError) {
            if let (survey, place) = try partition(path) {
                merge(survey, [place], isWhole: false)
                return
            }
            let survey = try DirectorySurvey(path, disk: disk)
            guard survey.isDataDirectory else {
                throw StorageError.identityMismatch(path: path, reason: "")
            }
            merge(survey, survey.places, isWhole: true)
            return
        } catch {
            guard case .identityMismatch = error else { throw .storage(error) }
        }
        let isEmpty: Bool
        do throws(SystemError) { isEmpty = try disk.list(path).isEmpty } catch { throw .storage(.io(error)) }
        throw isEmpty ? .empty(word) : .notData(word)
    }

    /// A path that ends with the name of its directory, which may be that of a partition.
    private static func resolved(_ word: String) -> String {
        var path = word
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        let last = path.split(separator: "/").last ?? ""
        guard last == "." || last == ".." || !path.contains("/"), let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return last == "." || last == ".." ? String(cString: real) : "./" + path
    }

    /// The partition whose directory this is, with the survey of the data directory around it.
    private func partition(_ path: String) throws(StorageError) -> (DirectorySurvey, DirectorySurvey.Place)? {
        let files = try PartitionFiles(path, disk: disk)
        guard !files.segments.isEmpty || disk.exists(path + "/" + PartitionMetadata.fileName) else { return nil }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            let survey = try DirectorySurvey(String(path[..<slash]), disk: disk)
            let isData = survey.properties != nil || survey.checkpoints.contains { $0.exists }
            if isData, let place = survey.places.first(where: { $0.path == path }) { return (survey, place) }
        }
        let survey = DirectorySurvey(copyAt: path)
        return (survey, survey.places[0])
    }

    private mutating func merge(_ survey: DirectorySurvey, _ places: [DirectorySurvey.Place], isWhole: Bool) {
        let index = directories.firstIndex { $0.survey.path == survey.path && $0.isWhole == isWhole }
        guard let index, places.first?.state != .copy else {
            directories.append(
                Directory(survey: survey, places: places, isWhole: isWhole, isInUse: isInUse(survey.path)))
            return
        }
        let known = Set(directories[index].places.map(\.path))
        directories[index].places += places.filter { !known.contains($0.path) }
    }

    private func isInUse(_ path: String) -> Bool {
        let lock = path + "/.lock"
        guard disk.exists(lock) else { return false }
        do throws(SystemError) { return try disk.open(lock, .read).isLockedElsewhere } catch { return false }
    }

    /// Keeps what `--topic`, `--partition` and names of partitions select.
    private mutating func select(_ arguments: Arguments, _ names: [TopicPartition]) throws(Failure) {
        let topics = Set(arguments.values("topic"))
        let numbers = Set(arguments.values("partition"))
        for index in directories.indices {
            directories[index].places.removeAll { place in
                let partition = place.partition
                return !(topics.isEmpty || topics.contains(partition.topic))
                    || !(numbers.isEmpty || numbers.contains("\(partition.partition)"))
                    || !(names.isEmpty || names.contains(partition))
            }
        }
        let found = Set(directories.flatMap { $0.places.map(\.partition) })
        for topic in topics.sorted() where !found.contains(where: { $0.topic == topic }) {
            throw .noSuchTopic("topic \(topic)")
        }
        for name in names where !found.contains(name) { throw .noSuchTopic("partition \(name)") }
    }
}
