import Bytes
import KafkaModel
import Testing

@testable import KafkaProtocol

/// Bytes that lie. Nothing may trap, and nothing may be allocated that the bytes could not hold.
@Suite struct HostileBytesTests {
    @Test(arguments: MessageType.ofAPIs)
    func `forged lengths and counts are survived at every position`(_ message: MessageType) {
        for version in message.telling {
            let bytes = message.type.random(version: version, seed: 7).encoded(version: version)
            let limit = min(bytes.count, 120)
            for position in 0..<limit {
                let left = UInt32(bytes.count - position)
                for forged in [0x7fff_ffff, 0xffff_fffe, 0xffff_ffff, left, left &- 4] {
                    var lying = bytes
                    withUnsafeBytes(of: UInt32(forged).bigEndian) { word in
                        for (index, byte) in word.enumerated() where position + index < lying.count {
                            lying[position + index] = byte
                        }
                    }
                    survive(message.type, lying, version)
                }
                var varint = bytes
                varint.replaceSubrange(position..<position + 1, with: [0xff, 0xff, 0xff, 0xff, 0x0f])
                survive(message.type, varint, version)
            }
        }
    }

    @Test(arguments: MessageType.all)
    func `noise is survived`(_ message: MessageType) {
        var random = SystemRandomNumberGenerator()
        for version in message.telling {
            for _ in 0..<40 {
                // Small bytes make plausible lengths and go deeper.
                let top = UInt8.random(in: 1...255, using: &random)
                let noise = (0..<Int.random(in: 0...80, using: &random)).map { _ in
                    UInt8.random(in: 0...top, using: &random)
                }
                survive(message.type, noise, version)
            }
        }
    }

    @Test func `a count beyond the bytes that are left is refused before anything is allocated`() {
        for count in [Int32.max, 5, 1000] {
            var writer = ByteWriter()
            writer.int32(count)
            writer.append([0, 1, 2, 3])
            #expect(throws: WireError.truncated) { _ = try MetadataRequest.decode(writer.bytes, version: 0) }
        }
    }

    @Test func `negative lengths other than minus one are refused`() {
        var writer = ByteWriter()
        writer.int32(-2)
        #expect(throws: WireError.invalidLength) { _ = try MetadataRequest.decode(writer.bytes, version: 1) }
        writer.clear()
        writer.int16(-2)
        #expect(throws: WireError.invalidLength) { _ = try FindCoordinatorRequest.decode(writer.bytes, version: 0) }
    }

    @Test func `null where the version has none is refused`() {
        var writer = ByteWriter()
        writer.int32(-1)
        #expect(throws: WireError.unexpectedNull) { _ = try MetadataRequest.decode(writer.bytes, version: 0) }
        #expect(throws: Never.self) { _ = try MetadataRequest.decode(writer.bytes, version: 1) }
        writer.clear()
        writer.int16(-1)
        #expect(throws: WireError.unexpectedNull) { _ = try FindCoordinatorRequest.decode(writer.bytes, version: 0) }
    }

    @Test func `a compact string above 32767 bytes is refused`() {
        var writer = ByteWriter()
        writer.unsignedVarint(32769)
        writer.append([UInt8](repeating: 0x61, count: 32768))
        writer.append([0, 0])
        #expect(throws: WireError.invalidLength) { _ = try FindCoordinatorRequest.decode(writer.bytes, version: 3) }
    }

    @Test func `text that is not UTF-8 is refused`() {
        #expect(throws: WireError.invalidUTF8) {
            _ = try FindCoordinatorRequest.decode([UInt8]([0, 1, 0xff]).span.bytes, version: 0)
        }
    }

    @Test func `a list reserves no more than twice the bytes that are left`() {
        #expect(WireReader.reservation(count: 1_000_000, bytesLeft: 1_000_000, stride: 200) <= 10_001)
        #expect(WireReader.reservation(count: 3, bytesLeft: 1000, stride: 72) == 3)
        #expect(WireReader.reservation(count: 0, bytesLeft: 0, stride: 8) == 0)
    }

    /// Whatever was decoded must also be encodable again.
    private func survive(_ type: any WireMessage.Type, _ bytes: [UInt8], _ version: Int16) {
        guard let message = try? type.decode(bytes.span.bytes, version: version) else { return }
        #expect(!message.encoded(version: version).isEmpty || bytes.isEmpty)
    }
}
