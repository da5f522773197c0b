import CommandLine

/// How a line is made of headers, key and value: the properties of Kafka's line reader.
struct ReaderSettings: Equatable {
    var parsesKey = false
    var keySeparator: [UInt8] = [9]
    var parsesHeaders = false
    var headersDelimiter: [UInt8] = [9]
    /// A regular expression.
    var headersSeparator = ","
    var headerKeySeparator: [UInt8] = [58]
    var ignoresErrors = false
    var nullMarker: [UInt8]?
    /// Properties that no reader knows.
    private(set) var unknown: [String] = []

    init(_ properties: [String: String] = [:]) throws(UsageError) {
        for (key, value) in properties.sorted(by: { $0.key < $1.key }) {
            switch key {
            case "parse.key": parsesKey = value.lowercased() == "true"
            case "parse.headers": parsesHeaders = value.lowercased() == "true"
            case "ignore.error": ignoresErrors = value.lowercased() == "true"
            case "key.separator": keySeparator = Array(value.utf8)
            case "headers.delimiter": headersDelimiter = Array(value.utf8)
            case "headers.separator": headersSeparator = value
            case "headers.key.separator": headerKeySeparator = Array(value.utf8)
            case "null.marker": nullMarker = Array(value.utf8)
            case "topic": continue
            default: unknown.append(key)
            }
        }
        try check()
    }

    private func check() throws(UsageError) {
        let separators: [(name: String, bytes: [UInt8])] = [
            ("headers.delimiter", headersDelimiter), ("headers.separator", Array(headersSeparator.utf8)),
            ("headers.key.separator", headerKeySeparator),
        ]
        for (index, one) in separators.enumerated() {
            for other in separators[(index + 1)...] where one.bytes == other.bytes {
                throw UsageError("\(one.name) and \(other.name) may not be equal")
            }
        }
        for one in [("key.separator", keySeparator)] + separators {
            if one.1 == nullMarker { throw UsageError("null.marker and \(one.0) may not be equal") }
            if one.1.isEmpty { throw UsageError("\(one.0) may not be empty") }
        }
    }
}
