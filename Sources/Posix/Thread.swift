import CLinux
import Glibc

/// An operating system thread with a name that `top -H` shows. Whoever starts one joins it, or leaves it: until then
/// the system keeps its stack.
public final class Thread: Sendable {
    private let handle: pthread_t

    private final class Start {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    public init(name: String, stackBytes: Int = 512 * 1024, _ body: @escaping @Sendable () -> Void) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, stackBytes)
        let start = Unmanaged.passRetained(Start(name: String(name.prefix(15)), body: body))
        var thread = pthread_t()
        let result = pthread_create(&thread, &attributes, threadEntry, start.toOpaque())
        precondition(result == 0, "the system gives no more threads")
        handle = thread
    }

    /// Lets other threads go first, at the processor and at the device. For the calling thread, from now on.
    public static func stepBack() { linux_step_back() }

    public func join() { pthread_join(handle, nil) }

    /// Nobody will join it: it ends when it ends. For what cannot be interrupted.
    public func leave() { pthread_detach(handle) }

    fileprivate static func run(_ argument: UnsafeMutableRawPointer?) {
        guard let argument else { return }
        let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        _ = linux_set_thread_name(start.name)
        start.body()
    }
}

private func threadEntry(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    Thread.run(argument)
    return nil
}
