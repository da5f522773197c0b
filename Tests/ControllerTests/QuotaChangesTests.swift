import Controller
import KafkaModel
import KafkaProtocol
import Metadata
import Testing

struct QuotaChangesTests {
    private typealias Entity = [(type: String, name: String?)]
    private static let alice: Entity = [("user", "alice")]

    private static func alter(
        _ entity: Entity, _ key: String, _ value: Double?, in image: inout ClusterImage
    ) throws -> String? {
        let decision = QuotaChanges.alter(
            [.init(entity, [.init(key, value)])], in: image, unknownHosts: ["nowhere"])
        try image.apply(decision.records)
        return decision.items[0]?.message
    }

    private static func describe(
        _ components: [QuotaQuery.Component], strict: Bool = false, in image: ClusterImage
    ) throws -> [String] {
        try QuotaQuery(components, isStrict: strict).results(in: image).map { entity, values in
            "\(entity) \(values.map { "\($0.key)=\($0.value)" }.joined(separator: ","))"
        }
    }

    @Test func `quotas are set, changed and removed`() throws {
        var image = ClusterImage(clusterID: "c")
        #expect(try Self.alter(Self.alice, "producer_byte_rate", 1024, in: &image) == nil)
        #expect(try Self.alter(Self.alice, "request_percentage", 12.5, in: &image) == nil)
        #expect(
            try Self.describe([], in: image)
                == ["ClientQuotaEntity(entries={user=alice}) producer_byte_rate=1024.0,request_percentage=12.5"])
        #expect(try Self.alter(Self.alice, "producer_byte_rate", nil, in: &image) == nil)
        #expect(try Self.alter(Self.alice, "request_percentage", nil, in: &image) == nil)
        #expect(image.quotas.isEmpty)
    }

    @Test func `what stays the same is not written, and neither is a removal of nothing`() throws {
        var image = ClusterImage(clusterID: "c")
        #expect(try Self.alter(Self.alice, "producer_byte_rate", 1024, in: &image) == nil)
        let again = QuotaChanges.alter(
            [.init(Self.alice, [.init("producer_byte_rate", 1024), .init("consumer_byte_rate", nil)])], in: image)
        #expect(again.records.isEmpty)
        let dry = QuotaChanges.alter(
            [.init(Self.alice, [.init("producer_byte_rate", 1)])], in: image, intent: .validateOnly)
        #expect(dry.records.isEmpty && dry.items == [nil])
    }

    @Test(
        arguments: [
            ([], "producer_byte_rate", 1, "Invalid empty client quota entity"),
            ([("group", "g")], "producer_byte_rate", 1, "Unhandled client quota entity type: group"),
            (
                [("user", "a"), ("user", "b")], "producer_byte_rate", 1,
                "Invalid client quota entity, duplicate entity entry user"
            ),
            (
                [("user", "a"), ("ip", "::1")], "connection_creation_rate", 1,
                "Invalid quota entity combination, IP entity should not be combined with User or ClientId"
            ),
            ([("ip", "nowhere")], "connection_creation_rate", 1, "nowhere is not a valid IP or resolvable host."),
            ([("ip", nil)], "producer_byte_rate", 1, "Invalid configuration key producer_byte_rate"),
            ([("user", nil)], "connection_creation_rate", 1, "Invalid configuration key connection_creation_rate"),
            ([("client-id", "c")], "consumer_byte_rate", 0, "Quota consumer_byte_rate must be greater than 0"),
            ([("client-id", "c")], "consumer_byte_rate", .nan, "Quota consumer_byte_rate must be greater than 0"),
            ([("client-id", "c")], "consumer_byte_rate", 1.5, "consumer_byte_rate cannot be a fractional value."),
            (
                [("client-id", "c")], "consumer_byte_rate", 1e20,
                "Proposed value for consumer_byte_rate is too large for a LONG."
            ),
            (
                [("ip", nil)], "connection_creation_rate", 3e9,
                "Proposed value for connection_creation_rate is too large for an INT."
            ),
        ] as [([(String, String?)], String, Double, String)])
    func `what cannot be is refused in Kafka's words`(
        entity: [(String, String?)], key: String, value: Double, reason: String
    ) throws {
        var image = ClusterImage(clusterID: "c")
        #expect(try Self.alter(entity.map { (type: $0.0, name: $0.1) }, key, value, in: &image) == reason)
        #expect(image.quotas.isEmpty)
    }

    @Test func `an entity and a key are named once in a request`() throws {
        let image = ClusterImage(clusterID: "c")
        let operation = QuotaChanges.Alteration.Operation("producer_byte_rate", 1)
        let entities = QuotaChanges.alter(
            [.init(Self.alice, [operation]), .init(Self.alice, [operation])], in: image)
        #expect(entities.records.count == 1)
        #expect(entities.items[1]?.message == "Ignoring duplicate entity ClientQuotaEntity(entries={user=alice})")
        let keys = QuotaChanges.alter([.init(Self.alice, [operation, operation])], in: image)
        #expect(keys.records.isEmpty)
        #expect(keys.items[0]?.code == .invalidRequest)
    }

    @Test func `filters find what they ask for`() throws {
        var image = ClusterImage(clusterID: "c")
        let entities: [Entity] = [
            Self.alice, [("user", nil)], [("user", "alice"), ("client-id", "app")], [("client-id", "app")],
        ]
        for entity in entities { _ = try Self.alter(entity, "producer_byte_rate", 1, in: &image) }
        _ = try Self.alter([("ip", "::1")], "connection_creation_rate", 2, in: &image)
        func count(_ components: [QuotaQuery.Component], strict: Bool = false) throws -> Int {
            try Self.describe(components, strict: strict, in: image).count
        }
        let alice = QuotaQuery.Component("user", match: 0, name: "alice")
        #expect(try count([]) == 5)
        #expect(try count([], strict: true) == 0)
        #expect(try count([alice]) == 2)
        #expect(try count([alice], strict: true) == 1)
        #expect(try count([.init("user", match: 1, name: nil)]) == 1)
        #expect(try count([.init("user", match: 2, name: nil)]) == 3)
        #expect(try count([.init("user", match: 2, name: nil)], strict: true) == 2)
        #expect(try count([alice, .init("client-id", match: 2, name: nil)], strict: true) == 1)
        #expect(try count([.init("ip", match: 0, name: "::1")]) == 1)
    }

    @Test(
        arguments: [
            ([("", 0, "x")], .invalidRequest, "Invalid empty entity type."),
            ([("user", 0, nil)], .invalidRequest, "Request specified MATCH_TYPE_EXACT, but set match string to null."),
            (
                [("user", 1, "x")], .invalidRequest,
                "Request specified MATCH_TYPE_DEFAULT, but also specified a match string."
            ),
            (
                [("user", 2, "x")], .invalidRequest,
                "Request specified MATCH_TYPE_SPECIFIED, but also specified a match string."
            ),
            ([("user", 9, "x")], .invalidRequest, "Unknown match type 9"),
            ([("group", 2, nil)], .unsupportedVersion, "Unsupported entity type group"),
            (
                [("user", 2, nil), ("user", 2, nil)], .invalidRequest,
                "Entity type user cannot appear more than once in the filter."
            ),
            (
                [("user", 2, nil), ("ip", 2, nil)], .invalidRequest,
                "Invalid entity filter component combination. IP filter component should not be used with user or "
                    + "clientId filter component."
            ),
        ] as [([(String, Int8, String?)], ErrorCode, String)])
    func `a filter that means nothing is refused`(
        components: [(String, Int8, String?)], code: ErrorCode, reason: String
    ) {
        #expect(throws: Refusal(code, reason)) {
            try QuotaQuery(components.map { .init($0.0, match: $0.1, name: $0.2) }, isStrict: false)
        }
    }
}
