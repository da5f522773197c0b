import Testing

@testable import Configuration

struct ClientConfigTableTests {
    @Test(arguments: ClientConfigTable.Client.allCases)
    func `every name is declared once, with a sentence and an allowed default`(
        _ client: ClientConfigTable.Client
    ) throws {
        let definitions = ClientConfigTable.definitions(of: client)
        #expect(Set(definitions.map(\.name)).count == definitions.count)
        for definition in definitions {
            #expect(definition.documentation.hasSuffix("."), "\(definition.name)")
            #expect(definition.documentation.first?.isUppercase == true, "\(definition.name)")
            guard let text = definition.defaultValue else { continue }
            #expect(throws: Never.self, "\(definition.name)") { try definition.parse(text) }
        }
    }

    @Test func `each client has as many settings as Kafka's, old and new`() {
        #expect(ClientConfigTable.definitions(of: .admin).count == 28)
        #expect(ClientConfigTable.definitions(of: .producer).count == 50)
        #expect(ClientConfigTable.definitions(of: .consumer).count == 54)
    }

    @Test func `a client has its own default`() throws {
        #expect(try ClientSettings([:], of: .admin).integer("receive.buffer.bytes") == 65_536)
        #expect(try ClientSettings([:], of: .producer).integer("receive.buffer.bytes") == 32_768)
        #expect(try ClientSettings([:], of: .producer).integer("linger.ms") == 5)
        #expect(try ClientSettings([:], of: .producer).text("partitioner.class") == nil)
    }

    @Test(arguments: [
        ("acks", "2", "String must be one of: all, -1, 0, 1"),
        ("batch.size", "-1", "Value must be at least 0"),
        ("compression.type", "zip", "String must be one of: none, gzip, snappy, lz4, zstd"),
        ("compression.lz4.level", "18", "Value must be no more than 17"),
        ("linger.ms", "soon", "Not a number of type LONG"),
        ("max.in.flight.requests.per.connection", "0", "Value must be at least 1"),
        ("transactional.id", "", "String must be non-empty"),
    ])
    func `a value that is not allowed is refused in Kafka's words`(
        _ name: String, _ value: String, _ reason: String
    ) throws {
        let error = try #require(throws: ConfigurationError.self) {
            try ClientSettings([name: value], of: .producer)
        }
        #expect(error.description == "Invalid value \(value) for configuration \(name): \(reason)")
    }

    @Test func `what has no effect is said, once for all that nobody knows`() throws {
        let settings = try ClientSettings(
            [
                "acks": "1", "interceptor.classes": "a.B", "colour": "red", "age": "3", "ssl.key.password": "x",
            ], of: .producer)
        #expect(
            settings.notices == [
                "interceptor.classes has no effect: Java classes cannot be loaded",
                "These configurations '[age, colour]' were supplied but are not used yet.",
            ])
        #expect(settings.text("acks") == "1")
    }

    @Test func `an offset reset may go back by a duration`() throws {
        #expect(
            try ClientSettings(["auto.offset.reset": "by_duration:P1D"], of: .consumer).text("auto.offset.reset")
                == "by_duration:P1D")
        #expect(throws: ConfigurationError.self) {
            try ClientSettings(["auto.offset.reset": "today"], of: .consumer)
        }
    }
}
