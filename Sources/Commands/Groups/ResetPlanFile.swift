import KafkaModel
import Posix

/// A plan for resetting groups, as CSV without a heading: `topic,partition,offset` for one group, or with the group in
/// front for several. It is written as Kafka's tool does, so that either reads the other's.
struct ResetPlanFile: Equatable {
    struct Failure: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// By group.
    private(set) var offsets: [String: [TopicPartition: Int64]] = [:]

    private static let bytesMax = 64 << 20

    /// - Parameter groups: the groups of the command line; the only one is meant where a line names none.
    init(path: String, groups: [String]) throws(Failure) {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try Disk.real.stream(path, limit: Self.bytesMax)
        } catch {
            throw Failure(description: error.description)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(description: "\(path) is no UTF-8 text")
        }
        try self.init(text, path: path, groups: groups)
    }

    init(_ text: String, path: String, groups: [String]) throws(Failure) {
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
        where !line.isEmpty {
            func refuse(_ reason: String) -> Failure { Failure(description: "\(path):\(index + 1): \(reason)") }
            guard var fields = Self.fields(line) else { throw refuse("a quotation mark is missing") }
            if fields.count == 3 {
                guard groups.count == 1 else {
                    throw refuse("a line without a group is for a plan of one group: group,topic,partition,offset")
                }
                fields.insert(groups[0], at: 0)
            }
            guard fields.count == 4 else {
                throw refuse("it is neither topic,partition,offset nor group,topic,partition,offset")
            }
            guard let partition = Int32(fields[2].trimmed), partition >= 0 else {
                throw refuse("'\(fields[2])' is no partition")
            }
            guard let offset = Int64(fields[3].trimmed) else { throw refuse("'\(fields[3])' is no offset") }
            offsets[fields[0], default: [:]][TopicPartition(fields[1], partition)] = offset
        }
    }

    /// Nil where a quoted field does not end.
    private static func fields(_ line: Substring) -> [String]? {
        var fields: [String] = []
        var field = ""
        var isQuoted = false
        var rest = line[...]
        while let character = rest.popFirst() {
            switch character {
            case "\"" where isQuoted && rest.first == "\"":
                rest.removeFirst()
                field.append("\"")
            case "\"" where isQuoted || field.isEmpty: isQuoted.toggle()
            case "," where !isQuoted:
                fields.append(field)
                field = ""
            default: field.append(character)
            }
        }
        return isQuoted ? nil : fields + [field]
    }

    /// A line of a plan.
    static func line(group: String?, _ partition: TopicPartition, _ offset: Int64) -> String {
        let names = [group, partition.topic].compactMap { $0 }.map(quoted)
        return (names + ["\(partition.partition)", "\(offset)"]).joined(separator: ",") + "\n"
    }

    /// Kafka's tool puts quotation marks around what is long and around what may need them.
    private static func quoted(_ text: String) -> String {
        let isPlain = text.utf16.count <= 24 && !text.isEmpty && text.utf16.allSatisfy { $0 > 0x2c }
        guard !isPlain else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
