import Bytes
import KafkaProtocol
import Testing

@Test func `an error text longer than a protocol string is cut instead of ending the process`() throws {
    var result = CreateTopicsResponse.CreatableTopicResult()
    result.errorMessage = String(repeating: "a", count: 32_766) + "ü" + String(repeating: "b", count: 100)
    var response = CreateTopicsResponse()
    response.topics = [result]
    for version in CreateTopicsResponse.versions where version >= 1 {
        var writer = ByteWriter()
        response.encode(into: &writer, version: version)
        let back = try CreateTopicsResponse.decode(writer.bytes, version: version)
        #expect(back.topics[0].errorMessage == String(repeating: "a", count: 32_766))
    }
}
