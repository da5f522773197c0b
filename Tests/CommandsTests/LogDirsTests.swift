import Bytes
import CommandLine
import KafkaClient
import KafkaModel
import Posix
import TestSupport
import Testing

@testable import Commands

@Suite struct LogDirsTests {
    @Test func `what the command line lacks or says wrong`() {
        func complaint(_ words: String...) -> String {
            let session = Session(
                variables: words == ["--describe"] ? [:] : ["SKAFKA_BOOTSTRAP_SERVER": "127.0.0.1:1"])
            #expect(session.run(["log-dirs"] + words) == 1)
            return String(session.told.split(separator: "\n").first ?? "")
        }
        #expect(complaint("--output", "json") == "Missing required argument \"[describe]\"")
        #expect(complaint("--describe") == "Missing required argument \"[bootstrap-server]\"")
        #expect(
            complaint("--describe", "--alter")
                == "Option \"[describe]\" can't be used with option \"[alter]\"")
        #expect(complaint("--alter", "--to", "/d") == "Missing required argument \"[replica]\"")
        #expect(
            complaint("--alter", "--to", "/d", "--broker", "1", "--replica", "orders")
                == "'orders' is no replica: a topic, a dash and the number of a partition")
        #expect(complaint("--describe", "--broker-list", "1,x") == "'x' is no broker id")
        #expect(
            complaint("--describe", "--output", "xml")
                == "'xml' is no form of output: text, table, json, jsonl, yaml or csv")
        #expect(
            complaint("--bootstrap-server", "nonsense", "--describe")
                == "skafka: cannot describe log directories: Invalid value nonsense for configuration bootstrap.servers: "
                + "Please provide valid host:port like host1:9091,host2:9092")
    }

    @Test func `a cluster that is not there, named by a variable`() throws {
        let directory = TemporaryDirectory()
        let file = try Disk.real.open(directory.file("client.properties"), .replace)
        try file.write(Array("retries=0\nfoo=bar\n".utf8), at: 0)
        let session = Session(variables: [
            "SKAFKA_BOOTSTRAP_SERVER": "127.0.0.1:1", "SKAFKA_COMMAND_CONFIG": directory.file("client.properties"),
        ])
        #expect(
            session.transcript("log-dirs", "--describe")
                == "1\n! skafka: These configurations '[foo]' were supplied but are not used yet.\n"
                + "! skafka: cannot describe log directories: cannot connect to 127.0.0.1:1: Connection refused\n")
    }

    private func report(_ topics: Set<String> = []) -> LogDirsReport {
        var report = LogDirsReport()
        report.add(
            1,
            [
                LogDirectoryDescription(
                    path: "/e", error: .kafkaStorageError, totalBytes: nil, usableBytes: nil, replicas: []),
                LogDirectoryDescription(
                    path: "/d", error: .none, totalBytes: 100, usableBytes: 50,
                    replicas: [
                        .init(partition: TopicPartition("t", 0), size: 1234, offsetLag: 0, isFuture: false),
                        .init(partition: TopicPartition("a", 2), size: 5, offsetLag: 7, isFuture: true),
                    ]),
            ], topics: topics)
        return report
    }

    @Test func `the line of JSON is Kafka's`() {
        #expect(
            report().kafkaJSON
                == #"{"version":1,"brokers":[{"broker":1,"logDirs":[{"partitions":["#
                + #"{"partition":"a-2","size":5,"offsetLag":7,"isFuture":true},"#
                + #"{"partition":"t-0","size":1234,"offsetLag":0,"isFuture":false}],"error":null,"logDir":"/d"},"#
                + #"{"partitions":[],"error":"org.apache.kafka.common.errors.KafkaStorageException","logDir":"/e"}]}]}"#
        )
    }

    @Test func `the other forms`() {
        #expect(
            StructuredValue.rendered(report(["t"]).rows, as: .jsonl)
                == #"{"broker":1,"logDir":"/d","error":null,"totalBytes":100,"usableBytes":50,"topic":"t","partition":0,"#
                + #""size":1234,"offsetLag":0,"isFuture":false}"# + "\n"
                + #"{"broker":1,"logDir":"/e","error":"KAFKA_STORAGE_ERROR","totalBytes":null,"usableBytes":null}"#
                + "\n"
        )
        #expect(
            report().table.text == """
                BROKER  TOPIC  PARTITION    SIZE  LAG  STATE                          DIRECTORY
                     1  a              2     5 B    7  on its way                     /d
                     1  t              0  1.2 kB    0  there                          /d
                     1  -              -       -    -  offline (KAFKA_STORAGE_ERROR)  /e

                """)
    }
}
