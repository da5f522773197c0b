import Configuration
import Testing
import ZooKeeper

@testable import Commands

struct ZooKeeperBootstrapTests {
    private func broker(_ json: String) -> RegisteredBroker? { RegisteredBroker(json: Array(json.utf8)) }

    @Test func `a registration of Kafka 3_9 has listeners with names and their protocols`() {
        // As Kafka 3.9 wrote it, with one more listener.
        let json = """
            {"features":{},"listener_security_protocol_map":{"INSIDE":"PLAINTEXT","SSL":"SSL"},\
            "endpoints":["INSIDE://127.0.0.1:9391","SSL://[::1]:9392"],"rack":"r1","jmx_port":-1,"port":9391,\
            "host":"127.0.0.1","version":5,"timestamp":"1795170440197"}
            """
        #expect(
            broker(json)?.endpoints == [
                .init(address: HostPort(host: "127.0.0.1", port: 9391), securityProtocol: "PLAINTEXT"),
                .init(address: HostPort(host: "::1", port: 9392), securityProtocol: "SSL"),
            ])
    }

    @Test func `an old registration has a host and a port only`() {
        #expect(
            broker(#"{"jmx_port":-1,"timestamp":"1","host":"a","version":1,"port":9092}"#)?.endpoints == [
                .init(address: HostPort(host: "a", port: 9092), securityProtocol: "PLAINTEXT")
            ])
    }

    @Test(arguments: ["", "[]", "{", "nonsense"])
    func `what is no object is no registration`(_ json: String) {
        #expect(broker(json) == nil)
    }

    @Test(arguments: [
        #"{}"#, #"{"endpoints":["a:1","://","x://","x://h:0","x://h:99999",7]}"#, #"{"host":"a","port":-1}"#,
        #"{"host":7,"port":"9092"}"#,
    ])
    func `a registration without a place to connect to has no endpoint`(_ json: String) {
        #expect(broker(json)?.endpoints == [])
    }

    private func servers(_ brokers: [String]) -> String {
        do {
            return try ZooKeeperBootstrap.servers(
                of: brokers.compactMap(broker), at: EnsembleAddress(servers: [], chroot: "/k"),
                securityProtocol: "PLAINTEXT")
        } catch {
            return "! " + error.reason
        }
    }

    @Test func `the listeners that fit are the bootstrap servers`() {
        #expect(
            servers([#"{"endpoints":["PLAINTEXT://a:1","SSL://a:2"]}"#, #"{"endpoints":["PLAINTEXT://b:1"]}"#])
                == "a:1,b:1")
        #expect(servers([]) == "! no broker is registered at /k: is the cluster running?")
        #expect(
            servers([#"{"endpoints":["SSL://a:2","SASL_SSL://a:3"]}"#])
                == "! the brokers registered at /k have no listener with PLAINTEXT, only with SASL_SSL, SSL")
    }
}
