import Bytes
import CommandLine
import KafkaClient
import KafkaModel
import Testing

@testable import Commands

@Suite struct TopicsTests {
    /// The first line of what is told for a command line that names a server nobody listens at.
    private func complaint(_ words: String...) -> String {
        let session = Session()
        #expect(session.run(["topics", "--bootstrap-server", "127.0.0.1:1"] + words) == 1)
        #expect(session.printed.isEmpty)
        return String(session.told.split(separator: "\n").first ?? "")
    }

    @Test func `what goes together`() {
        let action = "Command must include exactly one action: --list, --describe, --create, --alter or --delete"
        #expect(complaint("--topic", "t") == action)
        #expect(complaint("--list", "--create") == action)
        #expect(complaint("--create") == "Missing required argument \"[topic]\"")
        #expect(complaint("--delete") == "Missing required argument \"[topic]\"")
        #expect(complaint("--alter", "--topic", "t") == "Missing required argument \"[partitions]\"")
        #expect(
            complaint("--alter", "--topic", "t", "--partitions", "2", "--config", "a=b")
                == "Option combination \"[[bootstrap-server], [config]]\" can't be used with option \"[alter]\" "
                + "(To alter topic configurations, the kafka-configs tool can be used.)")
        #expect(
            complaint("--describe", "--if-exists") == "--topic or --topic-id is required to describe a topic")
        #expect(complaint("--list", "--config", "a=b") == "Option \"[config]\" can't be used with option \"[list]\"")
        #expect(
            complaint("--delete", "--topic", "t", "--partitions", "2")
                == "Option \"[partitions]\" can't be used with option \"[delete]\"")
        #expect(
            complaint("--alter", "--topic", "t", "--partitions", "2", "--replication-factor", "2")
                == "Option \"[replication-factor]\" can't be used with option \"[alter]\"")
        #expect(
            complaint("--create", "--topic", "t", "--replica-assignment", "1", "--partitions", "1")
                == "Option \"[replica-assignment]\" can't be used with option \"[partitions]\"")
        #expect(
            complaint("--create", "--topic", "t", "--replica-assignment", "1", "--replication-factor", "1")
                == "Option \"[replica-assignment]\" can't be used with option \"[replication-factor]\"")
        #expect(
            complaint("--list", "--under-replicated-partitions")
                == "Option \"[under-replicated-partitions]\" can't be used with option \"[list]\"")
        #expect(
            complaint("--describe", "--unavailable-partitions", "--topics-with-overrides")
                == "Option \"[unavailable-partitions]\" can't be used with option \"[topics-with-overrides]\"")
        #expect(
            complaint("--create", "--topic", "t", "--if-exists")
                == "Option \"[if-exists]\" can't be used with option \"[create]\"")
        #expect(
            complaint("--delete", "--topic", "t", "--if-not-exists")
                == "Option \"[if-not-exists]\" can't be used with option \"[delete]\"")
        #expect(
            complaint("--delete", "--topic", "t", "--exclude-internal")
                == "Option \"[exclude-internal]\" can't be used with option \"[delete]\"")
        #expect(
            complaint("--list", "--topic-id", "AAAAAAAAAAAAAAAAAAAAAA")
                == "Option \"[topic-id]\" can't be used with option \"[list]\"")
        #expect(
            complaint("--create", "--topic", "t", "--output", "json")
                == "Option \"[output]\" can't be used with option \"[create]\"")
        #expect(
            complaint("--create", "--topic", "t", "--partitions", "many")
                == "Cannot parse argument 'many' of option partitions")
    }

    @Test func `what is wrong with a value`() {
        func failure(_ words: String...) -> String {
            let session = Session()
            #expect(session.run(["topics", "--bootstrap-server", "127.0.0.1:1"] + words) == 1)
            let told = session.told
            #expect(told.hasPrefix("Error while executing topic command : "), "\(told)")
            return String(told.dropFirst("Error while executing topic command : ".count))
        }
        let format =
            "requirement failed: Invalid topic config: all configs to be added must be in the format \"key=val\".\n"
        #expect(failure("--create", "--topic", "t", "--config", "a") == format)
        #expect(failure("--create", "--topic", "t", "--config", "a=") == format)
        #expect(failure("--create", "--topic", "t", "--config", "a=b=c") == format)
        #expect(
            failure("--create", "--topic", "t", "--replication-factor", "0")
                == "The replication factor must be between 1 and 32767 inclusive\n")
        #expect(
            failure("--create", "--topic", "t", "--replication-factor", "32768")
                == "The replication factor must be between 1 and 32767 inclusive\n")
        #expect(
            failure("--create", "--topic", "t", "--partitions", "0") == "The partitions must be greater than 0\n")
        #expect(
            failure("--create", "--topic", "t", "--replica-assignment", "1:2,3:3:1:1")
                == "Partition replica lists may not contain duplicate entries: 3,1\n")
        #expect(
            failure("--create", "--topic", "t", "--replica-assignment", "1:2,3")
                == "Partition 1 has different replication factor: [3]\n")
        #expect(
            failure("--create", "--topic", "t", "--replica-assignment", "1:x")
                == "'x' in --replica-assignment is no broker id\n")
        #expect(
            failure("--list", "--topic", "*a") == "*a is an invalid regex.\nDangling meta character '*' near index 0\n")
        #expect(
            failure("--describe", "--topic-id", "short")
                == "Input string `short` is not a base64-encoded UUID\n")
        #expect(
            failure("--describe", "--topic-id", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA")
                == "Input string with prefix `AAAAAAAAAAAAAAAAAAAAAAAA` is too long to be decoded as a base64 UUID\n")
    }

    @Test func `a cluster that is not named or not there`() {
        let session = Session()
        #expect(session.transcript("topics", "--list") == "1\n! --bootstrap-server must be specified\n")
        let there = Session(variables: ["SKAFKA_BOOTSTRAP_SERVER": "127.0.0.1:1"])
        #expect(there.run(["topics", "--list", "--command-config", "/nonexistent"]) == 1)
        #expect(there.told.contains("/nonexistent"))
    }

    @Test func `what is not wrong, but of no use, is told`() throws {
        func notices(_ words: String...) throws -> [String] {
            guard case .run(let arguments) = try Parser.parse(words, for: Topics.declaration) else { return [] }
            return try TopicsRequest(arguments).notices
        }
        #expect(
            try notices("--list", "--delete-config", "a")
                == [
                    "delete-config option is no longer supported and deprecated since version 4.0. The config will be "
                        + "fully removed in future releases."
                ])
        #expect(
            try notices("--describe", "--if-exists", "--topic", "t", "--topic-id", "AAAAAAAAAAAAAAAAAAAAAA")
                == [
                    "Only topic id will be used when both --topic and --topic-id are specified and topicId is not "
                        + "Uuid.ZERO_UUID"
                ])
    }

    @Test func `a request for a topic`() throws {
        let words = [
            "--create", "--topic", "t", "--config", "a = 1", "--config", "b=2", "--config", "a=3",
            "--replica-assignment", "1:2,2:1",
        ]
        guard case .run(let arguments) = try Parser.parse(words, for: Topics.declaration),
            case .create(let topic) = try TopicsRequest(arguments).action
        else {
            Issue.record("it is to create")
            return
        }
        #expect(topic.configs.map(\.name) == ["b", "a"] && topic.configs.map(\.value) == ["2", "3"])
        #expect(topic.assignments == [[1, 2], [2, 1]] && topic.partitions == nil)
    }
}

@Suite struct TopicsReportTests {
    private let id = UUID("7bQ2oN3mT5W0Gk8n0p3GkA") ?? .zero

    private func report(
        _ description: TopicsRequest.Description = .init(), live: Set<Int32> = [1, 2, 3],
        _ reassignments: [TopicPartition: PartitionReassignment] = [:], minISR: Int = 2
    ) -> TopicsReport {
        var report = TopicsReport(description, liveBrokers: live)
        report.reassignments = reassignments
        let configs = [
            DescribedConfig(name: "min.insync.replicas", value: "\(minISR)", source: .builtIn),
            DescribedConfig(name: "retention.ms", value: "60000", source: .topic),
            DescribedConfig(name: "segment.bytes", value: "1073741824", source: .file),
        ]
        report.add(
            TopicDescription(
                name: "orders", id: id,
                partitions: [
                    .init(index: 0, leader: 1, replicas: [1, 2], isr: [1, 2], elr: [], lastKnownELR: []),
                    .init(index: 1, leader: -1, replicas: [2, 3], isr: [2], elr: [3], lastKnownELR: [2, 3]),
                ]), configs, among: configs.count)
        report.add(
            TopicDescription(
                name: "plain", partitions: [.init(index: 0, leader: 3, replicas: [3], isr: [3])]), [configs[0]],
            among: 1)
        return report
    }

    @Test func `as Kafka prints it`() {
        #expect(
            report().text == """
                Topic: orders\tTopicId: \(id)\tPartitionCount: 2\tReplicationFactor: 2\tConfigs: \
                retention.ms=60000,segment.bytes=1073741824
                \tTopic: orders\tPartition: 0\tLeader: 1\tReplicas: 1,2\tIsr: 1,2\tElr: \tLastKnownElr: \n\
                \tTopic: orders\tPartition: 1\tLeader: none\tReplicas: 2,3\tIsr: 2\tElr: 3\tLastKnownElr: 2,3
                Topic: plain\tPartitionCount: 1\tReplicationFactor: 1\tConfigs: \n\
                \tTopic: plain\tPartition: 0\tLeader: 3\tReplicas: 3\tIsr: 3\tElr: N/A\tLastKnownElr: N/A

                """)
    }

    @Test func `filters leave the lines of topics out`() {
        func lines(_ filter: TopicsRequest.Filter, live: Set<Int32> = [1, 2, 3], minISR: Int = 2) -> [String] {
            report(.init(filters: [filter]), live: live, minISR: minISR).text.split(separator: "\n").map { line in
                let words = line.split(separator: "\t")
                return "\(words[0].dropFirst(7))-\(words[1].dropFirst(11))"
            }
        }
        #expect(lines(.underReplicated) == ["orders-1"])
        #expect(lines(.unavailable) == ["orders-1"])
        #expect(lines(.unavailable, live: [1, 2]) == ["orders-1", "plain-0"])
        #expect(lines(.underMinISR) == ["orders-1", "plain-0"])
        #expect(lines(.underMinISR, minISR: 1) == ["orders-1"])
        #expect(lines(.atMinISR) == ["orders-0"])
        #expect(lines(.atMinISR, minISR: 1) == ["orders-1", "plain-0"])
    }

    @Test func `only topics with settings of their own`() {
        #expect(
            report(.init(onlyOverrides: true)).text
                == "Topic: orders\tTopicId: \(id)\tPartitionCount: 2\tReplicationFactor: 2\tConfigs: "
                + "retention.ms=60000,segment.bytes=1073741824\n")
    }

    @Test func `while a partition is on its way`() {
        let moving = report(
            .init(), live: [1, 2, 3],
            [
                TopicPartition("orders", 0): PartitionReassignment(replicas: [1, 2, 3], adding: [3], removing: [1]),
                // This one had ended when the partitions were described.
                TopicPartition("plain", 0): PartitionReassignment(replicas: [4, 5], adding: [5], removing: [4]),
            ]
        ).text.split(separator: "\n")
        #expect(moving[0].contains("\tReplicationFactor: 2\t"))
        #expect(
            moving[1]
                == "\tTopic: orders\tPartition: 0\tLeader: 1\tReplicas: 1,2\tIsr: 1,2\tAdding Replicas: 3\tRemoving "
                + "Replicas: 1\tElr: \tLastKnownElr: ")
        #expect(moving[3].contains("\tReplicationFactor: 1\t"))
    }

    @Test func `rows for programs`() {
        let rows = report().rows(.json)
        #expect(
            rows[0].json
                == #"{"topic":"orders","topicId":"\#(id)","isInternal":false,"partitionCount":2,"#
                + #""replicationFactor":2,"configs":{"retention.ms":"60000","segment.bytes":"1073741824"},"partitions":["#
                + #"{"partition":0,"leader":1,"replicas":[1,2],"isr":[1,2],"elr":[],"lastKnownElr":[]},"#
                + #"{"partition":1,"leader":null,"replicas":[2,3],"isr":[2],"elr":[3],"lastKnownElr":[2,3]}]}"#)
        #expect(
            StructuredValue.rendered(report().rows(.csv), as: .csv) == """
                topic,topicId,partition,leader,replicas,isr,elr,lastKnownElr,addingReplicas,removingReplicas,configs
                orders,\(id),0,1,"1,2","1,2","","",,,"retention.ms=60000,segment.bytes=1073741824"
                orders,\(id),1,,"2,3",2,3,"2,3",,,"retention.ms=60000,segment.bytes=1073741824"
                plain,,0,3,3,3,,,,,""

                """)
    }

    @Test func `settings come in the order of Kafka's tool`() {
        // What a Kafka cluster prints for its own topic of offsets.
        let names = ["cleanup.policy", "compression.type", "min.insync.replicas", "segment.bytes", "retention.ms"]
        let filler = (0..<28).map { "x.\($0)" }
        let sorted = JavaHashOrder.sorted(names + filler) { $0 }.filter { !$0.hasPrefix("x.") }
        #expect(
            sorted == ["compression.type", "min.insync.replicas", "cleanup.policy", "segment.bytes", "retention.ms"])
        #expect(JavaHashOrder.sorted([String]()) { $0 }.isEmpty)
    }
}
