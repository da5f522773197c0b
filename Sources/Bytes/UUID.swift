/// A 128-bit identifier. Its text is Kafka's: URL-safe base64 without padding, 22 characters.
public struct UUID: Hashable, Comparable, Sendable {
    public let high: UInt64
    public let low: UInt64

    @inlinable public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    public static let zero = UUID(high: 0, low: 0)

    /// The topic id of `__cluster_metadata`.
    public static let metadataTopic = UUID(high: 0, low: 1)

    /// A random id of RFC 4122's version 4. Like Kafka's, it never begins with a dash, so that it is safe as a
    /// command-line argument.
    public static func random() -> UUID {
        while true {
            let high = (UInt64.random(in: .min ... .max) & ~0xf000) | 0x4000
            let low = (UInt64.random(in: .min ... .max) & ~(0xc << 60)) | (0x8 << 60)
            let id = UUID(high: high, low: low)
            if high >> 58 != 62 { return id }
        }
    }

    public static func < (left: UUID, right: UUID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension UUID: LosslessStringConvertible {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    public var description: String {
        // 128 bits are 21 digits of six bits and one of two, which base64 pads with zeros on the right.
        var digits: [UInt8] = []
        digits.reserveCapacity(22)
        for index in 0..<21 {
            digits.append(Self.alphabet[Int(truncatingIfNeeded: bits(from: index * 6, count: 6))])
        }
        digits.append(Self.alphabet[Int(truncatingIfNeeded: bits(from: 126, count: 2) << 4)])
        return String(decoding: digits, as: UTF8.self)
    }

    public init?(_ text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 22 || (digits.count == 24 && digits[22] == 0x3d && digits[23] == 0x3d) else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (index, digit) in digits.prefix(22).enumerated() {
            guard let value = Self.alphabet.firstIndex(of: digit) else { return nil }
            let width = index < 21 ? 6 : 2
            let bits = index < 21 ? UInt64(value) : UInt64(value) >> 4
            guard index < 21 || value & 0xf == 0 else { return nil }
            high = high << UInt64(width) | low >> UInt64(64 - width)
            low = low << UInt64(width) | bits
        }
        self.init(high: high, low: low)
    }

    private func bits(from start: Int, count: Int) -> UInt64 {
        let end = start + count
        let mask = (UInt64(1) << UInt64(count)) - 1
        if end <= 64 { return high >> UInt64(64 - end) & mask }
        if start >= 64 { return low >> UInt64(128 - end) & mask }
        return (high << UInt64(end - 64) | low >> UInt64(128 - end)) & mask
    }
}
