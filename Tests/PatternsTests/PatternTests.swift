import Testing

@testable import Patterns

@Suite struct PatternTests {
    private func matches(_ pattern: String, _ text: String) -> Bool {
        guard let pattern = try? Pattern(pattern) else {
            Issue.record("\(pattern) is no pattern")
            return false
        }
        return pattern.matches(text)
    }

    private func complaint(_ pattern: String) -> String {
        do throws(PatternError) {
            _ = try Pattern(pattern)
            return "none"
        } catch {
            return error.description
        }
    }

    @Test func `the whole text has to match`() {
        #expect(matches("orders", "orders"))
        #expect(!matches("orders", "orders2"))
        #expect(!matches("orders", "my-orders"))
        #expect(matches("orders.*", "orders-eu"))
        #expect(matches("orders|bills", "bills"))
        #expect(!matches("orders|bills", "ordersbills"))
        #expect(matches("", ""))
        #expect(!matches("", "a"))
        #expect(matches("a.b", "a_b"))
        #expect(!matches(#"a\.b"#, "a_b"))
        #expect(!matches(".", "\n"))
        #expect(matches("(?s).", "\n"))
        #expect(matches("a|", ""))
    }

    @Test func `repetition, groups and choice`() {
        #expect(matches("a*b+c?", "bbc"))
        #expect(!matches("a*b+c?", "aac"))
        #expect(matches("(ab){2,3}", "ababab"))
        #expect(!matches("(ab){2,3}", "abababab"))
        #expect(matches("a{3}", "aaa"))
        #expect(!matches("a{3}", "aa"))
        #expect(matches("a{2,}", "aaaaa"))
        #expect(!matches("a{2,}", "a"))
        #expect(matches("a{0}b", "b"))
        #expect(matches("(?:a|b)*?c", "abac"))
        #expect(matches("(?<name>a)(b(c|d))?", "abd"))
        #expect(matches("(a*)*", "aaaa"))
        #expect(matches("()*", ""))
        #expect(matches("a}", "a}"))
        #expect(matches("a]", "a]"))
    }

    @Test func `classes`() {
        #expect(matches("[a-cx_]+", "abcx_"))
        #expect(!matches("[a-c]", "d"))
        #expect(matches("[^a-c]", "d"))
        #expect(matches("[]a]+", "]a"))
        #expect(matches("[a-]+", "a-a"))
        #expect(matches("[-a]+", "-a"))
        #expect(matches("[a-d[m-p]]+", "bo"))
        #expect(matches("[a-z&&[^bc]]+", "ade"))
        #expect(!matches("[a-z&&[^bc]]+", "abe"))
        #expect(matches("[a-z&&b-y&&c]", "c"))
        #expect(matches(#"[\d.]+"#, "1.5"))
        #expect(matches(#"[\]\\]+"#, #"]\"#))
        #expect(matches(#"[\Q^]\E]+"#, "^]"))
        #expect(matches(#"[\x41-\x43]+"#, "ABC"))
        #expect(matches("[.*+?]+", ".*+?"))
    }

    @Test func `escapes`() {
        #expect(matches(#"\d+\D\w\W\s\S"#, "12ab- c"))
        #expect(matches(#"\Qa.b*\Ec"#, "a.b*c"))
        #expect(matches(#"\Qa.b"#, "a.b"))
        #expect(matches(#"\x41\u0042\x{43}\0104\t\cA"#, "ABCD\t\u{1}"))
        #expect(matches(#"\p{Alpha}\p{Digit}\P{Lower}\p{L}\p{Lu}\pN"#, "a1AéÉ7"))
        #expect(matches(#"\-\.\_\$"#, "-._$"))
        #expect(matches(#"\h\v\R"#, " \n\r\n"))
        #expect(matches("é+", "éé"))
    }

    @Test func `flags`() {
        #expect(matches("(?i)ORDERS-[a-c]", "orders-B"))
        #expect(matches("(?i:a)b", "Ab"))
        #expect(!matches("(?i:a)b", "AB"))
        #expect(!matches("(?i)[^a]", "A"))
        #expect(matches("(a(?i)b)c", "aBc"))
        #expect(!matches("(a(?i)b)c", "aBC"))
        #expect(!matches("(?i)a(?-i)b", "AB"))
    }

    @Test func `places between characters`() {
        #expect(matches("^a$", "a"))
        #expect(matches(#"\Aa\z"#, "a"))
        #expect(!matches("a^b", "ab"))
        #expect(matches(#"a\b-\bb"#, "a-b"))
        #expect(!matches(#"a\bb"#, "ab"))
        #expect(matches(#"a\Bb"#, "ab"))
    }

    @Test func `a part of the text may match`() throws {
        #expect(try Pattern("b+").isFound(in: "aabba"))
        #expect(try !Pattern("b{3}").isFound(in: "aabba"))
        #expect(try Pattern("^a").isFound(in: "ab"))
        #expect(try !Pattern("^b").isFound(in: "ab"))
        #expect(try Pattern("b$").isFound(in: "ab\n"))
        #expect(try Pattern("b$").isFound(in: "ab\r\n"))
        #expect(try !Pattern(#"b\z"#).isFound(in: "ab\n"))
        #expect(try Pattern("").isFound(in: "x"))
        #expect(try Pattern(literal: "a.b[é").isFound(in: "xa.b[é"))
        #expect(try !Pattern(literal: "a.b").matches("a_b"))
    }

    @Test func `what is no pattern, in Java's words`() {
        #expect(complaint("*a") == "Dangling meta character '*' near index 0")
        #expect(complaint("a**") == "Dangling meta character '*' near index 2")
        #expect(complaint("(a") == "Unclosed group near index 2")
        #expect(complaint("a)") == "Unmatched closing ')' near index 1")
        #expect(complaint("[a") == "Unclosed character class near index 2")
        #expect(complaint("[]") == "Unclosed character class near index 2")
        #expect(complaint("[b-a]") == "Illegal character range near index 4")
        #expect(complaint("a{,3}") == "Illegal repetition near index 2")
        #expect(complaint("{") == "Illegal repetition near index 0")
        #expect(complaint("a{3,2}") == "Illegal repetition range near index 6")
        #expect(complaint("a{3") == "Unclosed counted closure near index 3")
        #expect(complaint(#"\y"#) == "Illegal/unsupported escape sequence near index 2")
        #expect(complaint(#"\"#) == "Unexpected internal error near index 1")
        #expect(complaint(#"\p{Nonsense}"#) == "Unknown character property name {Nonsense} near index 12")
        #expect(complaint(#"\u00"#) == "Illegal escape of a character's code near index 4")
        #expect(complaint("(?#)") == "Unknown inline modifier near index 3")
    }

    @Test func `what Java knows and this does not is told`() {
        #expect(complaint("(?=a)") == "Looking ahead is not supported near index 2")
        #expect(complaint("(?<!a)") == "Looking behind is not supported near index 2")
        #expect(complaint("(?>a)") == "Independent groups are not supported near index 2")
        #expect(complaint(#"(a)\1"#) == "Referring back to a group is not supported near index 4")
        #expect(complaint("a++") == "Possessive repetition is not supported near index 2")
        #expect(complaint("(?x)a") == "The flag 'x' is not supported near index 3")
    }

    @Test func `patterns that are there to take long do not`() throws {
        let text = String(repeating: "a", count: 5000)
        for pattern in ["(a+)+b", "(a|a)*b", "(a*)*b", "(.*)(.*)(.*)(.*)(.*)b", "a{0,500}a{0,500}b"] {
            #expect(try !Pattern(pattern).matches(text))
        }
        #expect(complaint("(a{1000}){1000}") == "The pattern repeats too much near index 0")
        #expect(complaint("((){1000}){1000}") == "The pattern repeats too much near index 0")
        #expect(complaint("a{1001}") == "More than 1000 repetitions near index 6")
        #expect(complaint(String(repeating: "(", count: 5000)).hasPrefix("More than 100 groups within each other"))
        #expect(complaint(String(repeating: "[", count: 5000)).hasPrefix("More than 100 classes within each other"))
        #expect(complaint("a{99999999999999999999}").hasPrefix("More than 1000 repetitions"))
    }
}
