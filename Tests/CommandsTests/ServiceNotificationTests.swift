import CLinux
import Glibc
import TestSupport
import Testing

@testable import Commands

struct ServiceNotificationTests {
    @Test(arguments: ["path", "abstract"])
    func `a service manager hears that the broker is ready`(_ kind: String) throws {
        let directory = TemporaryDirectory()
        let path = kind == "path" ? directory.file("notify") : "@" + directory.path
        var name = Array(path.utf8)
        if name[0] == UInt8(ascii: "@") { name[0] = 0 }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        try #require(bound == 0)
        ServiceNotification.send("READY=1", to: path)
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = recv(descriptor, &bytes, bytes.count, CInt(MSG_DONTWAIT))
        #expect(String(decoding: bytes.prefix(max(0, count)), as: UTF8.self) == "READY=1")
    }

    @Test func `a name that is too long, or none, is left alone`() {
        ServiceNotification.send("READY=1", to: "")
        ServiceNotification.send("READY=1", to: String(repeating: "x", count: 200))
    }
}
