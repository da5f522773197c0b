import KafkaModel

// What single settings and pairs of settings must fulfil for this broker to start. Each refusal names the key and the
// value that has to change.
extension BrokerConfiguration {
    /// Checks every value the layers hold and tells what was set in vain.
    static func check(_ layers: ConfigLayers) throws(ConfigurationError) -> [String] {
        if let ensemble = layers.file["zookeeper.connect"] {
            throw ConfigurationError(
                key: "zookeeper.connect", value: ensemble.trimmed,
                reason: "clusters over ZooKeeper are not served by this version")
        }
        if let authorizer = layers.file["authorizer.class.name"]?.trimmed, !authorizer.isEmpty {
            throw ConfigurationError(
                key: "authorizer.class.name", value: authorizer,
                reason: "access control is not served by this version, and without it everybody may do everything; "
                    + "remove the setting to start nevertheless")
        }
        var notices: [String] = []
        for (name, value) in layers.file.sorted(by: { $0.key < $1.key }) {
            if let notice = try notice(name, value) { notices.append(notice) }
        }
        for layer in [layers.allBrokers, layers.broker] {
            for (name, value) in layer {
                if let definition = BrokerConfigTable.find(name) { _ = try definition.parse(value) }
            }
        }
        return notices
    }

    private static func notice(_ name: String, _ raw: String) throws(ConfigurationError) -> String? {
        guard let definition = BrokerConfigTable.find(name) else {
            guard let base = listenerOverride(name) else { return "\(name) is unknown and has no effect" }
            return "\(name) has no effect: \(base) for a single listener is not served by this version"
        }
        if definition.serving == .removed { return "\(name) has no effect: removed in Kafka 4, ignored" }
        let value = try definition.parse(raw)
        guard let reason = definition.serving.reason, value != definition.parsedDefault else { return nil }
        return "\(name) has no effect: \(reason)"
    }

    /// The setting that `listener.name.<listener>.` or `listener.name.<listener>.<mechanism>.` sets for one listener.
    private static func listenerOverride(_ name: String) -> String? {
        let prefix = "listener.name."
        guard name.hasPrefix(prefix) else { return nil }
        var rest = name.dropFirst(prefix.count)
        for _ in 0..<2 {
            guard let dot = rest.firstIndex(of: ".") else { return nil }
            rest = rest[rest.index(after: dot)...]
            if BrokerConfigTable.find(String(rest)) != nil { return String(rest) }
        }
        return nil
    }

    /// `node.id`, or its old name. A single node that was given none is node 1, as in Kafka's own sample file.
    static func nodeID(_ reader: ConfigReader) throws(ConfigurationError) -> BrokerID {
        let node = try reader.integerIfAny("node.id")
        let broker = reader.isSet("broker.id") ? try reader.integer("broker.id") : nil
        if let node, let broker, node != broker {
            throw reader.refusal("broker.id", "node.id=\(node) says otherwise; the two must be the same")
        }
        let number = node ?? broker ?? 1
        guard number >= 0 else {
            throw reader.refusal(node != nil ? "node.id" : "broker.id", "Value must be at least 0")
        }
        return BrokerID(Int32(truncatingIfNeeded: number))
    }

    static func roles(_ reader: ConfigReader) throws(ConfigurationError) -> Set<ProcessRole> {
        guard let names = try reader.listIfAny("process.roles") else { return [.broker, .controller] }
        let roles = Set(names.compactMap(ProcessRole.init))
        guard roles.contains(.broker) else {
            throw reader.refusal("process.roles", "a controller of its own is not served by this version")
        }
        return roles
    }

    /// A quorum may only be this node alone: starting as a single node what was meant as a member of a cluster would
    /// split the cluster.
    static func checkQuorum(
        _ reader: ConfigReader, nodeID: BrokerID, sockets: ListenerSettings, hostName: String?
    ) throws(ConfigurationError) {
        let alone = "this version serves a single node that is broker and controller together"
        let voters = try reader.list("controller.quorum.voters").compactMap(QuorumVoter.init)
        if let other = voters.first(where: { $0.nodeID != nodeID.rawValue }) {
            throw reader.refusal(
                "controller.quorum.voters", "it names node \(other.nodeID), and this is node \(nodeID); \(alone)")
        }
        let servers = try reader.list("controller.quorum.bootstrap.servers").compactMap { HostPort($0) }
        let own = sockets.controllerListeners + sockets.advertisedControllerListeners
        let hosts =
            ["localhost", "127.0.0.1", "::1"] + [hostName].compactMap { $0 }
            + (sockets.listeners + sockets.advertisedListeners + own).map(\.host).filter { !$0.isEmpty }
        for server in servers
        where !hosts.contains(server.host) || !own.contains(where: { $0.port == server.port }) {
            throw reader.refusal(
                "controller.quorum.bootstrap.servers",
                "\(server) is not a listener of this node that controller.listener.names has; \(alone)")
        }
    }

    /// -1 leaves the size to the system.
    static func bufferBytes(_ reader: ConfigReader, _ name: String) throws(ConfigurationError) -> Int? {
        let bytes = try reader.count(name)
        guard bytes >= -1 else { throw reader.refusal(name, "Value must be at least -1") }
        return bytes > 0 ? bytes : nil
    }

    static func addressCounts(_ reader: ConfigReader) throws(ConfigurationError) -> [String: Int] {
        let text = try reader.text("max.connections.per.ip.overrides") ?? ""
        return text.listElements.compactMap { AddressCount($0) }
            .reduce(into: [:]) { $0[$1.host] = $1.count }
    }

    /// Pairs of settings that contradict each other.
    func checkTogether(_ reader: ConfigReader) throws(ConfigurationError) {
        if let bytes = queuedRequestBytesMax, bytes < requestBytesMax {
            throw reader.refusal(
                "queued.max.request.bytes", "it must be at least socket.request.max.bytes, which is \(requestBytesMax)")
        }
        if connectionsPerAddressMax == 0, connectionsPerAddressOverrides.isEmpty {
            throw reader.refusal(
                "max.connections.per.ip", "0 is allowed only when max.connections.per.ip.overrides names addresses")
        }
        if !logDirectories.contains(metadataLogDirectory) && !reader.isSet("metadata.log.dir") {
            throw reader.refusal("log.dirs", "At least one log directory must be defined via log.dirs or log.dir.")
        }
        let defaults = try TopicConfiguration(overrides: [:], broker: self)
        if defaults.segmentMs < 1 { throw reader.refusal("log.roll.ms", "Value must be at least 1") }
        if defaults.segmentJitterMs < 0 { throw reader.refusal("log.roll.jitter.ms", "Value must be at least 0") }
        if defaults.retentionMs < 1, defaults.retentionMs != -1 {
            let name = layers.raw(BrokerConfigTable.siblings(of: "log.retention.ms"))?.name ?? "log.retention.hours"
            throw reader.refusal(name, "must be unlimited (-1) or at least 1")
        }
    }
}
