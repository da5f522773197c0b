import CommandLine
import Testing

@Suite struct JSONParserTests {
    private func parse(_ text: String) throws(JSONError) -> StructuredValue {
        try JSONParser.parse(Array(text.utf8))
    }

    private func complaint(_ text: String) -> String {
        do throws(JSONError) {
            return "took \(try parse(text).json)"
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        (#"{"a":[1,-2,0.5,1e3,true,false,null],"b":{}}"#, #"{"a":[1,-2,0.5,1000.0,true,false,null],"b":{}}"#),
        (" [ ] \n", "[]"),
        (#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#, #""\"\\/\b\f\n\r\té😀""#),
        ("-0", "0"),
        ("9223372036854775807", "9223372036854775807"),
        ("9223372036854775808", "9.223372036854776e+18"),
        (#"{"a":1,"a":2}"#, #"{"a":1,"a":2}"#),
    ])
    func `what is JSON is read`(_ text: String, _ again: String) throws {
        #expect(try parse(text).json == again)
    }

    @Test(arguments: [
        ("", "a value is missing at line 1, column 1"),
        ("{\n  \"a\": 1,\n}", "the name of a member is missing at line 3, column 1"),
        ("[1,]", "this is no value at line 1, column 4"),
        ("[1 2]", "a comma or ] is missing at line 1, column 4"),
        ("{\"a\" 1}", "a colon is missing at line 1, column 6"),
        ("{\"a\":1 \"b\":2}", "a comma or } is missing at line 1, column 8"),
        ("{} x", "unexpected text behind the end at line 1, column 4"),
        ("'a'", "this is no value at line 1, column 1"),
        ("\"a", "the string has no end at line 1, column 1"),
        ("\"a\\", "the string has no end at line 1, column 3"),
        ("\"\n\"", "a control character in a string must be written as an escape at line 1, column 2"),
        (#""\x""#, "there is no such escape at line 1, column 2"),
        (#""\u12+4""#, #"\u needs four hexadecimal digits at line 1, column 2"#),
        (#""\ud800""#, "half of a character at line 1, column 2"),
        (#""\ud800\u0041""#, "half of a character at line 1, column 2"),
        ("01", "unexpected text behind the end at line 1, column 2"),
        ("-", "this is no number at line 1, column 1"),
        ("1.", "a digit is missing at line 1, column 3"),
        ("1e", "a digit is missing at line 1, column 3"),
        ("1e999", "the number is too large at line 1, column 1"),
        ("// a", "this is no value at line 1, column 1"),
        ("nul", "this is no value at line 1, column 1"),
    ])
    func `what is not tells where`(_ text: String, _ reason: String) {
        #expect(complaint(text) == reason)
    }

    @Test func `bytes that are no UTF-8 are refused`() {
        #expect(throws: JSONError.self) { try JSONParser.parse([0x22, 0xff, 0x22]) }
    }

    @Test func `a document too deep is refused, not followed`() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(complaint(deep) == "more than 100 levels at line 1, column 101")
        #expect(complaint(String(repeating: "{\"a\":", count: 100_000)).hasPrefix("more than 100 levels"))
        #expect(complaint(String(repeating: "[", count: 100) + String(repeating: "]", count: 100)).hasPrefix("took"))
    }

    @Test func `no bytes whatever trap it, and what it takes it reads back`() throws {
        let seeds = [
            #"{"version":1,"partitions":[{"topic":"foo\u0041\ud83d\ude00","partition":1,"offset":-1}]}"#,
            #"[1.5e-3,true,null,"é",{"a":{}}]"#,
        ].map { Array($0.utf8) }
        var generator = SplitMix(state: 7)
        for round in 0..<20_000 {
            var bytes = seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                guard let place = bytes.indices.randomElement(using: &generator) else { break }
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert("[]{}\",:\\u0e-".utf8.randomElement(using: &generator)!, at: place)
                default: bytes.removeSubrange(place...)
                }
            }
            guard let value = try? JSONParser.parse(bytes) else { continue }
            #expect(try JSONParser.parse(Array(value.json.utf8)) == value)
        }
    }

    @Test func `a value that was read is looked into`() throws {
        let value = try parse(#"{"a":1,"a":[2,"x"]}"#)
        #expect(value["a"]?.elements?.first?.integer == 2 && value["a"]?.elements?.last?.text == "x")
        #expect(value["b"] == nil && value["a"]?["x"] == nil && value.isObject)
    }
}

private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
