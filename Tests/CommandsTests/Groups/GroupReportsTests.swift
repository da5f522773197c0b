import CommandLine
import Configuration
import KafkaClient
import KafkaModel
import Testing

@testable import Commands

/// The views of groups, to the space as Kafka's tool prints them.
@Suite struct GroupReportsTests {
    private typealias Description = ConsumerGroupsRequest.Description

    private let coordinator = BrokerNode(id: 1, address: HostPort(host: "host", port: 9092), rack: nil)

    private func group(
        _ members: [GroupMember], type: GroupType = .classic, epoch: Int32? = nil, target: Int32? = nil
    ) -> GroupDescription {
        GroupDescription(
            id: "my-group", type: type, state: .stable, assignor: "range", coordinator: coordinator, members: members,
            epoch: epoch, targetAssignmentEpoch: target)
    }

    private func show(
        _ view: ConsumerGroupsRequest.View, verbose: Bool = false, seconds: Bool = false
    ) -> Description {
        Description(view: view, isVerbose: verbose, showsLagSeconds: seconds)
    }

    /// With a mark at the end of each line, so that spaces there can be seen.
    private func marked(_ text: String) -> String { text.replacing("\n", with: "|\n") }

    private func orders(_ partition: Int32) -> TopicPartition { TopicPartition("orders", partition) }

    @Test func `offsets: as the reference has them`() {
        let member = GroupMember(
            id: "console-consumer-2d1c0c9e-4a0e-43d5-9a37-0f4a5b8a8f11", clientID: "console-consumer",
            host: "/127.0.0.1", assignment: [orders(0)])
        let report = GroupOffsetsReport(
            group([member]), committed: [orders(0): CommittedOffset(10)], ends: [orders(0): 12])
        #expect(
            report.text(show(.offsets)) == """

                GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             \
                CONSUMER-ID                                           HOST            CLIENT-ID
                my-group        orders          0          10              12              2               \
                console-consumer-2d1c0c9e-4a0e-43d5-9a37-0f4a5b8a8f11 /127.0.0.1      console-consumer

                """)
    }

    @Test func `offsets: members with most first, what nobody reads last, dashes for what is not known`() {
        let small = GroupMember(id: "a", clientID: "c", host: "/h", assignment: [orders(5)])
        let large = GroupMember(id: "b", clientID: "c", host: "/h", assignment: [orders(10), orders(2)])
        let idle = GroupMember(id: "d", clientID: "c", host: "/h")
        let report = GroupOffsetsReport(
            group([small, idle, large]),
            committed: [
                orders(2): CommittedOffset(4, leaderEpoch: 7), orders(9): CommittedOffset(3),
                TopicPartition("gone", 0): CommittedOffset(8),
            ],
            ends: [orders(2): 4, orders(5): 6, orders(10): 0, orders(9): 5], lags: [orders(2): 0, orders(9): 61_049])
        #expect(
            report.text(show(.offsets, verbose: true, seconds: true)) == """

                GROUP           TOPIC           PARTITION  LEADER-EPOCH    CURRENT-OFFSET  LOG-END-OFFSET  LAG             \
                LAG-SECONDS     CONSUMER-ID     HOST            CLIENT-ID
                my-group        orders          2          7               4               4               0               \
                0.0             b               /h              c
                my-group        orders          10         -               -               0               -               \
                -               b               /h              c
                my-group        orders          5          -               -               6               -               \
                -               a               /h              c
                my-group        gone            0          -               8               -               -               \
                -               -               -               -
                my-group        orders          9          -               3               5               2               \
                61.0            -               -               -

                """)
        let rows = StructuredValue.rendered(
            Array(report.structured(show(.offsets, seconds: true)).suffix(1)), as: .jsonl, style: .plain)
        #expect(
            rows == #"{"group":"my-group","topic":"orders","partition":9,"leaderEpoch":null,"currentOffset":3,"#
                + #""logEndOffset":5,"lag":2,"lagSeconds":61.049,"consumerId":null,"host":null,"clientId":null}"# + "\n"
        )
        #expect(GroupOffsetsReport(group([]), committed: [:], ends: [:]).text(show(.offsets)) == "")
    }

    @Test func `members, with and without names, in both protocols`() {
        let members = [
            GroupMember(
                id: "consumer-1", clientID: "c1", host: "/127.0.0.1",
                assignment: [orders(1), orders(0), TopicPartition("other", 2)]),
            GroupMember(id: "consumer-2", clientID: "c2", host: "/127.0.0.1"),
        ]
        #expect(
            marked(GroupMembersReport(group: group(members)).text(show(.members))) == """
                |
                GROUP           CONSUMER-ID     HOST            CLIENT-ID       #PARTITIONS     |
                my-group        consumer-1      /127.0.0.1      c1              3               |
                my-group        consumer-2      /127.0.0.1      c2              0               |

                """)
        #expect(
            marked(GroupMembersReport(group: group(members)).text(show(.members, verbose: true))) == """
                |
                GROUP           CONSUMER-ID     HOST            CLIENT-ID       #PARTITIONS     CURRENT-EPOCH   \
                CURRENT-ASSIGNMENT   TARGET-EPOCH    TARGET-ASSIGNMENT   |
                my-group        consumer-1      /127.0.0.1      c1              3               -               \
                orders:0,1;other:2   -               -                   |
                my-group        consumer-2      /127.0.0.1      c2              0               -               \
                -                    -               -                   |

                """)
        let mixed = [
            GroupMember(
                id: "new", instanceID: "static-1", clientID: "c", host: "/h", assignment: [orders(0)],
                target: [orders(0), orders(1)], epoch: 3, isUpgraded: true),
            GroupMember(id: "old", clientID: "c", host: "/h", target: [], epoch: 4, isUpgraded: false),
        ]
        let report = GroupMembersReport(group: group(mixed, type: .consumer, epoch: 5, target: 4))
        #expect(
            report.text(show(.members, verbose: true)) == """

                GROUP           CONSUMER-ID     GROUP-INSTANCE-ID HOST            CLIENT-ID       #PARTITIONS     \
                CURRENT-EPOCH   CURRENT-ASSIGNMENT   TARGET-EPOCH    TARGET-ASSIGNMENT    UPGRADED
                my-group        new             static-1          /h              c               1               \
                3               orders:0             4               orders:0,1           true
                my-group        old                               /h              c               0               \
                4               -                    4               -                    false

                """)
        #expect(
            StructuredValue.rendered(report.structured(.jsonl).suffix(1).map { $0 }, as: .jsonl, style: .plain)
                == #"{"group":"my-group","consumerId":"old","groupInstanceId":null,"host":"/h","clientId":"c","#
                + #""partitionCount":0,"currentEpoch":4,"currentAssignment":[],"targetEpoch":4,"targetAssignment":[],"#
                + #""upgraded":false}"# + "\n")
        #expect(
            GroupMembersReport(group: group([])).text(show(.members))
                == "\nGROUP           CONSUMER-ID     HOST            CLIENT-ID       #PARTITIONS     \n")
    }

    @Test func `states, short and long`() {
        let description = group([], type: .consumer, epoch: 7, target: 6)
        #expect(
            GroupStateReport(group: description).text(show(.state)) == """

                GROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE                #MEMBERS
                my-group        host:9092  (1)            range                Stable               0

                """)
        #expect(
            GroupStateReport(group: description).text(show(.state, verbose: true)) == """

                GROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE                GROUP-EPOCH     \
                TARGET-ASSIGNMENT-EPOCH   #MEMBERS
                my-group        host:9092  (1)            range                Stable               7               \
                6                         0

                """)
    }

    @Test func `lists of groups`() {
        let groups = [
            GroupListing(id: "a", protocolType: "consumer", state: .empty, type: .consumer),
            GroupListing(id: "a-group-with-a-name-of-some-length", protocolType: "", state: nil, type: nil),
        ]
        let report = GroupListReport(groups: groups)
        func listing(type: Bool, state: Bool) -> ConsumerGroupsRequest.Listing {
            .init(showsType: type, showsState: state, filter: .consumers)
        }
        #expect(
            report.text(listing(type: false, state: false)) == "a\na-group-with-a-name-of-some-length\n")
        #expect(
            marked(report.text(listing(type: true, state: true))) == """
                GROUP                                        TYPE                 STATE               |
                a                                            Consumer             Empty               |
                a-group-with-a-name-of-some-length           Unknown              Unknown             |

                """)
        #expect(
            marked(GroupListReport(groups: []).text(listing(type: false, state: true)))
                == "GROUP                     STATE               |\n")
        #expect(
            marked(GroupsTool.text(groups)) == """
                GROUP                              TYPE                               PROTOCOL                          |
                a                                  Consumer                           consumer                           |
                a-group-with-a-name-of-some-length                                                                       |

                """)
    }

    @Test func `deleted offsets in the order of their names`() {
        let report = DeletedOffsetsReport(
            group: "g", results: [orders(10): nil, orders(2): "why", TopicPartition("none", -1): "gone"])
        #expect(
            marked(report.text) == """
                |
                TOPIC           PARTITION  STATUS         |
                none            -          Error: gone    |
                orders          10         Successful     |
                orders          2          Error: why     |

                """)
        #expect(report.hasFailures)
    }
}
