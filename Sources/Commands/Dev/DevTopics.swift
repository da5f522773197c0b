import CLinux
import Glibc
import KafkaClient
import KafkaModel
import KafkaProtocol
import Posix

/// Creates the topics of a throw-away broker on a thread of its own, so that signals are heard meanwhile. Whoever begins it
/// ends it, before the next fork.
final class DevTopics {
    /// Readable when it is done.
    let descriptor: CInt
    private let interruption = Interruption()
    private let problem = Guarded<String?>(nil)
    private var thread: Thread?

    init(_ topics: [DevRequest.Topic], at address: String) {
        descriptor = eventfd(0, CInt(EFD_CLOEXEC))
        thread = Thread(name: "dev-topics") { [descriptor, interruption, problem] in
            let found = Self.create(topics, at: address, interruption)
            problem.withLock { $0 = found }
            var one: UInt64 = 1
            _ = write(descriptor, &one, 8)
        }
    }

    deinit {
        _ = end()
        if descriptor >= 0 { close(descriptor) }
    }

    /// Ends it, if it is not done. What went wrong until then, if anything.
    func end() -> String? {
        interruption.raise()
        thread?.join()
        thread = nil
        return problem.withLock { $0 }
    }

    private static func create(
        _ topics: [DevRequest.Topic], at address: String, _ interruption: Interruption
    ) -> String? {
        var creation = CreateTopicsRequest()
        creation.topics = topics.map { topic in
            var one = CreateTopicsRequest.CreatableTopic()
            one.name = topic.name
            one.numPartitions = topic.partitions
            one.replicationFactor = -1
            return one
        }
        do {
            let configuration = try ClientConfiguration(["bootstrap.servers": address], defaultClientID: "skafka-dev")
            let admin = Admin(configuration, interruption: interruption)
            let cluster = try admin.describeCluster()
            for result in try admin.ask(cluster.controllerID, creation).topics where result.errorCode != 0 {
                let code = ErrorCode(code: result.errorCode)
                return "cannot create topic '\(result.name)': \(result.errorMessage ?? code.message) (\(code.name))"
            }
            return nil
        } catch {
            return "cannot create the topics: \(error)"
        }
    }
}
