import Bytes
import KafkaModel
import KafkaProtocol

extension Target {
    /// A request as the broker reads it: the header says what follows.
    static let requests = Target(name: "requests", seeds: { $0.map(\.request) }) { input, mutator in
        do {
            return try readRequest(input.bytes, &mutator)
        } catch {
            return false
        }
    }

    /// A response as a client of ours reads it: the request it belongs to says what it is.
    static let responses = Target(name: "responses", seeds: { $0.map(\.response) }) { input, mutator in
        guard let api = APIKey(rawValue: input.api), let type = APITable.row(api).response else { return false }
        do throws(WireError) {
            var reader = ByteReader(input.bytes.span.bytes)
            _ = try ResponseHeader.decode(&reader, api: api, version: input.version)
            try roundTrip(type, &reader, input.version, &mutator)
            return true
        } catch {
            return false
        }
    }
}

private func readRequest(_ bytes: [UInt8], _ mutator: inout Mutator) throws(WireError) -> Bool {
    var reader = ByteReader(bytes.span.bytes)
    let header = try RequestHeader.decode(&reader)
    guard let api = APIKey(rawValue: header.apiKey) else { return false }
    let row = APITable.row(api)
    guard row.versions.contains(header.apiVersion), let type = row.request else { return false }
    try roundTrip(type, &reader, header.apiVersion, &mutator)
    return true
}

/// What was read is written and read again, and is the same then; some of it is printed, too. Produce requests and
/// Fetch responses are left out: their records are places in the frame they came in, and cannot be written without it.
private func roundTrip<M: WireMessage>(
    _ type: M.Type, _ reader: inout ByteReader, _ version: Int16, _ mutator: inout Mutator
) throws(WireError) {
    let message = try type.decode(&reader, version: version)
    if mutator.random(below: 16) == 0 { _ = message.jsonDescription(version: version) }
    guard !(message is ProduceRequest), !(message is FetchResponse) else { return }
    let written = message.encoded(version: version)
    guard written == rewritten(type, written, version) else { end("\(type) \(version): reads back differently", 1) }
}

private func rewritten<M: WireMessage>(_ type: M.Type, _ bytes: [UInt8], _ version: Int16) -> [UInt8] {
    var reader = ByteReader(bytes.span.bytes)
    do throws(WireError) {
        return try type.decode(&reader, version: version).encoded(version: version)
    } catch {
        end("\(type) \(version): cannot read what it wrote: \(error)", 1)
    }
}
