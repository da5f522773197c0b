import Testing

@testable import ZooKeeper

struct EnsembleAddressTests {
    @Test(arguments: [
        ("localhost", "localhost:2181"),
        ("localhost:2182", "localhost:2182"),
        ("a:1,b,c:3/kafka", "a:1,b:2181,c:3/kafka"),
        ("a:1, b:2", "a:1,b:2"),
        ("[::1]:2181/a/b/", "[::1]:2181/a/b"),
        ("[::1]", "[::1]:2181"),
        ("a/", "a:2181"),
    ])
    func `an address has servers and a chroot`(_ text: String, _ meant: String) {
        #expect(EnsembleAddress(text)?.description == meant)
    }

    @Test(arguments: ["", ",", "a,", ":2181", "a:0", "a:b", "a:70000", "/kafka", "::1", "a//b"])
    func `what names no server is no address`(_ text: String) {
        #expect(EnsembleAddress(text) == nil)
    }

    @Test func `paths are told with the chroot`() {
        let address = EnsembleAddress(servers: [], chroot: "/kafka")
        #expect(address.path("/brokers/ids") == "/kafka/brokers/ids")
        #expect(address.path("/") == "/kafka")
    }
}
