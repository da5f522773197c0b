import CommandLine
import Configuration
import KafkaClient
import KafkaModel
import Testing

@testable import Commands

@Suite struct ClusterToolTests {
    private func node(_ id: Int32, _ host: String, rack: String? = nil, isFenced: Bool = false) -> BrokerNode {
        BrokerNode(id: id, address: HostPort(host: host, port: 9092), rack: rack, isFenced: isFenced)
    }

    @Test func `what the nodes speak`() {
        var report = NodeVersionsReport()
        report.add(node(1, "localhost"), .success(NodeVersions(apis: [0: 3...13, 1: 30...31, 19: 0...0, 99: 0...1])))
        report.add(
            node(2, "other", rack: "r1", isFenced: true), .failure(ClientError("other:9092", .connect, .closed)))
        let lines = report.text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "localhost:9092 (id: 1 rack: null isFenced: false) -> (")
        #expect(lines[1] == "\tProduce(0): 3 to 13 [usable: 13],")
        #expect(lines[2] == "\tFetch(1): 30 to 31 [unusable: node too new],")
        #expect(lines[3] == "\tListOffsets(2): UNSUPPORTED,")
        #expect(lines.contains("\tCreateTopics(19): 0 [usable: 0],"))
        // What only controllers serve is not missed.
        #expect(!report.text.contains("Vote(52)") && !report.text.contains("LeaderAndIsr(4)"))
        #expect(
            report.text.hasSuffix(
                "\tUnregisterController(94): UNSUPPORTED,\n\tUNKNOWN(99): 0 to 1\n)\n"
                    + "other:9092 (id: 2 rack: r1 isFenced: true) -> ERROR: cannot connect to other:9092: it closed the "
                    + "connection\n"))
        #expect(report.hasFailed)
        let csv = StructuredValue.rendered(report.rows, as: .csv).split(separator: "\n")
        #expect(
            csv[0]
                == "nodeId,host,port,rack,isFenced,api,key,minVersion,maxVersion,usableVersion,error")
        #expect(csv[1] == "1,localhost,9092,,false,Produce,0,3,13,13,")
        #expect(csv[2] == "1,localhost,9092,,false,Fetch,1,30,31,,")
    }

    @Test func `endpoints of brokers and of controllers`() {
        let nodes = [node(1, "host1", rack: "rack1"), node(2, "h", isFenced: true)]
        #expect(
            EndpointsReport(nodes: nodes, kind: .brokers).text
                == "ID         HOST  PORT       RACK  STATE      ENDPOINT_TYPE  \n"
                + "1          host1 9092       rack1 unfenced   broker         \n"
                + "2          h     9092       null  fenced     broker         \n")
        #expect(
            EndpointsReport(nodes: [node(3, "c")], kind: .controllers).text
                == "ID         HOST PORT       RACK       ENDPOINT_TYPE  \n"
                + "3          c 9092       null       controller     \n")
        #expect(
            StructuredValue.rendered(EndpointsReport(nodes: nodes, kind: .brokers).rows, as: .csv)
                == "id,host,port,rack,state,endpointType\n1,host1,9092,rack1,unfenced,broker\n"
                + "2,h,9092,,fenced,broker\n")
    }

    @Test func `the cluster id`() {
        #expect(ClusterTool.text(clusterID: "abc") == "Cluster ID: abc")
        #expect(
            ClusterTool.text(clusterID: nil) == "No cluster ID found. The Kafka version is probably too old.")
    }

    @Test func `what the command line lacks or says wrong`() {
        func complaint(_ words: String...) -> String {
            let session = Session()
            #expect(session.run(["cluster"] + words) == 1)
            return session.told.split(separator: "\n").last.map(String.init) ?? ""
        }
        #expect(complaint() == "skafka cluster: error: too few arguments")
        #expect(
            complaint("cluster-id")
                == "skafka cluster: error: one of the arguments --bootstrap-server/-b --bootstrap-controller/-C is "
                + "required")
        #expect(
            complaint("cluster-id", "-b", "a:1", "-C", "b:1")
                == "skafka cluster: error: argument --bootstrap-controller/-C: not allowed with argument "
                + "--bootstrap-server/-b")
        #expect(complaint("unregister", "-b", "a:1") == "skafka cluster: error: argument --id/-i is required")
        #expect(
            complaint("unregister", "-b", "a:1", "-i", "x")
                == "skafka cluster: error: argument --id/-i: could not convert 'x' to Integer (32 bit)")
        #expect(
            complaint("list-endpoints", "-C", "a:1", "--include-fenced-brokers")
                == "The option --include-fenced-brokers is only supported with --bootstrap-server option")
    }
}
