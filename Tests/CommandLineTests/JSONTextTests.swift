import Bytes
import CommandLine
import Testing

@Suite struct JSONTextTests {
    @Test func `members come in the order they are written, with commas between them only`() {
        var text = JSONText()
        text.beginObject()
        text.key("offset")
        text.value(Int64.min)
        text.key("crc")
        text.value(UInt64.max)
        text.key("isValid")
        text.value(true)
        text.key("key")
        text.null()
        text.key("headers")
        text.beginArray()
        text.value("a")
        text.value("b" as String)
        text.beginObject()
        text.endObject()
        text.endArray()
        text.key("ratio" as String)
        text.value(2.5)
        text.endObject()
        #expect(
            text.string
                == #"{"offset":-9223372036854775808,"crc":18446744073709551615,"isValid":true,"key":null,"headers":["a","b",{}],"ratio":2.5}"#
        )
    }

    @Test func `quotes, backslashes and control characters are escaped, the rest is left`() {
        var text = JSONText()
        text.value("a\"b\\c\n\r\t\u{8}\u{c}\u{1}\u{1f}ä😀" as String)
        #expect(text.string == #""a\"b\\c\n\r\t\b\f\u0001\u001Fä😀""#)
    }

    @Test func `bytes are text where they are UTF-8, and base64 where they are not`() {
        let key = Array("schlüssel".utf8)
        let value: [UInt8] = [0xff, 0, 1, 2]
        let empty: [UInt8] = []
        var text = JSONText()
        text.beginObject()
        text.member("key", key.span.bytes)
        text.member("value", value.span.bytes)
        text.member("empty", empty.span.bytes)
        text.endObject()
        #expect(text.string == #"{"key":"schlüssel","valueBase64":"/wABAg==","empty":""}"#)
    }

    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")])
    func `base64 is padded`(plain: String, packed: String) {
        var writer = ByteWriter()
        let bytes = Array(plain.utf8)
        writer.append(base64: bytes.span.bytes)
        #expect(String(decoding: Array(writer.bytes), as: UTF8.self) == packed)
    }

    @Test(arguments: [0, 9, 10, 99, 100, -1, -10, .max, .min, 1_234_567_890] as [Int64])
    func `numbers are written digit by digit`(number: Int64) {
        var writer = ByteWriter()
        writer.append(decimal: number)
        #expect(String(decoding: Array(writer.bytes), as: UTF8.self) == String(number))
    }

    @Test func `numbers of every length are written digit by digit`() {
        var number: UInt64 = 1
        for _ in 0..<20 {
            for value in [number - 1, number, number &+ 1, number &* 9] {
                var writer = ByteWriter()
                writer.append(decimal: value)
                #expect(String(decoding: Array(writer.bytes), as: UTF8.self) == String(value))
            }
            number = number.multipliedReportingOverflow(by: 10).partialValue
        }
    }

    @Test func `lines of JSON stand one behind the other`() {
        var text = JSONText()
        for number in 1...3 {
            text.beginArray()
            text.value(number)
            text.endArray()
            text.endLine()
        }
        #expect(text.string == "[1]\n[2]\n[3]\n")
    }
}
