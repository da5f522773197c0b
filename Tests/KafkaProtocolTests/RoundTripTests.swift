import Bytes
import KafkaProtocol
import Testing

@Suite struct RoundTripTests {
    @Test(arguments: MessageType.all)
    func `made-up messages of every version come back byte for byte`(_ message: MessageType) throws {
        for version in message.type.versions {
            for seed in UInt64(0)..<6 {
                let bytes = message.type.random(version: version, seed: seed).encoded(version: version)
                let again = try message.type.recoded(bytes, version: version)
                #expect(again == bytes, "\(message.name) v\(version) seed \(seed)")
            }
        }
    }

    @Test(arguments: MessageType.all)
    func `a fresh message comes back byte for byte and has no tags`(_ message: MessageType) throws {
        for version in message.type.versions {
            let bytes = message.type.init().encoded(version: version)
            #expect(try message.type.recoded(bytes, version: version) == bytes, "\(message.name) v\(version)")
        }
    }

    @Test(arguments: MessageType.all)
    func `a message cut at any byte is refused`(_ message: MessageType) {
        for version in message.telling {
            let bytes = shortMessage(message.type, version)
            for count in 0..<bytes.count {
                #expect(throws: WireError.self, "\(message.name) v\(version) cut to \(count) of \(bytes.count)") {
                    _ = try message.type.decode(bytes.span.bytes.extracting(first: count), version: version)
                }
            }
        }
    }

    @Test(arguments: MessageType.all)
    func `a byte too many is refused`(_ message: MessageType) {
        for version in message.telling {
            let bytes = message.type.random(version: version, seed: 1).encoded(version: version) + [0]
            #expect(throws: WireError.trailingBytes) {
                _ = try message.type.decode(bytes.span.bytes, version: version)
            }
        }
    }

    @Test(arguments: MessageType.all)
    func `a version that does not exist is refused`(_ message: MessageType) {
        for version in [message.type.versions.upperBound + 1, -1, .max] {
            #expect(throws: WireError.unsupportedVersion) {
                _ = try message.type.decode([UInt8]([0, 0, 0]).span.bytes, version: version)
            }
        }
    }

    /// The first made-up message that is long enough to tell something and short enough to be cut everywhere.
    private func shortMessage(_ type: any WireMessage.Type, _ version: Int16) -> [UInt8] {
        let candidates = (0..<20).map { type.random(version: version, seed: $0).encoded(version: version) }
        return candidates.first { (60...250).contains($0.count) } ?? candidates.max { $0.count < $1.count } ?? []
    }
}
