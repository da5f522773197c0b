import Bytes

/// Fills a message with values made up from a seed, so that tests and fuzzers meet every field: nulls where they are
/// legal, lists of nought to three elements, integers at their limits.
struct RandomFiller: WireCoder {
    typealias Failure = Never

    let version: Int16
    private var state: UInt64

    init(version: Int16, seed: UInt64) {
        self.version = version
        self.state = seed
    }

    mutating func field<V: WireValue>(_ name: StaticString, _ value: inout V, _ versions: Versions) {
        if versions.contains(version) { value.code(&self) }
    }

    mutating func field<V: WireNullable>(
        _ name: StaticString, _ value: inout V?, _ versions: Versions, nullable: Versions
    ) {
        guard versions.contains(version) else { return }
        if nullable.contains(version) { return value.code(&self) }
        var present = V()
        present.code(&self)
        value = present
    }

    mutating func field(
        _ name: StaticString, _ value: inout RecordsField, _ versions: Versions, nullable: Versions
    ) {
        guard versions.contains(version) else { return }
        value = nullable.contains(version) && isOneIn(4) ? .null : .bytes(randomBytes())
    }

    mutating func tag<V: WireValue>(
        _ id: UInt32, _ name: StaticString, _ value: inout V, _ versions: Versions, nullable: Versions, isDefault: Bool
    ) {
        if versions.contains(version), !isOneIn(3) { value.code(&self) }
    }

    mutating func int8(_ value: inout Int8) { value = integer() }
    mutating func int16(_ value: inout Int16) { value = integer() }
    mutating func int32(_ value: inout Int32) { value = integer() }
    mutating func int64(_ value: inout Int64) { value = integer() }
    mutating func uint16(_ value: inout UInt16) { value = integer() }
    mutating func uint32(_ value: inout UInt32) { value = integer() }
    mutating func double(_ value: inout Double) { value = Double(next() % 1_000_000) / 8 }
    mutating func bool(_ value: inout Bool) { value = isOneIn(2) }
    mutating func uuid(_ value: inout UUID) { value = UUID(high: next(), low: next()) }

    mutating func string(_ value: inout String) {
        let pieces = ["", "orders", "p", "ä€😀", "a-much-longer-name-than-fits-into-fifteen-bytes", "\"\\\n"]
        value = pieces[below(pieces.count)] + String(below(100))
    }

    mutating func string(_ value: inout String?) { fill(&value) }
    mutating func bytes(_ value: inout [UInt8]) { value = randomBytes() }
    mutating func bytes(_ value: inout [UInt8]?) { fill(&value) }

    mutating func list<E: WireValue>(_ values: inout [E]) {
        values = []
        for _ in 0..<below(4) {
            var element = E()
            element.code(&self)
            values.append(element)
        }
    }

    mutating func list<E: WireValue>(_ values: inout [E]?) { fill(&values) }

    mutating func structure<S: WireStruct>(_ value: inout S) {
        value.fields(&self)
        value.taggedFields(&self)
    }

    mutating func structure<S: WireStruct>(_ value: inout S?) { fill(&value) }

    private mutating func fill<V: WireValue>(_ value: inout V?) {
        guard !isOneIn(4) else {
            value = nil
            return
        }
        var present = V()
        present.code(&self)
        value = present
    }

    private mutating func integer<T: FixedWidthInteger>() -> T {
        switch below(8) {
        case 0: .max
        case 1: .min
        case 2: 0
        default: T(truncatingIfNeeded: next())
        }
    }

    private mutating func randomBytes() -> [UInt8] {
        // Now and then longer than one byte of a compact length can say.
        (0..<below(isOneIn(8) ? 300 : 20)).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    private mutating func isOneIn(_ count: UInt64) -> Bool { next() % count == 0 }
    private mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

    /// SplitMix64.
    private mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

extension WireMessage {
    /// A message made up from a seed; the same seed makes the same message.
    @_semantics("optimize.sil.specialize.generic.never")
    @inline(never)
    public static func random(version: Int16, seed: UInt64) -> Self {
        var message = Self()
        var filler = RandomFiller(version: version, seed: seed)
        filler.structure(&message)
        return message
    }
}
