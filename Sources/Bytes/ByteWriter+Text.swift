/// Text made by hand, for output of millions of lines: no string is built on the way.
extension ByteWriter {
    @inlinable public mutating func append(literal text: StaticString) {
        let count = text.utf8CodeUnitCount
        reserve(count)
        (base + filled).copyMemory(from: UnsafeRawPointer(text.utf8Start), byteCount: count)
        filled &+= count
    }

    /// A number in decimal digits.
    @inlinable public mutating func append(decimal value: Int64) {
        if value < 0 { integer(UInt8(ascii: "-")) }
        append(decimal: value.magnitude)
    }

    @inlinable public mutating func append(decimal value: Int32) { append(decimal: Int64(value)) }
    @inlinable public mutating func append(decimal value: Int16) { append(decimal: Int64(value)) }
    @inlinable public mutating func append(decimal value: Int8) { append(decimal: Int64(value)) }
    @inlinable public mutating func append(decimal value: Int) { append(decimal: Int64(value)) }
    @inlinable public mutating func append(decimal value: UInt32) { append(decimal: UInt64(value)) }

    @inlinable public mutating func append(decimal value: UInt64) {
        // 20 digits are the most; they are written from the last to the first.
        reserve(20)
        let count = decimalDigits(value)
        var rest = value
        var place = filled &+ count
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            place &-= 1
            base.storeBytes(of: UInt8(truncatingIfNeeded: digit) &+ 0x30, toByteOffset: place, as: UInt8.self)
            rest = quotient
        } while rest > 0
        filled &+= count
    }

    @inlinable public mutating func append(_ value: Bool) {
        if value { append(literal: "true") } else { append(literal: "false") }
    }

    /// The standard alphabet, with padding.
    public mutating func append(base64 bytes: RawSpan) {
        let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        let digits = alphabet.utf8Start
        reserve((bytes.byteCount + 2) / 3 * 4)
        var position = 0
        while position < bytes.byteCount {
            let count = min(3, bytes.byteCount - position)
            var bits: UInt32 = 0
            for place in 0..<3 {
                let byte =
                    place < count ? bytes.unsafeLoad(fromUncheckedByteOffset: position + place, as: UInt8.self) : 0
                bits = bits << 8 | UInt32(byte)
            }
            for place in 0..<4 {
                integer(place <= count ? digits[Int(bits >> UInt32(18 - 6 * place) & 63)] : UInt8(ascii: "="))
            }
            position += count
        }
    }
}

/// How many decimal digits a number has.
@inlinable func decimalDigits(_ value: UInt64) -> Int {
    var digits = 1
    var bound: UInt64 = 10
    while value >= bound {
        digits &+= 1
        let (product, overflow) = bound.multipliedReportingOverflow(by: 10)
        if overflow { break }
        bound = product
    }
    return digits
}
