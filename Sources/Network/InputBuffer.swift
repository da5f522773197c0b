import Glibc

/// Memory of one connection for bytes that wait: a frame that came in part, or frames behind an answer that is not
/// there yet. Empty, it holds no memory. Bytes lie in `start..<end`.
struct InputBuffer: ~Copyable {
    private(set) var base: UnsafeMutableRawPointer?
    private(set) var capacity = 0
    private(set) var start = 0
    private(set) var end = 0

    init() {}

    init(capacity: Int) { grow(to: capacity) }

    deinit { free(base) }

    var count: Int { end - start }
    var isAllocated: Bool { base != nil }

    /// The first byte that waits.
    var first: UnsafeMutableRawPointer? { base.map { $0 + start } }

    mutating func grow(to newCapacity: Int) {
        guard newCapacity > capacity else { return }
        let larger = realloc(base, newCapacity)
        precondition(larger != nil, "out of memory for a frame")
        base = larger
        capacity = newCapacity
    }

    mutating func append(_ bytes: UnsafeRawPointer, _ count: Int) {
        guard let base, count <= capacity - end else { preconditionFailure("a buffer filled beyond its end") }
        memcpy(base + end, bytes, count)
        end += count
    }

    /// Tells that `count` bytes were put behind the end.
    mutating func filled(_ count: Int) { end += count }

    mutating func consume(_ count: Int) { start += count }

    /// Moves the bytes to the front, so that a frame can grow into the room behind it.
    mutating func compact() {
        guard start > 0, let base else { return }
        memmove(base, base + start, end - start)
        end -= start
        start = 0
    }

    mutating func clear() {
        start = 0
        end = 0
    }

    /// The length field of the first frame, once its four bytes are there.
    var announcedBytes: Int32? {
        guard let first, count >= 4 else { return nil }
        return Int32(bigEndian: first.loadUnaligned(as: Int32.self))
    }
}

/// A few large buffers that the connections of one loop take turns with, so that each big frame does not pay for
/// fresh pages. What nobody used for a while goes back to the system.
struct BufferPool: ~Copyable {
    static let smallest = 64 * 1024
    static let largest = 4 * 1024 * 1024

    private var first = InputBuffer()
    private var second = InputBuffer()
    private var wasUsed = false

    var isEmpty: Bool { !first.isAllocated && !second.isAllocated }

    /// The larger of what is there; without memory when nothing is.
    mutating func take() -> InputBuffer {
        var taken = InputBuffer()
        if first.capacity >= second.capacity { swap(&taken, &first) } else { swap(&taken, &second) }
        wasUsed = true
        return taken
    }

    mutating func give(_ buffer: consuming InputBuffer) {
        guard (Self.smallest...Self.largest).contains(buffer.capacity) else { return }
        buffer.clear()
        wasUsed = true
        if first.capacity <= second.capacity {
            if buffer.capacity > first.capacity { first = buffer }
        } else if buffer.capacity > second.capacity {
            second = buffer
        }
    }

    /// Frees everything that was not used since the last call.
    mutating func age() {
        if !wasUsed {
            first = InputBuffer()
            second = InputBuffer()
        }
        wasUsed = false
    }
}
