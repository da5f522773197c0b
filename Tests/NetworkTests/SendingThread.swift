import Posix

/// Sends while the test receives, where both kernels' buffers together are too small for either to go first.
final class SendingThread {
    private let thread: Thread

    init(_ client: TestClient, _ bytes: [UInt8]) {
        let descriptor = client.descriptor
        thread = Thread(name: "test-sender") { sendAll(descriptor, bytes) }
    }

    func join() { thread.join() }
}
