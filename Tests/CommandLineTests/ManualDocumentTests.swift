import CommandLine
import Testing

struct ManualDocumentTests {
    @Test func `a page has its prose, lists and tables under headings`() {
        let page = ManualDocument(
            "skafka-x", section: 7, summary: "how it is",
            chapters: [
                .init(
                    "First things",
                    [
                        .text(".hidden is no macro-name"),
                        .term("a-b", "What it is."),
                        .literal(["x  y", ""]),
                        .table(["key", "value", ""], [["1", "long value", "rest"], ["10", "v", ""]]),
                    ])
            ],
            seeAlso: ["skafka(1)", "skafka-y(7)"])
        #expect(
            page.roff == #"""
                .TH SKAFKA\-X 7 "" "skafka" "skafka manual"
                .nh

                .SH NAME
                skafka\-x \- how it is

                .SH "FIRST THINGS"
                .PP
                \&.hidden is no macro\-name
                .TP
                .B a\-b
                What it is.
                .PP
                .in +2
                .nf
                x  y

                .fi
                .in
                .PP
                .in +2
                .nf
                key  value
                1    long value  rest
                10   v
                .fi
                .in

                .SH "SEE ALSO"
                .BR skafka (1),
                .BR skafka\-y (7)

                """#)
    }
}
