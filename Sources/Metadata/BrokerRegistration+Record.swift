import KafkaModel
public import KafkaProtocol

extension BrokerRegistration {
    /// The record that registers the broker as it is.
    public var record: RegisterBrokerRecord {
        var record = RegisterBrokerRecord()
        record.brokerId = id.rawValue
        record.isMigratingZkBroker = isMigratingFromZooKeeper
        record.incarnationId = incarnationID
        record.brokerEpoch = epoch
        record.endPoints = endpoints.map { endpoint in
            var wire = RegisterBrokerRecord.BrokerEndpoint()
            wire.name = endpoint.name
            wire.host = endpoint.host
            wire.port = endpoint.port
            wire.securityProtocol = endpoint.security.rawValue
            return wire
        }
        record.features = features.keys.sorted().map { name in
            var wire = RegisterBrokerRecord.BrokerFeature()
            wire.name = name
            wire.minSupportedVersion = features[name]?.lowerBound ?? 0
            wire.maxSupportedVersion = features[name]?.upperBound ?? 0
            return wire
        }
        record.rack = rack
        record.fenced = isFenced
        record.inControlledShutdown = isShuttingDown
        record.logDirs = logDirectories
        return record
    }
}
