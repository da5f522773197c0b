import CommandLine
import KafkaClient
import KafkaModel
import Security

/// `skafka configs --alter`.
struct ConfigsChange {
    let entities: [ConfigEntity]
    let change: ConfigsRequest.Change
    let admin: Admin
    let environment: Environment

    /// The keys of users and clients that are quotas.
    static let quotaKeys: Set<String> = [
        "producer_byte_rate", "consumer_byte_rate", "request_percentage", "controller_mutation_rate",
    ]
    static let addressKeys: Set<String> = ["connection_creation_rate"]

    private var entity: ConfigEntity { entities[0] }

    func run() throws(ClientError) -> ExitCode {
        do throws(Stop) {
            switch entity.kind {
            case .topics, .brokers, .clientMetrics, .groups: try alterResource()
            case .brokerLoggers: try alterLoggers()
            case .users, .clients: try alterClients()
            case .ips: try alterAddresses()
            }
        } catch {
            switch error {
            case .failed(let error): throw error
            case .refused(let message, let hint):
                environment.console.tell(message)
                if let hint { environment.console.tell(hint) }
                return .failed
            }
        }
        switch entity.name {
        case .named(let name):
            environment.console.print("Completed updating config for \(entity.kind.singular) \(name).")
        case .byDefault, .any:
            environment.console.print("Completed updating default config for \(entity.kind.rawValue) in the cluster.")
        }
        return .done
    }

    private enum Stop: Error {
        case refused(String, hint: String? = nil)
        case failed(ClientError)
    }

    private func asking<Value>(_ body: () throws(ClientError) -> Value) throws(Stop) -> Value {
        do throws(ClientError) { return try body() } catch { throw .failed(error) }
    }

    private var resource: ConfigResource {
        let name = if case .named(let name) = entity.name { name } else { "" }
        return ConfigResource(entity.kind.resource ?? .topic, name)
    }

    private var changes: [ConfigChange] {
        change.delete.map { ConfigChange(.delete, $0, "") } + change.set.map { ConfigChange(.set, $0.key, $0.value) }
    }

    private func alterResource() throws(Stop) {
        try asking { () throws(ClientError) in try admin.alterConfigs(resource, changes) }
    }

    /// A logger that is not there would be made by its name; it is more likely a mistake.
    private func alterLoggers() throws(Stop) {
        let description = try asking { () throws(ClientError) in try admin.describeConfigs([resource])[0] }
        guard description.error == .none else {
            throw .refused("\(description.message ?? description.error.message) (\(description.error.name))")
        }
        let known = description.entries.map(\.name)
        let unknown =
            change.delete.filter { !known.contains($0) } + change.set.map(\.key).filter { !known.contains($0) }
        guard unknown.isEmpty else {
            throw .refused(
                "Invalid broker logger(s): \(unknown.joined(separator: ","))",
                hint: nearest(to: unknown[0], among: known).map { "Did you mean \($0)?" })
        }
        try alterResource()
    }

    private func alterClients() throws(Stop) {
        let mechanisms = Set(SCRAMHash.allCases.map(\.mechanism))
        let set = change.set.map(\.key)
        func unexpected(_ keys: [String], _ allowed: Set<String>) -> [String] { keys.filter { !allowed.contains($0) } }
        // What concerns a client can only be a quota.
        let isAboutClients = entities.contains { $0.kind == .clients }
        let allowed = isAboutClients ? Self.quotaKeys : Self.quotaKeys.union(mechanisms)
        let what = isAboutClients ? "quota" : "quota and SCRAM credential"
        let type = isAboutClients ? "clients" : "users"
        for (keys, verb) in [(set, "added"), (change.delete, "deleted")] {
            let wrong = unexpected(keys, allowed)
            guard !wrong.isEmpty else { continue }
            throw .refused(
                "Only \(what) configs can be \(verb) for '\(type)' using --bootstrap-server. Unexpected config names: "
                    + wrong.joined(separator: ","),
                hint: nearest(to: wrong[0], among: allowed.sorted()).map { "Did you mean \($0)?" })
        }
        let isAboutSCRAM = (set + change.delete).contains { mechanisms.contains($0) }
        guard isAboutSCRAM else {
            try alterQuotas()
            return
        }
        guard case .named(let user) = entity.name else {
            throw .refused(
                "The use of --entity-default or --user-defaults is not allowed with User SCRAM Credentials using "
                    + "--bootstrap-server.")
        }
        guard !(set + change.delete).contains(where: { Self.quotaKeys.contains($0) }) else {
            throw .refused(
                "Cannot alter both quota and SCRAM credential configs simultaneously for 'users' using "
                    + "--bootstrap-server.")
        }
        var credentials: [SCRAMChange] = []
        for mechanism in SCRAMHash.allCases {
            if change.delete.contains(mechanism.mechanism) { credentials.append(.delete(mechanism)) }
            if let setting = change.set.first(where: { $0.key == mechanism.mechanism }) {
                credentials.append(try Self.credential(mechanism, setting.value))
            }
        }
        try asking { () throws(ClientError) in try admin.alterSCRAMCredentials(user: user, credentials) }
    }

    /// `iterations=8192,password=secret`, the first of which may be left out.
    private static func credential(_ mechanism: SCRAMHash, _ text: String) throws(Stop) -> SCRAMChange {
        func invalid(_ hint: String? = nil) -> Stop {
            .refused(
                "Invalid credential property \(mechanism.mechanism)=\(text)",
                hint: hint ?? "It is written \(mechanism.mechanism)=[iterations=8192,password=secret].")
        }
        var rest = text[...]
        var iterations = SCRAMHash.iterationsMin
        if rest.hasPrefix("iterations="), let comma = rest.firstIndex(of: ",") {
            let word = rest[rest.index(rest.startIndex, offsetBy: 11)..<comma]
            rest = rest[rest.index(after: comma)...]
            guard let number = Int32(word) else { throw invalid() }
            iterations = number == -1 ? SCRAMHash.iterationsMin : number
        }
        guard rest.hasPrefix("password=") else { throw invalid() }
        guard iterations >= SCRAMHash.iterationsMin else {
            throw .refused(
                "Iterations \(iterations) is less than the minimum \(SCRAMHash.iterationsMin) required for "
                    + mechanism.mechanism)
        }
        return .set(mechanism, iterations: iterations, password: String(rest.dropFirst(9)))
    }

    private func alterAddresses() throws(Stop) {
        let unknown = (change.set.map(\.key) + change.delete).filter { !Self.addressKeys.contains($0) }
        guard unknown.isEmpty else {
            throw .refused(
                "Only connection quota configs can be added for 'ips' using --bootstrap-server. Unexpected config "
                    + "names: \(unknown.joined(separator: ", "))")
        }
        try alterQuotas()
    }

    private func alterQuotas() throws(Stop) {
        let matches = entities.compactMap(\.quotaMatch)
        if !change.delete.isEmpty {
            let found = try asking { () throws(ClientError) in try admin.describeClientQuotas(matches) }
            let old = found.first?.values.map(\.key) ?? []
            let missing = change.delete.filter { !old.contains($0) }
            guard missing.isEmpty else { throw .refused("Invalid config(s): \(missing.joined(separator: ","))") }
        }
        var values: [ClientQuota.Value] = []
        for setting in change.set {
            guard let value = Double(setting.value) else {
                throw .refused("Cannot parse quota configuration value for \(setting.key): \(setting.value)")
            }
            values.append(ClientQuota.Value(setting.key, value))
        }
        let targets = entities.compactMap { entity in
            entity.kind.quota.map { kind in
                if case .named(let name) = entity.name {
                    ClientQuota.Entity(kind, name)
                } else {
                    ClientQuota.Entity(kind, nil)
                }
            }
        }
        try asking { () throws(ClientError) in
            try admin.alterClientQuotas(targets, set: values, remove: change.delete)
        }
    }
}

extension ConfigEntity {
    /// The quotas of it.
    var quotaMatch: Admin.QuotaMatch? {
        guard let quota = kind.quota else { return nil }
        switch name {
        case .any: return Admin.QuotaMatch(quota, .any)
        case .byDefault: return Admin.QuotaMatch(quota, .byDefault)
        case .named(let name): return Admin.QuotaMatch(quota, .only(name))
        }
    }
}
