import Testing

@testable import CommandLine

struct StructuredValueTests {
    private static let rows: [StructuredValue] = [
        [
            "topic": "orders", "partitions": .int(3), "isInternal": .bool(false),
            "replicas": [.int(1), .int(2)], "config": ["retention.ms": "-1"],
        ],
        ["topic": "a,\"b\"\n", "partitions": .null, "leader": ["id": .int(1), "rack": ""]],
    ]

    private func rendered(_ form: OutputForm, _ style: OutputStyle = .plain) -> String {
        StructuredValue.rendered(Self.rows, as: form, style: style)
    }

    @Test func `JSON is an array on one line, JSON Lines an object a line`() {
        let first =
            #"{"topic":"orders","partitions":3,"isInternal":false,"replicas":[1,2],"config":{"retention.ms":"-1"}}"#
        let second = #"{"topic":"a,\"b\"\n","partitions":null,"leader":{"id":1,"rack":""}}"#
        #expect(rendered(.json) == "[\(first),\(second)]\n")
        #expect(rendered(.jsonl, .coloured) == "\(first)\n\(second)\n")
        #expect(StructuredValue.rendered([], as: .json) == "[]\n")
        #expect(StructuredValue.rendered([], as: .jsonl) == "")
    }

    @Test func `on a terminal JSON is indented`() {
        let rows: [StructuredValue] = [["name": "a", "ids": [.int(1)], "none": .list([]), "nothing": .object([])]]
        #expect(
            StructuredValue.rendered(rows, as: .json, style: .aligned) == """
                [
                  {
                    "name": "a",
                    "ids": [
                      1
                    ],
                    "none": [],
                    "nothing": {}
                  }
                ]

                """)
        #expect(
            StructuredValue.rendered(rows, as: .json, style: .coloured).contains("\u{1b}[36m\"name\"\u{1b}[0m: \"a\""))
    }

    @Test func `CSV has every column that occurs and quotes what needs it`() {
        #expect(
            rendered(.csv, .coloured) == """
                topic,partitions,isInternal,replicas,config.retention.ms,leader.id,leader.rack
                orders,3,false,"[1,2]",-1,,
                "a,""b""
                ",,,,,1,""

                """)
        #expect(StructuredValue.rendered([], as: .csv) == "")
        #expect(StructuredValue.rendered(["a", .int(1)], as: .csv) == "value\na\n1\n")
    }

    @Test func `a table is aligned on a terminal and parted by tabs elsewhere`() {
        #expect(
            rendered(.table, .aligned) == """
                TOPIC   PARTITIONS  IS-INTERNAL  REPLICAS  CONFIG.RETENTION.MS  LEADER.ID  LEADER.RACK
                orders           3  false        1,2       -1                           -  -
                a,"b"?           -  -            -         -                            1  -

                """)
        #expect(
            rendered(.table).hasPrefix(
                "TOPIC\tPARTITIONS\tIS-INTERNAL\tREPLICAS\tCONFIG.RETENTION.MS\tLEADER.ID\tLEADER.RACK\n"
                    + "orders\t3\tfalse\t1,2\t-1\t-\t-\n"))
        #expect(rendered(.table, .coloured).hasPrefix("\u{1b}[1mTOPIC   PARTITIONS"))
        #expect(StructuredValue.rendered([], as: .table, style: .coloured) == "")
        #expect(StructuredValue.rendered([["name": "日本"], ["name": "a"]], as: .table) == "NAME\n日本\na\n")
    }

    @Test func `YAML quotes what a reader might take for something else`() {
        #expect(
            rendered(.yaml) == """
                - topic: orders
                  partitions: 3
                  isInternal: false
                  replicas:
                    - 1
                    - 2
                  config:
                    retention.ms: "-1"
                - topic: "a,\\"b\\"\\n"
                  partitions: null
                  leader:
                    id: 1
                    rack: ""

                """)
        #expect(StructuredValue.rendered([], as: .yaml, style: .coloured) == "[]\n")
        let texts = [
            "no", "Null", "1", "1:30", "~", "a: b", "a #b", "- a", "2026-01-01", ".5", "é", "\u{7f}", "\u{2028}",
            "\u{1f600}",
            "a b", "*a", "0x1f",
        ]
        #expect(
            StructuredValue.rendered(texts.map { .string($0) }, as: .yaml) == """
                - "no"
                - "Null"
                - "1"
                - "1:30"
                - "~"
                - "a: b"
                - "a #b"
                - "- a"
                - "2026-01-01"
                - ".5"
                - "é"
                - "\\u007f"
                - "\\u2028"
                - "\u{1f600}"
                - "a b"
                - "*a"
                - "0x1f"

                """)
        #expect(
            StructuredValue.rendered(
                [.double(1e-7), .double(0.5), .double(.nan), [[.int(1)], .list([]), ["a": .object([])]]], as: .yaml)
                    == """
                    - 1.0e-07
                    - 0.5
                    - null
                    - - - 1
                      - []
                      - a: {}

                    """)
    }

    @Test func `colours need a terminal that nobody forbade them`() {
        func style(_ isTerminal: Bool, _ variables: [String: String]) -> OutputStyle {
            OutputStyle(isTerminal: isTerminal) { variables[$0] }
        }
        #expect(style(false, [:]) == .plain)
        #expect(style(true, [:]) == .coloured)
        #expect(style(true, ["NO_COLOR": ""]) == .coloured)
        #expect(style(true, ["NO_COLOR": "1"]) == .aligned)
        #expect(style(true, ["TERM": "dumb"]) == .aligned)
    }
}
