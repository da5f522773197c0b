import CommandLine
import KafkaClient
import KafkaModel
import Security

/// Quotas and SCRAM credentials, and the forms in which they are printed.
struct QuotasReport {
    var quotas: [ClientQuota] = []
    var credentials: [SCRAMDescription] = []

    /// As Kafka's tool prints it.
    var text: String {
        var text = ""
        for quota in quotas {
            let entity = ClientQuota.Kind.allCases.compactMap { kind in
                quota.entities.first { $0.kind == kind }.map(Self.words)
            }
            let values = JavaHashOrder.sorted(quota.values, room: quota.values.count) { $0.key }.map {
                "\($0.key)=\(JavaDouble($0.value))"
            }
            text += "Quota configs for \(entity.joined(separator: ", ")) are \(values.joined(separator: ", "))\n"
        }
        for user in credentials {
            let list = user.credentials.map { "\($0.mechanism.mechanism)=iterations=\($0.iterations)" }
            text += "SCRAM credential configs for user-principal '\(user.user)' are \(list.joined(separator: ", "))\n"
        }
        return text
    }

    private static func words(_ entity: ClientQuota.Entity) -> String {
        let kind =
            switch entity.kind {
            case .user: "user-principal"
            case .clientID: "client-id"
            case .ip: "ip"
            }
        guard let name = entity.name, !name.isEmpty else { return "the default \(kind)" }
        return "\(kind) '\(name)'"
    }

    /// A row a value. Who has no quota of his own is called `<default>`, which nobody can be called.
    var rows: [StructuredValue] {
        var rows: [StructuredValue] = []
        for quota in quotas {
            let entity = ClientQuota.Kind.allCases.compactMap { kind in
                quota.entities.first { $0.kind == kind }.map {
                    StructuredValue.Member(Self.name(kind), .string($0.name ?? "<default>"))
                }
            }
            for value in quota.values.sorted(by: { $0.key < $1.key }) {
                rows.append(
                    .object(entity + [.init("name", .string(value.key)), .init("value", .double(value.value))]))
            }
        }
        for user in credentials {
            for credential in user.credentials {
                rows.append([
                    "user": .string(user.user), "name": .string(credential.mechanism.mechanism),
                    "value": .string("iterations=\(credential.iterations)"),
                ])
            }
        }
        return rows
    }

    private static func name(_ kind: ClientQuota.Kind) -> String {
        switch kind {
        case .user: "user"
        case .clientID: "clientId"
        case .ip: "ip"
        }
    }
}

/// A number as Java writes it: `1024.0`, and from ten millions on `1.048576E7`.
struct JavaDouble: CustomStringConvertible {
    let value: Double

    init(_ value: Double) { self.value = value }

    var description: String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity" }
        let sign = value.sign == .minus ? "-" : ""
        let (digits, point) = Self.shortest(value.magnitude)
        guard value != 0 else { return sign + "0.0" }
        guard (1e-3..<1e7).contains(value.magnitude) else {
            let rest = digits.dropFirst()
            return "\(sign)\(digits.prefix(1)).\(rest.isEmpty ? "0" : rest)E\(point - 1)"
        }
        if point <= 0 { return "\(sign)0." + String(repeating: "0", count: -point) + digits }
        let whole = digits.prefix(point) + String(repeating: "0", count: max(0, point - digits.count))
        let rest = digits.dropFirst(point)
        return "\(sign)\(whole).\(rest.isEmpty ? "0" : rest)"
    }

    /// The fewest digits that mean the number, and where the point stands in them.
    private static func shortest(_ value: Double) -> (digits: String, point: Int) {
        let parts = "\(value)".split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        var digits = String(mantissa[0]) + (mantissa.count > 1 ? String(mantissa[1]) : "")
        var point = mantissa[0].count + exponent
        while digits.hasSuffix("0"), digits.count > 1 { digits.removeLast() }
        while digits.hasPrefix("0"), digits.count > 1 {
            digits.removeFirst()
            point -= 1
        }
        return (digits, point)
    }
}
