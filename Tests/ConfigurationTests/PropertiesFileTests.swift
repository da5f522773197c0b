import Testing

@testable import Configuration

struct PropertiesFileTests {
    private func pairs(_ text: String) throws -> [String] {
        try PropertiesFile.parse(text).map { "\($0.line) <\($0.key)> <\($0.value)>" }
    }

    @Test func `a key is divided from its value by an equals sign, a colon or white space`() throws {
        #expect(
            try pairs("a=1\nb: 2\nc 3\nd\t=\t4\ne  :5\nf = = 6\ng\n") == [
                "1 <a> <1>", "2 <b> <2>", "3 <c> <3>", "4 <d> <4>", "5 <e> <5>", "6 <f> <= 6>", "7 <g> <>",
            ])
    }

    @Test func `comments and blank lines say nothing`() throws {
        #expect(try pairs("# a=1\n  ! b=2\n\n \t\nc=3 # not a comment\n") == ["5 <c> <3 # not a comment>"])
    }

    @Test func `a comment is not continued`() throws {
        #expect(try pairs("# a \\\nb=1") == ["2 <b> <1>"])
    }

    @Test func `a backslash at the end continues the line, two do not`() throws {
        #expect(
            try pairs("a=1,\\\n   2,\\\r\n\t3\nb=x\\\\\nc=4\nd=5\\") == [
                "1 <a> <1,2,3>", "4 <b> <x\\>", "5 <c> <4>", "6 <d> <5>",
            ])
    }

    @Test func `a line that continues a line is no comment`() throws {
        #expect(try pairs("a=1\\\n#2") == ["1 <a> <1#2>"])
    }

    @Test func `escapes stand for characters`() throws {
        #expect(
            try pairs(#"a\=\:\ b=\t\n\r\f\q\\"#) == ["1 <a=: b> <\t\n\r\u{0c}q\\>"])
        #expect(try pairs(#"caf\u00e9=\ud83d\ude00 \u0041"#) == ["1 <café> <😀 A>"])
    }

    @Test(arguments: [#"a=\u12"#, #"a=\u12g4"#, #"a=\u"#, #"a=\u+123"#])
    func `a malformed unicode escape names its line`(_ text: String) {
        let error = #expect(throws: ConfigurationError.self) { try PropertiesFile.parse("x=1\n\n" + text) }
        #expect(error?.line == 3)
        #expect(error?.description.hasPrefix("line 3: malformed \\uxxxx escape") == true)
    }

    @Test func `all three line ends count as one line each`() throws {
        #expect(try pairs("a=1\rb=2\r\nc=3\n\nd=4") == ["1 <a> <1>", "2 <b> <2>", "3 <c> <3>", "5 <d> <4>"])
    }

    @Test func `white space after a value stays, before it goes`() throws {
        #expect(try pairs("  a =  1  ") == ["1 <a> <1  >"])
    }

    @Test func `bytes that are no UTF-8 are Latin-1`() throws {
        #expect(try PropertiesFile.parse(bytes: [0x61, 0x3d, 0xe9]).map(\.value) == ["é"])
        #expect(try PropertiesFile.parse(bytes: Array("a=é".utf8)).map(\.value) == ["é"])
    }

    @Test func `no text is too short to be read`() throws {
        let text = "a\\\r\n b = \\u0041\\\n\\\\c\r#x\n\\"
        for count in 0...text.utf8.count {
            _ = try? PropertiesFile.parse(bytes: Array(text.utf8.prefix(count)))
        }
    }
}
