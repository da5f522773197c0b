import Testing

@testable import Configuration

struct ListenerTests {
    private func broker(_ properties: [String: String]) throws -> BrokerConfiguration {
        try BrokerConfiguration(properties: properties)
    }

    @Test(arguments: [
        ("PLAINTEXT://:9092", "PLAINTEXT", "", 9092), ("plaintext://localhost:0", "PLAINTEXT", "localhost", 0),
        ("PLAINTEXT://0.0.0.0:65535", "PLAINTEXT", "0.0.0.0", 65535),
        ("PLAINTEXT://[::1]:9092", "PLAINTEXT", "::1", 9092), ("PLAINTEXT://::1:9092", "PLAINTEXT", "::1", 9092),
        ("PLAINTEXT://[fe80::1%eth0]:1", "PLAINTEXT", "fe80::1%eth0", 1),
        ("PLAINTEXT://my_host-1.example:9092", "PLAINTEXT", "my_host-1.example", 9092),
    ])
    func `a listener is a name, a host and a port`(_ text: String, _ name: String, _ host: String, _ port: Int) throws {
        let properties = ["listeners": text, "advertised.listeners": "\(name)://somewhere:1"]
        let listener = try #require(try broker(properties).listeners.first)
        #expect(listener.name == name)
        #expect(listener.host == host)
        #expect(Int(listener.port) == port)
    }

    @Test(arguments: [
        "PLAINTEXT", "PLAINTEXT:9092", "PLAINTEXT://", "PLAINTEXT://:", "PLAINTEXT://host", "PLAINTEXT://:65536",
        "PLAINTEXT://:-1", "PLAINTEXT://a b:1", "://:9092", "PLAINTEXT://:9092,", "PLAINTEXT://:9092,,X://:1", "",
        "PLAINTEXT://host/path:1",
    ])
    func `what is no listener is refused with key and value`(_ text: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try broker(["listeners": text]) }
        #expect(error.key == "listeners")
        #expect(error.value == text)
    }

    @Test(arguments: [
        ("PLAINTEXT://:9092,PLAINTEXT://:9093", "the listener name PLAINTEXT comes twice"),
        ("PLAINTEXT://a:1,plaintext://b:2", "the listener name PLAINTEXT comes twice"),
        ("PLAINTEXT://:9092,OTHER://:9092", "PLAINTEXT and OTHER have the same port 9092"),
        ("PLAINTEXT://1.2.3.4:9,OTHER://1.2.3.5:9", "PLAINTEXT and OTHER have the same port 9"),
        ("PLAINTEXT://:1,STRANGE://:2", "listener.security.protocol.map has no security protocol for the listener"),
    ])
    func `listeners that cannot be together are refused`(_ text: String, _ reason: String) throws {
        let map = "PLAINTEXT:PLAINTEXT,OTHER:PLAINTEXT"
        let error = try #require(throws: ConfigurationError.self) {
            try broker(["listeners": text, "listener.security.protocol.map": map])
        }
        #expect(error.key == "listeners")
        #expect(error.reason.hasPrefix(reason), "\(error.reason)")
    }

    @Test func `two families may share a port, and any number may leave it to the system`() throws {
        let map = "PLAINTEXT:PLAINTEXT,OTHER:PLAINTEXT"
        for text in ["PLAINTEXT://127.0.0.1:9,OTHER://[::1]:9", "PLAINTEXT://:0,OTHER://:0"] {
            _ = try broker(["listeners": text, "listener.security.protocol.map": map])
        }
    }

    @Test func `a listener that asks for security stops the start and says where`() throws {
        let direct = try #require(throws: ConfigurationError.self) { try broker(["listeners": "SSL://:9093"]) }
        #expect(
            direct.description == "Invalid value SSL://:9093 for configuration listeners: "
                + "the listener SSL asks for SSL; this version serves PLAINTEXT only")
        let mapped = try #require(throws: ConfigurationError.self) {
            try broker(["listeners": "OUT://:9093", "listener.security.protocol.map": "OUT:SASL_SSL"])
        }
        #expect(mapped.key == "listener.security.protocol.map")
        #expect(mapped.value == "OUT:SASL_SSL")
        #expect(mapped.reason.contains("SASL_SSL"))
    }

    @Test func `a map may name protocols that no listener uses`() throws {
        let broker = try broker([
            "listeners": "IN://:1,OUT://h:2", "listener.security.protocol.map": "in:PLAINTEXT, OUT:plaintext,X:SSL",
            "inter.broker.listener.name": "in",
        ])
        #expect(broker.listeners.map(\.name) == ["IN", "OUT"])
        #expect(broker.interBrokerListenerName == "IN")
    }

    @Test func `controller listeners need no map when all is plain`() throws {
        let broker = try broker(["listeners": "PLAINTEXT://:1,CTRL://:2", "controller.listener.names": "CTRL"])
        #expect(broker.listeners.map(\.name) == ["PLAINTEXT"])
        #expect(broker.controllerListeners.map(\.name) == ["CTRL"])
        #expect(broker.advertisedControllerListeners.map(\.name) == ["CTRL"])
    }

    @Test func `what is advertised is what listens, unless set`() throws {
        #expect(
            try broker(["listeners": "PLAINTEXT://h:1"]).advertisedListeners.map(\.description) == ["PLAINTEXT://h:1"])
        let set = try broker(["listeners": "PLAINTEXT://:1", "advertised.listeners": "PLAINTEXT://x:2"])
        #expect(set.advertisedListeners.map(\.description) == ["PLAINTEXT://x:2"])
    }

    @Test(arguments: [
        (["listeners": "PLAINTEXT://0.0.0.0:1"], "listeners"),
        (["listeners": "PLAINTEXT://[::]:1"], "listeners"),
        (["advertised.listeners": "PLAINTEXT://0.0.0.0:1"], "advertised.listeners"),
        (["advertised.listeners": "SSL://h:1"], "advertised.listeners"),
        (["advertised.listeners": "PLAINTEXT://h:0"], "advertised.listeners"),
        (["listeners": "C://:1", "controller.listener.names": "C"], "listeners"),
        (["inter.broker.listener.name": "OTHER"], "inter.broker.listener.name"),
        (
            ["inter.broker.listener.name": "PLAINTEXT", "security.inter.broker.protocol": "PLAINTEXT"],
            "inter.broker.listener.name"
        ),
        (["security.inter.broker.protocol": "SSL"], "security.inter.broker.protocol"),
    ])
    func `addresses that nobody could use are refused`(_ properties: [String: String], _ key: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try broker(properties) }
        #expect(error.key == key)
    }
}
