import Bytes
public import KafkaModel
import KafkaProtocol

/// The settings of a resource, or why they are not told.
public struct ConfigDescription: Sendable {
    public let resource: ConfigResource
    public let error: ErrorCode
    public let message: String?
    public let entries: [DescribedConfig]
    /// How many settings there are, those that were left out included.
    public let count: Int

    public init(
        _ resource: ConfigResource, error: ErrorCode = .none, message: String? = nil, entries: [DescribedConfig],
        count: Int? = nil
    ) {
        self.count = count ?? entries.count
        self.resource = resource
        self.error = error
        self.message = message
        self.entries = entries
    }
}

/// Settings: looking and changing.
extension Admin {
    /// What is told besides names and values.
    public struct ConfigDetails: OptionSet, Sendable {
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }

        public static let synonyms = ConfigDetails(rawValue: 1)
        public static let documentation = ConfigDetails(rawValue: 2)
    }

    /// Which settings somebody wants to see. A thousand topics have 33,000 of them.
    public enum ConfigSelection: Sendable {
        case all
        /// Those that are not left at their defaults, and these.
        case changed(besides: Set<String>)
    }

    /// How many resources one answer may describe. A topic takes more than a kilobyte of it, and all topics of a very
    /// large cluster would outgrow the limit of an answer.
    static let describedMax = 10_000

    /// The settings of resources, in the order asked for. What only one broker knows is asked there, all the rest
    /// anywhere.
    public func describeConfigs(
        _ resources: [ConfigResource], _ details: ConfigDetails = [], _ selection: ConfigSelection = .all
    ) throws(ClientError) -> [ConfigDescription] {
        var found: [ConfigResource: ConfigDescription] = [:]
        let anywhere = resources.filter { $0.broker == nil }
        for start in stride(from: 0, to: anywhere.count, by: Self.describedMax) {
            let page = anywhere[start..<min(anywhere.count, start + Self.describedMax)]
            let request = Self.describing(page, details)
            let response = try trying { (deadline) throws(ClientError) in try onBootstrap(request, until: deadline) }
            Self.add(response, selection, to: &found)
        }
        for (broker, resources) in Self.byBroker(resources) {
            Self.add(try ask(broker, Self.describing(resources[...], details)), selection, to: &found)
        }
        return resources.map {
            found[$0]
                ?? ConfigDescription($0, error: .unknownServerError, message: "The answer leaves it out.", entries: [])
        }
    }

    private static func byBroker(_ resources: [ConfigResource]) -> [(Int32, [ConfigResource])] {
        var order: [Int32] = []
        var groups: [Int32: [ConfigResource]] = [:]
        for resource in resources {
            guard let broker = resource.broker else { continue }
            if groups[broker] == nil { order.append(broker) }
            groups[broker, default: []].append(resource)
        }
        return order.map { ($0, groups[$0] ?? []) }
    }

    private static func describing(
        _ resources: ArraySlice<ConfigResource>, _ details: ConfigDetails
    ) -> DescribeConfigsRequest {
        var request = DescribeConfigsRequest()
        request.includeSynonyms = details.contains(.synonyms)
        request.includeDocumentation = details.contains(.documentation)
        request.resources = resources.map { resource in
            var one = DescribeConfigsRequest.DescribeConfigsResource()
            one.resourceType = resource.kind.rawValue
            one.resourceName = resource.name
            one.configurationKeys = nil
            return one
        }
        return request
    }

    private static func add(
        _ response: DescribeConfigsResponse, _ selection: ConfigSelection,
        to found: inout [ConfigResource: ConfigDescription]
    ) {
        for result in response.results {
            guard let kind = ConfigResource.Kind(rawValue: result.resourceType) else { continue }
            let resource = ConfigResource(kind, result.resourceName)
            found[resource] = ConfigDescription(
                resource, error: ErrorCode(code: result.errorCode), message: result.errorMessage,
                entries: result.configs.lazy.filter { selection.contains($0, of: kind) }.map { entry($0, of: kind) },
                count: result.configs.count)
        }
    }

    private static func entry(
        _ config: DescribeConfigsResponse.DescribeConfigsResourceResult, of kind: ConfigResource.Kind
    ) -> DescribedConfig {
        DescribedConfig(
            name: config.name, value: config.value, source: source(config, of: kind),
            isSensitive: config.isSensitive, isReadOnly: config.readOnly,
            synonyms: config.synonyms.map {
                DescribedConfig.Synonym(
                    name: $0.name, value: $0.value, source: DescribedConfig.Source(rawValue: $0.source) ?? .unknown)
            },
            type: typeNames.indices.contains(Int(config.configType)) ? typeNames[Int(config.configType)] : nil,
            documentation: config.documentation.flatMap { $0.isEmpty ? nil : $0 })
    }

    /// Version 0 tells only whether a value is the default.
    fileprivate static func source(
        _ config: DescribeConfigsResponse.DescribeConfigsResourceResult, of kind: ConfigResource.Kind
    ) -> DescribedConfig.Source {
        guard config.configSource < 0 else { return DescribedConfig.Source(rawValue: config.configSource) ?? .unknown }
        return config.isDefault ? .builtIn : kind == .broker ? .file : kind == .topic ? .topic : .unknown
    }

    private static let typeNames: [String?] = [
        nil, "BOOLEAN", "STRING", "INT", "SHORT", "LONG", "DOUBLE", "LIST", "CLASS", "PASSWORD",
    ]

    /// Changes single settings of a resource and leaves the others. A broker from before that was possible is told all
    /// settings that are to be.
    public func alterConfigs(
        _ resource: ConfigResource, _ changes: [ConfigChange], validateOnly: Bool = false
    ) throws(ClientError) {
        var altered = IncrementalAlterConfigsRequest.AlterConfigsResource()
        altered.resourceType = resource.kind.rawValue
        altered.resourceName = resource.name
        altered.configs = changes.map { change in
            var config = IncrementalAlterConfigsRequest.AlterableConfig()
            config.name = change.name
            config.configOperation = change.operation.rawValue
            config.value = change.value
            return config
        }
        var request = IncrementalAlterConfigsRequest()
        request.resources = [altered]
        request.validateOnly = validateOnly
        do throws(ClientError) {
            let response = try alter(resource, request) { $0.responses.map(\.errorCode) }
            try check(response.responses.map { ($0.errorCode, $0.errorMessage) }, .incrementalAlterConfigs)
        } catch {
            guard error.isUnsupported else { throw error }
            try alterAll(resource, changes, validateOnly: validateOnly)
        }
    }

    private func alter<Request: RequestMessage>(
        _ resource: ConfigResource, _ request: Request, _ codes: (Request.Response) -> [Int16]
    ) throws(ClientError) -> Request.Response {
        if let broker = resource.broker { return try ask(broker, request) }
        return try onController(request, codes)
    }

    private func check(_ results: [(code: Int16, message: String?)], _ api: APIKey) throws(ClientError) {
        for result in results where result.code != 0 {
            throw ClientError(
                "the cluster", .receive(api), .refused(ErrorCode(code: result.code), message: result.message))
        }
    }

    /// As Kafka before 2.3 knows it: what is not named falls back to its default.
    private func alterAll(
        _ resource: ConfigResource, _ changes: [ConfigChange], validateOnly: Bool
    ) throws(ClientError) {
        let own: DescribedConfig.Source =
            switch resource.kind {
            case .topic: .topic
            case .broker: resource.name.isEmpty ? .brokerDefault : .broker
            case .brokerLogger: .brokerLogger
            case .clientMetrics: .clientMetrics
            case .group: .group
            }
        let description = try describeConfigs([resource])[0]
        try check([(description.error.rawValue, description.message)], .describeConfigs)
        let kept = description.entries.filter { $0.source == own }
        if let secret = kept.first(where: { entry in entry.isSensitive && !changes.contains { $0.name == entry.name } })
        {
            throw ClientError(
                "the cluster", .send(.alterConfigs),
                .refused(
                    .unsupportedVersion,
                    message: "This broker can only be told all settings at once, and \(secret.name) is secret: "
                        + "give it again."))
        }
        let values = Self.applying(changes, to: kept.map { ($0.name, $0.value) })
        var altered = AlterConfigsRequest.AlterConfigsResource()
        altered.resourceType = resource.kind.rawValue
        altered.resourceName = resource.name
        altered.configs = values.map { name, value in
            var config = AlterConfigsRequest.AlterableConfig()
            config.name = name
            config.value = value
            return config
        }
        var request = AlterConfigsRequest()
        request.resources = [altered]
        request.validateOnly = validateOnly
        let response = try alter(resource, request) { $0.responses.map(\.errorCode) }
        try check(response.responses.map { ($0.errorCode, $0.errorMessage) }, .alterConfigs)
    }

    private static func applying(
        _ changes: [ConfigChange], to values: [(name: String, value: String?)]
    ) -> [(name: String, value: String?)] {
        var values = values
        for change in changes {
            let place = values.firstIndex { $0.name == change.name }
            let before = place.flatMap { values[$0].value } ?? ""
            let items = before.split(separator: ",").map(String.init)
            let given = (change.value ?? "").split(separator: ",").map(String.init)
            let value: String? =
                switch change.operation {
                case .set: change.value ?? ""
                case .delete: nil
                case .append: (items + given.filter { !items.contains($0) }).joined(separator: ",")
                case .subtract: items.filter { !given.contains($0) }.joined(separator: ",")
                }
            if let place { values.remove(at: place) }
            if let value { values.append((change.name, value)) }
        }
        return values
    }

    /// The resources of a kind that have settings of their own.
    public func configResources(_ kind: ConfigResource.Kind) throws(ClientError) -> [String] {
        // Version 0 knows client metrics only, and answers for them whatever is asked.
        if kind != .clientMetrics { try requireVersion(1, of: ListConfigResourcesRequest.self) }
        var request = ListConfigResourcesRequest()
        request.resourceTypes = [kind.rawValue]
        let response = try trying { (deadline) throws(ClientError) in try onBootstrap(request, until: deadline) }
        try check([(response.errorCode, nil)], .listConfigResources)
        return response.configResources.filter { $0.resourceType == kind.rawValue }.map(\.resourceName)
    }

    /// The ids of all groups, which only the brokers together know.
    public func groupIDs() throws(ClientError) -> [String] {
        var ids: [String] = []
        for broker in try describeCluster().brokers {
            let response = try ask(broker.id, ListGroupsRequest())
            try check([(response.errorCode, nil)], .listGroups)
            ids += response.groups.map(\.groupId)
        }
        return ids
    }
}

extension Admin.ConfigSelection {
    fileprivate func contains(
        _ config: DescribeConfigsResponse.DescribeConfigsResourceResult, of kind: ConfigResource.Kind
    ) -> Bool {
        switch self {
        case .all: true
        case .changed(let besides):
            Admin.source(config, of: kind) != .builtIn || besides.contains(config.name)
        }
    }
}
