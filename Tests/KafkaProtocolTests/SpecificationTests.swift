import Glibc
import KafkaProtocol
import Testing

/// Compares every table with Kafka's own descriptions, where `KAFKA_SPEC_DIR` names a directory with Kafka's message
/// files (`FetchRequest.json` and so on; several directories are separated by colons). Names, order, kinds, nulls and
/// tags must agree in every version that both have.
@Suite struct SpecificationTests {
    private static let directories: [String] =
        getenv("KAFKA_SPEC_DIR").map { String(cString: $0).split(separator: ":").map(String.init) } ?? []

    @Test(.enabled(if: !directories.isEmpty)) func `every table agrees with Kafka's description of it`() throws {
        var messages = 0
        var versionsCompared = 0
        var fields = 0
        for message in MessageType.all {
            guard let text = Self.directories.lazy.compactMap({ contents(ofFile: "\($0)/\(message.name).json") }).first
            else {
                print("no description of \(message.name)")
                continue
            }
            let description = try #require(JSONValue(parsing: text), "\(message.name).json")
            guard let valid = VersionRange(description["validVersions"]?.string) else { continue }
            messages += 1
            let common = commonStructures(description)
            let flexible = VersionRange(description["flexibleVersions"]?.string)
            for version in message.type.versions where valid.contains(version) {
                versionsCompared += 1
                #expect(
                    message.type.isFlexible(version) == (flexible?.contains(version) ?? false),
                    "\(message.name) v\(version)")
                let theirs = lines(description["fields"]?.elements ?? [], common, in: version, path: "")
                let ours = lines(message.type.schema, in: version)
                #expect(ours == theirs, "\(message.name) v\(version)")
                fields += ours.count
            }
        }
        print("compared \(messages) messages, \(versionsCompared) versions of them, \(fields) fields")
        #expect(messages > 0)
    }

    /// Our table in one version: a line is dropped when a structure around it does not exist in that version.
    private func lines(_ schema: [SchemaField], in version: Int16) -> [String] {
        var absent: [String] = []
        return schema.compactMap { field in
            if absent.contains(where: field.path.hasPrefix) { return nil }
            guard field.versions.contains(version) else {
                absent.append(field.path + ".")
                return nil
            }
            let kind = field.type.replacing("[]", with: "").first?.isUppercase == true
            var line = field.path + " " + (kind ? (field.type.hasPrefix("[]") ? "[]struct" : "struct") : field.type)
            if field.nullable.contains(version) { line += " nullable" }
            if let tag = field.tag { line += " tag \(tag)" }
            return line
        }
    }

    private func lines(
        _ fields: [JSONValue], _ common: [String: [JSONValue]], in version: Int16, path: String
    ) -> [String] {
        // A field that was born with a tag may name its versions there only.
        let present = fields.filter {
            VersionRange(($0["versions"] ?? $0["taggedVersions"])?.string)?.contains(version) ?? false
        }
        let tagged = present.filter { tag($0, version) != nil }.sorted {
            (tag($0, version) ?? 0) < (tag($1, version) ?? 0)
        }
        return (present.filter { tag($0, version) == nil } + tagged).flatMap { field -> [String] in
            let type = field["type"]?.string ?? "?"
            let element = type.hasPrefix("[]") ? String(type.dropFirst(2)) : type
            let isStructure = element.first?.isUppercase == true
            let name = path + (field["name"]?.string ?? "?")
            var line = name + " " + (isStructure ? (type.hasPrefix("[]") ? "[]struct" : "struct") : type)
            if VersionRange(field["nullableVersions"]?.string)?.contains(version) ?? false { line += " nullable" }
            if let tag = tag(field, version) { line += " tag \(tag)" }
            guard isStructure else { return [line] }
            let inner = field["fields"]?.elements ?? common[element] ?? []
            return [line] + lines(inner, common, in: version, path: name + ".")
        }
    }

    private func tag(_ field: JSONValue, _ version: Int16) -> Int? {
        guard VersionRange(field["taggedVersions"]?.string)?.contains(version) ?? false else { return nil }
        // Some files have the number in quotes.
        return field["tag"]?.integer ?? field["tag"]?.string.flatMap { Int($0) }
    }

    private func commonStructures(_ description: JSONValue) -> [String: [JSONValue]] {
        var structures: [String: [JSONValue]] = [:]
        for structure in description["commonStructs"]?.elements ?? [] {
            structures[structure["name"]?.string ?? "?"] = structure["fields"]?.elements ?? []
        }
        return structures
    }
}

/// `3`, `3-7`, `3+` or `none`.
private struct VersionRange {
    let range: ClosedRange<Int16>

    init?(_ text: String?) {
        guard let text, text != "none" else { return nil }
        let parts = text.split(separator: "-").map(String.init)
        if text.hasSuffix("+"), let first = Int16(text.dropLast()) {
            range = first ... .max
        } else if let first = Int16(parts[0]), let last = Int16(parts[parts.count - 1]) {
            range = first...last
        } else {
            return nil
        }
    }

    func contains(_ version: Int16) -> Bool { range.contains(version) }
}
