import Glibc

/// Memory straight from the kernel: zeros that take no room until they are touched, and given back at once at the end.
/// For tables of which mostly a part is used.
public struct AnonymousMemory: ~Copyable {
    @usableFromInline let base: UnsafeMutableRawPointer
    public let wordCount: Int

    /// So many 64-bit words, all zero.
    public init(words: Int) throws(SystemError) {
        let count = max(words, 1)
        let protection = PROT_READ | PROT_WRITE
        let memory = mmap(
            nil, count * MemoryLayout<UInt64>.stride, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let memory, memory != MAP_FAILED else { throw SystemError("reserve", "\(count * 8) bytes of memory") }
        base = memory
        wordCount = count
    }

    deinit { munmap(base, wordCount * MemoryLayout<UInt64>.stride) }

    @inlinable public subscript(word: Int) -> UInt64 {
        get {
            precondition(word >= 0 && word < wordCount, "a word outside of the memory")
            return base.load(fromByteOffset: word &* 8, as: UInt64.self)
        }
        set {
            precondition(word >= 0 && word < wordCount, "a word outside of the memory")
            base.storeBytes(of: newValue, toByteOffset: word &* 8, as: UInt64.self)
        }
    }
}
