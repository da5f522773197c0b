import KafkaProtocol
import Security

/// A credential as `storage format --add-scram` takes it: `SCRAM-SHA-256=[name=alice,password=secret]`, or with
/// `salt`, `iterations` and `saltedpassword`. The words of the refusals are Kafka's.
struct SCRAMCredential: Equatable {
    enum Secret: Equatable {
        case password(String)
        case salted([UInt8])
    }

    let mechanism: SCRAMHash
    let name: String
    let salt: [UInt8]?
    let iterations: Int32
    let secret: Secret

    init(_ argument: String) throws(FormatRefusal) {
        guard let equals = argument.firstIndex(of: "=") else {
            throw FormatRefusal("Failed to find equals sign in SCRAM argument '\(argument)'")
        }
        let mechanismName = String(argument[..<equals])
        let text = argument[argument.index(after: equals)...]
        guard let mechanism = SCRAMHash.allCases.first(where: { $0.mechanism == mechanismName }) else {
            throw FormatRefusal("The add-scram mechanism \(mechanismName) is not supported.")
        }
        guard text.hasPrefix("[") else { throw FormatRefusal("Expected configuration string to start with [") }
        guard text.hasSuffix("]"), text.count > 1 else {
            throw FormatRefusal("Expected configuration string to end with ]")
        }
        var parts = try Self.parts(text.dropFirst().dropLast())
        self.mechanism = mechanism
        guard let name = parts.removeValue(forKey: "name") else {
            throw FormatRefusal("You must supply 'name' to add-scram")
        }
        self.name = name
        let saltText = parts.removeValue(forKey: "salt")
        salt = saltText.flatMap(decodeBase64)
        if let saltText, salt == nil { throw FormatRefusal("Failed to decode given salt: \(saltText)") }
        iterations = try Self.iterations(parts.removeValue(forKey: "iterations"), mechanism)
        let salted = parts.removeValue(forKey: "saltedpassword")
        if let password = parts.removeValue(forKey: "password") {
            secret = .password(password)
        } else {
            guard let salted else {
                throw FormatRefusal("You must supply one of 'password' or 'saltedpassword' to add-scram")
            }
            guard salt != nil else {
                throw FormatRefusal("You must supply 'salt' with 'saltedpassword' to add-scram")
            }
            guard let bytes = decodeBase64(salted) else {
                throw FormatRefusal("Failed to decode given saltedPassword: \(salted)")
            }
            secret = .salted(bytes)
        }
        guard parts.isEmpty else {
            throw FormatRefusal("Unknown SCRAM configurations: \(parts.keys.sorted().joined(separator: ", "))")
        }
    }

    private static func parts(_ text: Substring) throws(FormatRefusal) -> [String: String] {
        var parts: [String: String] = [:]
        for part in text.split(separator: ",") {
            guard let equals = part.firstIndex(of: "=") else {
                throw FormatRefusal("No equals sign found in SCRAM component: \(part)")
            }
            var value = part[part.index(after: equals)...]
            if value.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") { value = value.dropFirst().dropLast() }
            parts[String(part[..<equals])] = String(value)
        }
        return parts
    }

    private static func iterations(_ text: String?, _ mechanism: SCRAMHash) throws(FormatRefusal) -> Int32 {
        guard let text else { return SCRAMHash.iterationsMin }
        guard let number = Int32(text) else { throw FormatRefusal("Failed to parse iterations count: \(text)") }
        guard number >= SCRAMHash.iterationsMin else {
            throw FormatRefusal(
                "The 'iterations' value must be >= \(SCRAMHash.iterationsMin) for add-scram using \(mechanism.mechanism)"
            )
        }
        guard number <= SCRAMHash.iterationsMax else {
            throw FormatRefusal(
                "The 'iterations' value must be <= \(SCRAMHash.iterationsMax) for add-scram using \(mechanism.mechanism)"
            )
        }
        return number
    }

    /// What the metadata log keeps of it.
    func record() throws(FormatRefusal) -> UserScramCredentialRecord {
        let salt = salt ?? SaltedPassword.salt()
        let salted: [UInt8]
        switch secret {
        case .salted(let bytes): salted = bytes
        case .password(let password):
            do throws(CryptoError) {
                salted = try SaltedPassword.derive(password, salt: salt, iterations: iterations, mechanism)
            } catch {
                throw FormatRefusal(error.description)
            }
        }
        var record = UserScramCredentialRecord()
        record.name = name
        record.mechanism = mechanism.rawValue
        record.salt = salt
        record.iterations = iterations
        do throws(CryptoError) {
            let keys = try SCRAMKeys(saltedPassword: salted, mechanism)
            record.storedKey = keys.storedKey
            record.serverKey = keys.serverKey
        } catch {
            throw FormatRefusal(error.description)
        }
        return record
    }
}

/// The bytes of Base64 (RFC 4648) with its padding; nil where it is none.
private func decodeBase64(_ text: String) -> [UInt8]? {
    let letters = Array(text.utf8)
    guard letters.count % 4 == 0 else { return nil }
    let padding = letters.reversed().prefix { $0 == UInt8(ascii: "=") }.count
    guard padding <= 2 else { return nil }
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    for (number, letter) in letters.dropLast(padding).enumerated() {
        guard let value = base64Value(letter) else { return nil }
        bits = bits << 6 | value
        if number % 4 != 0 { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(6 - number % 4 * 2))) }
    }
    return bytes
}

private func base64Value(_ letter: UInt8) -> UInt32? {
    switch letter {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(letter - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(letter - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(letter - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
}
