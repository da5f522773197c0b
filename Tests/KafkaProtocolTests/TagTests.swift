import Bytes
import Testing

@testable import KafkaProtocol

@Suite struct TagTests {
    /// DescribeCluster 1: a Boolean and an Int8, then the tags.
    private func decode(tags: [UInt8]) throws(WireError) -> DescribeClusterRequest {
        try DescribeClusterRequest.decode(([1, 2] + tags).span.bytes, version: 1)
    }

    @Test func `unknown tags are stepped over`() throws {
        let request = try decode(tags: [2, 5, 3, 0xaa, 0xbb, 0xcc, 9, 0])
        #expect(request.includeClusterAuthorizedOperations && request.endpointType == 2)
    }

    @Test func `tags given twice or out of order are refused`() {
        #expect(throws: WireError.invalidTag) { try decode(tags: [2, 5, 0, 5, 0]) }
        #expect(throws: WireError.invalidTag) { try decode(tags: [2, 5, 0, 4, 0]) }
    }

    @Test func `a tag that reaches beyond the message is refused`() {
        #expect(throws: WireError.truncated) { try decode(tags: [1, 5, 3, 0]) }
        #expect(throws: WireError.truncated) { try decode(tags: [1, 5, 0xff, 0xff, 0xff, 0xff, 0x0f]) }
        #expect(throws: WireError.truncated) { try decode(tags: [0xff, 0xff, 0xff, 0xff, 0x0f]) }
    }

    @Test func `a million unknown tags are stepped over`() throws {
        var writer = ByteWriter()
        writer.append([1, 2])
        writer.unsignedVarint(1_000_000)
        for id in UInt32(0)..<1_000_000 {
            writer.unsignedVarint(id)
            writer.unsignedVarint(0)
        }
        #expect(try DescribeClusterRequest.decode(writer.bytes, version: 1).endpointType == 2)
    }

    @Test func `a known tag is read, and its size must be right`() throws {
        var request = FetchRequest()
        request.clusterId = "c"
        request.replicaState.replicaId = 7
        let bytes = request.encoded(version: 15)
        let again = try FetchRequest.decode(bytes.span.bytes, version: 15)
        #expect(again.clusterId == "c" && again.replicaState.replicaId == 7)

        // The section is the end of the message: count, then tag 0 of size 2, then tag 1.
        let tags: [UInt8] = [2, 0, 2, 2, 0x63, 1, 13, 0, 0, 0, 7] + [UInt8](repeating: 0xff, count: 8) + [0]
        #expect(Array(bytes.suffix(tags.count)) == tags)
        var wrong = bytes
        wrong[bytes.count - tags.count + 2] = 3
        #expect(throws: WireError.invalidLength) { try FetchRequest.decode(wrong.span.bytes, version: 15) }
    }

    @Test func `a tag of a later version is unknown to an earlier one`() throws {
        var request = FetchRequest()
        request.clusterId = "c"
        request.replicaState.replicaId = 7
        var bytes = request.encoded(version: 12)
        #expect(try FetchRequest.decode(bytes.span.bytes, version: 12).replicaState.replicaId == -1)
        // Tag 1 means nothing in version 12.
        let section: [UInt8] = [1, 0, 2, 2, 0x63]
        bytes.replaceSubrange(bytes.count - section.count..<bytes.count, with: [1, 1, 1, 0x99])
        #expect(try FetchRequest.decode(bytes.span.bytes, version: 12).clusterId == nil)
    }

    @Test func `a tag whose value is longer than 127 bytes has a longer size in front`() throws {
        var request = FetchRequest()
        request.clusterId = String(repeating: "x", count: 300)
        let bytes = request.encoded(version: 17)
        #expect(try FetchRequest.decode(bytes.span.bytes, version: 17).clusterId == request.clusterId)
    }

    @Test func `tables list their tags in ascending order, and their defaults agree`() {
        for message in MessageType.all {
            var last: [String: UInt32] = [:]
            for field in message.type.schema {
                guard let tag = field.tag else { continue }
                let parent = field.path.split(separator: ".").dropLast().joined(separator: ".")
                #expect(last[parent].map { $0 < tag } ?? true, "\(message.name) \(field)")
                last[parent] = tag
            }
        }
    }
}
