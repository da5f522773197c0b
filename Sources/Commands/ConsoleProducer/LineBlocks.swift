import CLinux
import Glibc
import Posix

/// Takes a stream apart at a separator, reading large blocks: a piece is a stretch of the block, and nothing is copied but
/// the beginning of a piece whose end is in the next block. Memory is bounded by the longest piece that is allowed.
struct LineBlocks: ~Copyable {
    enum Next {
        /// The stretch of `block` that the piece is.
        case piece(Range<Int>)
        /// A piece longer than allowed was skipped.
        case tooLong(bytes: Int)
        /// More must be read.
        case none
    }

    private let separator: [UInt8]
    /// A carriage return in front of a line feed belongs to the line end.
    private let dropsReturn: Bool
    private let pieceBytesMax: Int
    private var memory: UnsafeMutableRawPointer
    private var capacity: Int
    private var start = 0
    private var end = 0
    /// No separator begins before this.
    private var searched = 0
    /// How many bytes of a piece that is too long were thrown away.
    private var skipped = 0

    static let readBytes = 256 << 10

    init(separator: [UInt8], pieceBytesMax: Int) {
        precondition(!separator.isEmpty, "nothing separates nothing")
        self.separator = separator
        dropsReturn = separator == [10]
        self.pieceBytesMax = pieceBytesMax
        capacity = Self.readBytes
        memory = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { memory.deallocate() }

    /// What the ranges count in.
    var block: RawSpan {
        @_lifetime(borrow self)
        get {
            let span = RawSpan(_unsafeStart: UnsafeRawPointer(memory), byteCount: end)
            return _overrideLifetime(span, borrowing: self)
        }
    }

    /// The next piece whose end has been read.
    mutating func next() -> Next {
        while true {
            guard let place = find() else {
                if end - start > pieceBytesMax {
                    // Only what could be the beginning of a separator is kept.
                    let kept = min(separator.count - 1, end - start)
                    skipped += end - start - kept
                    start = end - kept
                    searched = start
                }
                return .none
            }
            let piece = start..<trimmed(place)
            start = place + separator.count
            searched = start
            if skipped > 0 || piece.count > pieceBytesMax {
                defer { skipped = 0 }
                return .tooLong(bytes: skipped + piece.count)
            }
            return .piece(piece)
        }
    }

    /// What is left behind the last separator when the stream has ended.
    mutating func last() -> Next {
        guard start < end || skipped > 0 else { return .none }
        let piece = start..<trimmed(end)
        start = end
        defer { skipped = 0 }
        if skipped > 0 || piece.count > pieceBytesMax { return .tooLong(bytes: skipped + piece.count) }
        return .piece(piece)
    }

    private func trimmed(_ place: Int) -> Int {
        guard dropsReturn, place > start, memory.load(fromByteOffset: place - 1, as: UInt8.self) == 13 else {
            return place
        }
        return place - 1
    }

    private mutating func find() -> Int? {
        while searched + separator.count <= end {
            let room = end - separator.count + 1 - searched
            guard let found = memchr(memory + searched, CInt(separator[0]), room) else {
                searched = end - separator.count + 1
                return nil
            }
            let place = found - UnsafeMutableRawPointer(memory)
            let there = UnsafeRawBufferPointer(start: found, count: separator.count)
            if separator.count == 1 || there.elementsEqual(separator) {
                return place
            }
            searched = place + 1
        }
        return nil
    }

    /// Reads a block. The pieces given before are gone. Zero is the end.
    mutating func read(_ descriptor: CInt) throws(Errno) -> Int {
        makeRoom()
        while true {
            let count = Glibc.read(descriptor, memory + end, capacity - end)
            if count >= 0 {
                end += count
                return count
            }
            guard errno == EINTR else { throw .last }
        }
    }

    private mutating func makeRoom() {
        if start > 0 {
            memmove(memory, memory + start, end - start)
            end -= start
            searched -= start
            start = 0
        }
        guard capacity - end < Self.readBytes / 2 else { return }
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity * 2, alignment: 16)
        larger.copyMemory(from: memory, byteCount: end)
        memory.deallocate()
        memory = larger
        capacity *= 2
    }
}
