import Bytes
import KafkaModel
import KafkaProtocol
import Network
import Posix

extension Connection {
    /// Puts a whole answer, length first, behind what is to be sent already. Loop thread only.
    func answer<Response: WireMessage>(_ response: Response, to context: RequestContext, api: APIKey) {
        let start = output.writer.count
        output.writer.int32(0)
        ResponseHeader.encode(
            correlationId: context.correlationID, api: api, version: context.version, into: &output.writer)
        response.encode(into: &output.writer, version: context.version)
        output.writer.set(Int32(output.writer.count - start - 4), at: start)
    }

    /// The same for an answer whose record bytes are regions of files, in the order of its gaps.
    func answer<Response: WireMessage>(
        _ response: Response, regions: [FileRegion], to context: RequestContext, api: APIKey
    ) {
        let start = output.writer.count
        var gaps: [WireGap] = []
        output.writer.int32(0)
        ResponseHeader.encode(
            correlationId: context.correlationID, api: api, version: context.version, into: &output.writer)
        response.encode(into: &output.writer, version: context.version, gaps: &gaps)
        var external = 0
        for (gap, region) in zip(gaps, regions) {
            precondition(gap.count == region.count, "a gap of an answer and the region that fills it differ")
            output.insert(region, at: gap.position)
            external += region.count
        }
        output.writer.set(Int32(output.writer.count - start - 4 + external), at: start)
    }
}
