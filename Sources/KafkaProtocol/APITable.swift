public import KafkaModel

/// Every API of the protocol in the order of the keys: the one list from which ApiVersions, the dispatch of requests,
/// their metrics and the tests derive.
public enum APITable {
    public struct Row: Sendable {
        public let key: APIKey
        public let versions: ClosedRange<Int16>
        /// The first version with header 2 and compact encodings, if any.
        public let flexibleFrom: Int16?
        /// The declared messages; nil where the API is known by its number only.
        public let request: (any RequestMessage.Type)?
        public let response: (any WireMessage.Type)?

        public var name: String { key.name }

        public func isFlexible(_ version: Int16) -> Bool {
            guard let flexibleFrom else { return false }
            return version >= flexibleFrom
        }

        init<R: RequestMessage>(_ request: R.Type) {
            self.key = R.api
            self.versions = R.versions
            self.flexibleFrom = R.flexibleFrom
            self.request = request
            self.response = R.Response.self
        }

        init(_ key: APIKey, _ versions: ClosedRange<Int16>, flexibleFrom: Int16?) {
            self.key = key
            self.versions = versions
            self.flexibleFrom = flexibleFrom
            self.request = nil
            self.response = nil
        }
    }

    // The keys have no holes, so that a key is also the index of its row. Kafka 4.3 decides the versions; where 3.9
    // still served older ones, these are in.
    // swift-format-ignore
    public static let rows: [Row] = [
        Row(ProduceRequest.self),
        Row(FetchRequest.self),
        Row(ListOffsetsRequest.self),
        Row(MetadataRequest.self),
        Row(.leaderAndIsr,                          0...7, flexibleFrom: 4),
        Row(.stopReplica,                           0...4, flexibleFrom: 2),
        Row(.updateMetadata,                        0...8, flexibleFrom: 6),
        Row(.controlledShutdown,                    0...3, flexibleFrom: 3),
        Row(OffsetCommitRequest.self),
        Row(OffsetFetchRequest.self),
        Row(FindCoordinatorRequest.self),
        Row(JoinGroupRequest.self),
        Row(HeartbeatRequest.self),
        Row(LeaveGroupRequest.self),
        Row(SyncGroupRequest.self),
        Row(DescribeGroupsRequest.self),
        Row(ListGroupsRequest.self),
        Row(SaslHandshakeRequest.self),
        Row(ApiVersionsRequest.self),
        Row(CreateTopicsRequest.self),
        Row(DeleteTopicsRequest.self),
        Row(DeleteRecordsRequest.self),
        Row(InitProducerIdRequest.self),
        Row(OffsetForLeaderEpochRequest.self),
        Row(AddPartitionsToTxnRequest.self),
        Row(AddOffsetsToTxnRequest.self),
        Row(EndTxnRequest.self),
        Row(WriteTxnMarkersRequest.self),
        Row(TxnOffsetCommitRequest.self),
        Row(DescribeAclsRequest.self),
        Row(CreateAclsRequest.self),
        Row(DeleteAclsRequest.self),
        Row(DescribeConfigsRequest.self),
        Row(AlterConfigsRequest.self),
        Row(AlterReplicaLogDirsRequest.self),
        Row(DescribeLogDirsRequest.self),
        Row(SaslAuthenticateRequest.self),
        Row(CreatePartitionsRequest.self),
        Row(.createDelegationToken,                 0...3, flexibleFrom: 2),
        Row(.renewDelegationToken,                  0...2, flexibleFrom: 2),
        Row(.expireDelegationToken,                 0...2, flexibleFrom: 2),
        Row(.describeDelegationToken,               0...3, flexibleFrom: 2),
        Row(DeleteGroupsRequest.self),
        Row(ElectLeadersRequest.self),
        Row(IncrementalAlterConfigsRequest.self),
        Row(AlterPartitionReassignmentsRequest.self),
        Row(ListPartitionReassignmentsRequest.self),
        Row(OffsetDeleteRequest.self),
        Row(DescribeClientQuotasRequest.self),
        Row(AlterClientQuotasRequest.self),
        Row(DescribeUserScramCredentialsRequest.self),
        Row(AlterUserScramCredentialsRequest.self),
        Row(.vote,                                  0...2, flexibleFrom: 0),
        Row(.beginQuorumEpoch,                      0...1, flexibleFrom: 1),
        Row(.endQuorumEpoch,                        0...1, flexibleFrom: 1),
        Row(DescribeQuorumRequest.self),
        Row(.alterPartition,                        0...3, flexibleFrom: 0),
        Row(UpdateFeaturesRequest.self),
        Row(.envelope,                              0...0, flexibleFrom: 0),
        Row(.fetchSnapshot,                         0...1, flexibleFrom: 0),
        Row(DescribeClusterRequest.self),
        Row(DescribeProducersRequest.self),
        Row(.brokerRegistration,                    0...4, flexibleFrom: 0),
        Row(.brokerHeartbeat,                       0...2, flexibleFrom: 0),
        Row(UnregisterBrokerRequest.self),
        Row(DescribeTransactionsRequest.self),
        Row(ListTransactionsRequest.self),
        Row(.allocateProducerIds,                   0...0, flexibleFrom: 0),
        Row(ConsumerGroupHeartbeatRequest.self),
        Row(ConsumerGroupDescribeRequest.self),
        Row(.controllerRegistration,                0...0, flexibleFrom: 0),
        Row(.getTelemetrySubscriptions,             0...0, flexibleFrom: 0),
        Row(.pushTelemetry,                         0...0, flexibleFrom: 0),
        Row(.assignReplicasToDirs,                  0...0, flexibleFrom: 0),
        Row(ListConfigResourcesRequest.self),
        Row(DescribeTopicPartitionsRequest.self),
        Row(.shareGroupHeartbeat,                   1...1, flexibleFrom: 0),
        Row(.shareGroupDescribe,                    1...1, flexibleFrom: 0),
        Row(.shareFetch,                            1...2, flexibleFrom: 0),
        Row(.shareAcknowledge,                      1...2, flexibleFrom: 0),
        Row(AddRaftVoterRequest.self),
        Row(RemoveRaftVoterRequest.self),
        Row(.updateRaftVoter,                       0...0, flexibleFrom: 0),
        Row(.initializeShareGroupState,             0...0, flexibleFrom: 0),
        Row(.readShareGroupState,                   0...0, flexibleFrom: 0),
        Row(.writeShareGroupState,                  0...1, flexibleFrom: 0),
        Row(.deleteShareGroupState,                 0...0, flexibleFrom: 0),
        Row(.readShareGroupStateSummary,            0...1, flexibleFrom: 0),
        Row(.streamsGroupHeartbeat,                 0...0, flexibleFrom: 0),
        Row(.streamsGroupDescribe,                  0...0, flexibleFrom: 0),
        Row(.describeShareGroupOffsets,             0...1, flexibleFrom: 0),
        Row(.alterShareGroupOffsets,                0...0, flexibleFrom: 0),
        Row(.deleteShareGroupOffsets,               0...0, flexibleFrom: 0),
        Row(.streamsGroupTopologyDescriptionUpdate, 0...0, flexibleFrom: 0),
        Row(UnregisterControllerRequest.self),
    ]

    public static func row(_ key: APIKey) -> Row { rows[Int(key.rawValue)] }

    /// Whether a header in front of this request is a flexible one; `false` for a key that nobody knows.
    static func isFlexible(key: Int16, version: Int16) -> Bool {
        guard rows.indices.contains(Int(key)) else { return false }
        return rows[Int(key)].isFlexible(version)
    }
}
