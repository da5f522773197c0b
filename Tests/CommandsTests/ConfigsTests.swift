import CommandLine
import KafkaClient
import KafkaModel
import Posix
import Security
import TestSupport
import Testing

@testable import Commands

@Suite struct ConfigsTests {
    private func told(_ words: [String], server: Bool = true) -> String {
        let session = Session()
        #expect(session.run(["configs"] + (server ? ["--bootstrap-server", "127.0.0.1:1"] : []) + words) == 1)
        #expect(session.printed.isEmpty)
        return session.told
    }

    /// What is told with the usage behind it.
    private func complaint(_ words: String...) -> String {
        let told = told(words)
        #expect(told.contains("--entity-type"), "the usage follows")
        return String(told.split(separator: "\n").first ?? "")
    }

    /// What is told alone.
    private func refusal(_ words: String...) -> String {
        let told = told(words)
        #expect(told.hasSuffix("\n"))
        return String(told.dropLast())
    }

    @Test func `what goes together`() {
        #expect(complaint("--topic", "t") == "Command must include exactly one action: --describe, --alter")
        #expect(
            complaint("--describe", "--alter", "--topic", "t")
                == "Command must include exactly one action: --describe, --alter")
        #expect(
            complaint("--describe", "--topic", "t", "--add-config", "a=b")
                == "Option \"[describe]\" can't be used with option \"[add-config]\"")
        #expect(
            complaint("--describe", "--topic", "t", "--delete-config", "a")
                == "Option \"[describe]\" can't be used with option \"[delete-config]\"")
        #expect(refusal("--describe") == "At least one entity type must be specified")
        #expect(
            refusal("--describe", "--topic", "t", "--broker", "1")
                == "Only 'users' and 'clients' entity types may be specified together")
        #expect(
            refusal("--describe", "--entity-type", "users", "--entity-type", "users")
                == "Duplicate entity type(s) specified: users")
        #expect(
            refusal("--describe", "--entity-type", "users", "--client", "c")
                == "--entity-{type,name,default} should not be used in conjunction with specific entity flags")
        #expect(
            refusal("--describe", "--topic", "t", "--bootstrap-controller", "127.0.0.1:1")
                == "Only one of --bootstrap-server or --bootstrap-controller can be specified")
        #expect(
            told(["--describe", "--topic", "t"], server: false)
                == "Either --bootstrap-server or --bootstrap-controller must be specified.\n")
        #expect(
            refusal("--describe", "--entity-type", "topic")
                == "Invalid entity type topic, the entity type must be one of broker-loggers, topics, clients, users, "
                + "brokers, ips, client-metrics, groups with a --bootstrap-server or --bootstrap-controller argument\n"
                + "Did you mean topics?")
    }

    @Test func `what the names have to be`() {
        #expect(
            refusal("--describe", "--entity-type", "brokers", "--entity-name", "one")
                == "The entity name for brokers must be a valid integer broker id, but it is: one")
        #expect(
            refusal("--describe", "--broker-logger", "x")
                == "The entity name for broker-loggers must be a valid integer broker id, but it is: x")
        #expect(
            refusal("--describe", "--ip", "no such host")
                == "The entity name for ips must be a valid IP or resolvable host, but it is: no such host")
        #expect(
            refusal("--describe", "--entity-type", "topics", "--entity-default")
                == "--entity-default must not be specified with --describe of topics")
        #expect(
            refusal("--describe", "--entity-type", "broker-loggers")
                == "An entity name must be specified with --describe of broker-loggers")
        #expect(
            refusal("--describe", "--entity-type", "topics", "--entity-name", "a", "--entity-name", "b")
                == "More entity names specified than entity types")
    }

    @Test func `what a change needs`() {
        #expect(
            refusal("--alter", "--entity-type", "users", "--add-config", "a=b")
                == "An entity-name or default entity must be specified with --alter of users, clients, brokers or ips")
        #expect(
            refusal("--alter", "--entity-type", "topics", "--add-config", "a=b")
                == "An entity name must be specified with --alter of topics")
        #expect(
            refusal(
                "--alter", "--entity-type", "users", "--entity-type", "clients", "--entity-name", "a", "--add-config",
                "a=b")
                == "An entity name must be specified for every entity type")
        #expect(
            refusal("--alter", "--topic", "t", "--add-config", "a=b", "--add-config-file", "/f")
                == "Only one of --add-config or --add-config-file must be specified")
        #expect(
            refusal("--alter", "--topic", "t")
                == "At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter")
        let format =
            "Invalid entity config: all configs to be added must be in the format \"key=val\" or  "
            + "\"key=[val1,val2]\" to group values which contain commas."
        #expect(refusal("--alter", "--topic", "t", "--add-config", "a") == format)
        #expect(refusal("--alter", "--topic", "t", "--add-config", "a=b=c") == format)
        #expect(refusal("--alter", "--topic", "t", "--add-config", "a=b,") == format)
        #expect(
            refusal("--alter", "--topic", "t", "--add-config", "a b=c") == "Invalid character found for config key: a b"
        )
    }

    @Test func `what users and clients take`() {
        #expect(
            refusal("--alter", "--user", "u", "--add-config", "producer_byte_rte=1")
                == "Only quota and SCRAM credential configs can be added for 'users' using --bootstrap-server. "
                + "Unexpected config names: producer_byte_rte\nDid you mean producer_byte_rate?")
        #expect(
            refusal("--alter", "--user", "u", "--delete-config", "retention.ms")
                == "Only quota and SCRAM credential configs can be deleted for 'users' using --bootstrap-server. "
                + "Unexpected config names: retention.ms")
        #expect(
            refusal("--alter", "--client", "c", "--add-config", "SCRAM-SHA-256=[password=x]")
                == "Only quota configs can be added for 'clients' using --bootstrap-server. Unexpected config names: "
                + "SCRAM-SHA-256")
        #expect(
            refusal("--alter", "--user-defaults", "--add-config", "SCRAM-SHA-256=[password=x]")
                == "The use of --entity-default or --user-defaults is not allowed with User SCRAM Credentials using "
                + "--bootstrap-server.")
        #expect(
            refusal("--alter", "--user", "u", "--add-config", "SCRAM-SHA-256=[password=x],producer_byte_rate=1")
                == "Cannot alter both quota and SCRAM credential configs simultaneously for 'users' using "
                + "--bootstrap-server.")
        #expect(
            refusal("--alter", "--user", "u", "--add-config", "SCRAM-SHA-256=[secret]")
                == "Invalid credential property SCRAM-SHA-256=secret\n"
                + "It is written SCRAM-SHA-256=[iterations=8192,password=secret].")
        #expect(
            refusal("--alter", "--user", "u", "--add-config", "SCRAM-SHA-512=[iterations=100,password=x]")
                == "Iterations 100 is less than the minimum 4096 required for SCRAM-SHA-512")
        #expect(
            refusal("--alter", "--user", "u", "--add-config", "producer_byte_rate=fast")
                == "Cannot parse quota configuration value for producer_byte_rate: fast")
        #expect(
            refusal("--alter", "--ip", "127.0.0.1", "--add-config", "producer_byte_rate=1")
                == "Only connection quota configs can be added for 'ips' using --bootstrap-server. Unexpected config "
                + "names: producer_byte_rate")
    }

    private func request(_ words: String...) throws -> ConfigsRequest {
        guard case .run(let arguments) = try Parser.parse(words, for: Configs.declaration) else {
            throw UsageError("not to be run")
        }
        return try ConfigsRequest(arguments)
    }

    @Test func `entities by long names and short ones`() throws {
        #expect(
            try request(
                "--describe", "--entity-type", "users", "--entity-default", "--entity-type", "clients", "--entity-name",
                "c"
            ).entities == [
                ConfigEntity(kind: .users, name: .byDefault), ConfigEntity(kind: .clients, name: .named("c")),
            ])
        #expect(
            try request("--describe", "--user", "u", "--client-defaults").entities == [
                ConfigEntity(kind: .users, name: .named("u")), ConfigEntity(kind: .clients, name: .byDefault),
            ])
        #expect(
            try request("--describe", "--client", "c", "--user", "u").entities == [
                ConfigEntity(kind: .clients, name: .named("c")), ConfigEntity(kind: .users, name: .named("u")),
            ])
        #expect(
            try request("--describe", "--entity-type", "groups").entities == [
                ConfigEntity(kind: .groups, name: .any)
            ])
    }

    @Test func `what is to be set and removed`() throws {
        func change(_ words: String...) throws -> ConfigsRequest.Change {
            guard
                case .run(let arguments) = try Parser.parse(
                    ["--alter", "--topic", "t"] + words, for: Configs.declaration),
                case .alter(let change) = try ConfigsRequest(arguments).action
            else { throw UsageError("not to be altered") }
            return change
        }
        #expect(
            try change("--add-config", "k1=v1, k2 = [v1,v2,v3],k3=[a=b,c=d],k4=").set.map { "\($0.key)|\($0.value)" }
                == ["k1|v1", "k2|v1,v2,v3", "k3|a=b,c=d", "k4|"])
        #expect(try change("--delete-config", "a, b", "--delete-config", "c").delete == ["a", "b", "c"])
        let directory = TemporaryDirectory()
        let file = try Disk.real.open(directory.file("add.properties"), .replace)
        try file.write(Array("b=2\na=1,2\n".utf8), at: 0)
        #expect(
            try change("--add-config-file", directory.file("add.properties")).set.map { "\($0.key)|\($0.value)" }
                == ["a|1,2", "b|2"])
    }

    @Test func `a password is not repeated when something fails`() {
        let session = Session()
        _ = session.run([
            "configs", "--bootstrap-server", "127.0.0.1:1", "--command-config", "/dev/null", "--alter", "--user", "u",
            "--add-config", "SCRAM-SHA-256=[iterations=4096,password=geheim],SCRAM-SHA-512=[password=geheim]",
        ])
        #expect(!session.told.contains("geheim"))
        #expect(session.told.contains("SCRAM-SHA-256=[iterations=4096,password=***],SCRAM-SHA-512=[password=***]'"))
        #expect(
            session.told.hasPrefix("Error while executing config command with args '--bootstrap-server 127.0.0.1:1 "))
        #expect(session.told.contains("cannot connect to 127.0.0.1:1: Connection refused"))
    }
}

@Suite struct ConfigsReportTests {
    private func report(all: Bool = false, kind: ConfigEntity.Kind = .topics, name: String = "orders") -> ConfigsReport
    {
        var report = ConfigsReport(kind: kind, showsAll: all)
        report.add(
            ConfigDescription(
                ConfigResource(kind.resource ?? .topic, name),
                entries: [
                    DescribedConfig(
                        name: "retention.ms", value: "60000", source: kind.ownSource(isDefault: name.isEmpty),
                        synonyms: [
                            .init(name: "retention.ms", value: "60000", source: .topic),
                            .init(name: "log.retention.ms", value: "1000", source: .file),
                            .init(name: "log.retention.hours", value: "168", source: .builtIn),
                        ], type: "LONG"),
                    DescribedConfig(
                        name: "a.password", value: nil, source: .builtIn, isSensitive: true, type: "PASSWORD",
                        documentation: "Secret."),
                ]))
        return report
    }

    @Test func `as Kafka prints it`() {
        let line =
            "  retention.ms=60000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:retention.ms=60000, "
            + "STATIC_BROKER_CONFIG:log.retention.ms=1000, DEFAULT_CONFIG:log.retention.hours=168}\n"
        #expect(report().text == "Dynamic configs for topic orders are:\n" + line)
        #expect(
            report(all: true).text
                == "All configs for topic orders are:\n  a.password=null sensitive=true synonyms={}\n"
                + line)
        #expect(
            report(kind: .brokers, name: "").text == "Default configs for brokers in the cluster are:\n" + line)
        #expect(report(kind: .brokers, name: "1").text == "Dynamic configs for broker 1 are:\n" + line)
        #expect(
            report(kind: .clientMetrics, name: "m").text == "Dynamic configs for client-metric m are:\n" + line)
    }

    @Test func `rows for programs`() {
        #expect(
            report(all: true).rows.map(\.json) == [
                #"{"entityType":"topics","entityName":"orders","name":"a.password","value":null,"#
                    + #""source":"DEFAULT_CONFIG","isSensitive":true,"isReadOnly":false,"type":"PASSWORD","#
                    + #""documentation":"Secret."}"#,
                #"{"entityType":"topics","entityName":"orders","name":"retention.ms","value":"60000","#
                    + #""source":"DYNAMIC_TOPIC_CONFIG","isSensitive":false,"isReadOnly":false,"type":"LONG","synonyms":["#
                    + #"{"source":"DYNAMIC_TOPIC_CONFIG","name":"retention.ms","value":"60000"},"#
                    + #"{"source":"STATIC_BROKER_CONFIG","name":"log.retention.ms","value":"1000"},"#
                    + #"{"source":"DEFAULT_CONFIG","name":"log.retention.hours","value":"168"}]}"#,
            ])
    }

    private let quotas = QuotasReport(
        quotas: [
            ClientQuota(
                [.init(.clientID, "c1"), .init(.user, "alice")],
                [.init("producer_byte_rate", 1024), .init("consumer_byte_rate", 2048)]),
            ClientQuota([.init(.clientID, nil)], [.init("producer_byte_rate", 10_485_760)]),
            ClientQuota([.init(.ip, "10.0.0.1")], [.init("connection_creation_rate", 0.5)]),
        ],
        credentials: [
            SCRAMDescription(user: "alice", credentials: [(.sha256, 4096), (.sha512, 8192)])
        ])

    @Test func `quotas and credentials as Kafka prints them`() {
        #expect(
            quotas.text == """
                Quota configs for user-principal 'alice', client-id 'c1' are consumer_byte_rate=2048.0, \
                producer_byte_rate=1024.0
                Quota configs for the default client-id are producer_byte_rate=1.048576E7
                Quota configs for ip '10.0.0.1' are connection_creation_rate=0.5
                SCRAM credential configs for user-principal 'alice' are SCRAM-SHA-256=iterations=4096, \
                SCRAM-SHA-512=iterations=8192

                """)
        #expect(
            StructuredValue.rendered(quotas.rows, as: .csv) == """
                user,clientId,name,value,ip
                alice,c1,consumer_byte_rate,2048.0,
                alice,c1,producer_byte_rate,1024.0,
                ,<default>,producer_byte_rate,10485760.0,
                ,,connection_creation_rate,0.5,10.0.0.1
                alice,,SCRAM-SHA-256,iterations=4096,
                alice,,SCRAM-SHA-512,iterations=8192,

                """)
    }

    @Test func `numbers as Java writes them`() {
        let pairs: [(Double, String)] = [
            (0, "0.0"), (1, "1.0"), (-2.5, "-2.5"), (0.001, "0.001"), (0.0009, "9.0E-4"), (9_999_999, "9999999.0"),
            (10_000_000, "1.0E7"), (12_345_678.5, "1.23456785E7"), (1e21, "1.0E21"), (123.456, "123.456"),
            (9.223372036854776e18, "9.223372036854776E18"), (.infinity, "Infinity"), (0.05, "0.05"),
        ]
        for (value, text) in pairs { #expect(JavaDouble(value).description == text) }
    }
}
