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
        // 20 digits are the most; they are written from the last to the first, two at a time.
        reserve(20)
        let count = decimalDigits(value)
        // `00` to `99`.
        let table: StaticString = """
            0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
            5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899
            """
        let pairs = table.utf8Start
        var rest = value
        var place = filled &+ count
        while rest >= 100 {
            let (quotient, pair) = rest.quotientAndRemainder(dividingBy: 100)
            place &-= 2
            (base + place).copyMemory(from: pairs + Int(truncatingIfNeeded: pair &* 2), byteCount: 2)
            rest = quotient
        }
        if rest >= 10 {
            (base + place - 2).copyMemory(from: pairs + Int(truncatingIfNeeded: rest &* 2), byteCount: 2)
        } else {
            base.storeBytes(of: UInt8(truncatingIfNeeded: rest) &+ 0x30, toByteOffset: place &- 1, as: UInt8.self)
        }
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
    var rest = value
    while true {
        if rest < 10 { return digits }
        if rest < 100 { return digits &+ 1 }
        if rest < 1000 { return digits &+ 2 }
        if rest < 10_000 { return digits &+ 3 }
        rest /= 10_000
        digits &+= 4
    }
}
