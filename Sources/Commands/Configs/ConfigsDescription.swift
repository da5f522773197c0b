import CommandLine
import KafkaClient
import KafkaModel

/// `skafka configs --describe`.
struct ConfigsDescription {
    let entities: [ConfigEntity]
    let showsAll: Bool
    let form: OutputForm
    let admin: Admin
    let environment: Environment

    private var entity: ConfigEntity { entities[0] }

    func run() throws(ClientError) -> ExitCode {
        if let kind = entity.kind.resource { return try describe(kind) }
        return try describeQuotas()
    }

    private func describe(_ kind: ConfigResource.Kind) throws(ClientError) -> ExitCode {
        let names: [String]
        switch entity.name {
        case .byDefault: names = [""]
        case .named(let name):
            if entity.kind == .topics, let problem = TopicName.problem(with: name) {
                environment.console.tell("Topic name is invalid: \(problem)")
                return .failed
            }
            if !showsAll, let existing = try existing(), !existing.contains(name) {
                environment.console.tell(
                    "The \(entity.kind.singular) '\(name)' doesn't exist and doesn't have dynamic config.")
                if entity.kind != .brokers, let near = nearest(to: name, among: existing) {
                    environment.console.tell("Did you mean \(near)?")
                }
                return .failed
            }
            names = [name]
        case .any: names = try existing() ?? []
        }
        guard !names.isEmpty || form != .text else { return .done }
        var details: Admin.ConfigDetails = form == .csv || form == .table ? [] : .synonyms
        if showsAll, form == .json || form == .jsonl || form == .yaml { details.insert(.documentation) }
        let found = try admin.describeConfigs(names.map { ConfigResource(kind, $0) }, details)
        var report = ConfigsReport(kind: entity.kind, showsAll: showsAll)
        for description in found {
            guard description.error == .none else {
                throw ClientError(
                    "the cluster", .receive(.describeConfigs),
                    .refused(description.error, message: description.message))
            }
            report.add(description)
        }
        if form == .text {
            environment.console.write(report.text)
        } else {
            environment.print(report.rows, as: form)
        }
        return .done
    }

    /// The entities of the kind that there are; nil where the cluster cannot tell.
    private func existing() throws(ClientError) -> [String]? {
        switch entity.kind {
        case .topics: return try admin.topicsAndCluster().topics.map(\.name).sorted()
        case .brokers, .brokerLoggers:
            let ids = try admin.describeCluster().brokers.map { String($0.id) }
            return entity.kind == .brokers ? ids + [""] : ids
        case .clientMetrics: return try admin.configResources(.clientMetrics)
        case .groups: return try groups()
        case .clients, .users, .ips: return nil
        }
    }

    /// Those that exist, and those that have settings and do not exist yet.
    private func groups() throws(ClientError) -> [String]? {
        var names = try admin.groupIDs()
        do throws(ClientError) {
            for name in try admin.configResources(.group) where !names.contains(name) { names.append(name) }
        } catch {
            guard error.isUnsupported || error.code == .clusterAuthorizationFailed else { throw error }
            return entity.name == .any ? names : nil
        }
        return names
    }

    private func describeQuotas() throws(ClientError) -> ExitCode {
        var report = QuotasReport()
        report.quotas = try admin.describeClientQuotas(entities.compactMap(\.quotaMatch))
        var code = ExitCode.done
        if entities.count == 1, entity.kind == .users, entity.name != .byDefault {
            let users: [String]? = if case .named(let name) = entity.name { [name] } else { nil }
            do throws(ClientError) {
                let described = try admin.describeSCRAMCredentials(users)
                for user in described where user.error != .none && user.error != .resourceNotFound {
                    environment.console.tell(
                        "Error retrieving SCRAM credential configs for user-principal '\(user.user)': "
                            + "\(user.message ?? user.error.message) (\(user.error.name))")
                    code = .failed
                }
                report.credentials = described.filter { $0.error == .none }
            } catch {
                guard error.isUnsupported else { throw error }
                environment.console.tell("skafka: SCRAM credentials are not shown: \(error)")
            }
        }
        if form == .text {
            environment.console.write(report.text)
        } else {
            environment.print(report.rows, as: form)
        }
        return code
    }
}
