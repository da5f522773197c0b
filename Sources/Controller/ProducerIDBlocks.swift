public import KafkaModel
import KafkaProtocol
public import Metadata

/// Producer ids are handed to brokers in blocks, so that most producers cost the metadata log nothing.
public enum ProducerIDBlocks {
    public static let blockSize: Int64 = 1000

    /// The next block for a broker, and the record that makes it its own.
    public static func allocate(
        to broker: BrokerID, epoch: Int64, in image: ClusterImage
    ) throws(Refusal) -> (ids: Range<Int64>, records: [MetadataRecord]) {
        guard let registration = image.brokers[broker] else {
            throw Refusal(.brokerIDNotRegistered, "No broker registration found for broker id \(broker)")
        }
        guard registration.epoch == epoch else {
            throw Refusal(
                .staleBrokerEpoch, "Expected broker epoch \(registration.epoch), but got broker epoch \(epoch)")
        }
        let first = image.nextProducerID
        guard first >= 0, first <= Int64.max - blockSize else {
            throw Refusal(
                .unknownServerError,
                "Exhausted all producerIds as the next block's end producerId has exceeded the int64 type limit")
        }
        var record = ProducerIdsRecord()
        record.brokerId = broker.rawValue
        record.brokerEpoch = epoch
        record.nextProducerId = first + blockSize
        return (first..<first + blockSize, [.producerIDs(record)])
    }
}
