import Testing

@testable import Storage

@Suite struct LeaderEpochTests {
    private func cache(_ entries: [(Int32, Int64)]) -> LeaderEpochCache {
        LeaderEpochCache(entries.map { .init(epoch: $0.0, startOffset: $0.1) })
    }

    @Test func `the end of an epoch is where the next one starts`() {
        let epochs = cache([(2, 10), (4, 30), (7, 50)])
        #expect(epochs.endOffset(for: 7, logEndOffset: 60) == .init(epoch: 7, startOffset: 60))
        #expect(epochs.endOffset(for: 4, logEndOffset: 60) == .init(epoch: 4, startOffset: 50))
        #expect(epochs.endOffset(for: 5, logEndOffset: 60) == .init(epoch: 4, startOffset: 50))
        #expect(epochs.endOffset(for: 1, logEndOffset: 60) == .init(epoch: 1, startOffset: 10))
        #expect(epochs.endOffset(for: 8, logEndOffset: 60) == nil)
        #expect(epochs.endOffset(for: -1, logEndOffset: 60) == nil)
        #expect(epochs.epoch(at: 29) == 2)
        #expect(epochs.epoch(at: 9) == nil)
    }

    @Test func `a contradiction removes what came before`() {
        var epochs = cache([(2, 10), (4, 30)])
        epochs.assign(4, startOffset: 40)
        #expect(epochs.entries.count == 2)
        epochs.assign(5, startOffset: 30)
        #expect(epochs == cacheOf([(2, 10), (5, 30)], dirty: true))
        epochs.assign(1, startOffset: 70)
        #expect(epochs.entries == [.init(epoch: 1, startOffset: 70)])
    }

    @Test func `both ends are cut`() {
        var epochs = cache([(2, 10), (4, 30), (7, 50)])
        epochs.truncateFromEnd(50)
        #expect(epochs.entries.map(\.epoch) == [2, 4])
        epochs.truncateFromStart(35)
        #expect(epochs.entries == [.init(epoch: 4, startOffset: 35)])
        epochs.truncateFromStart(5)
        #expect(epochs.entries == [.init(epoch: 4, startOffset: 35)])
    }

    @Test func `the file is Kafka's`() {
        let text = "0\n2\n0 0\n2 300\n"
        #expect(LeaderEpochCache(text)?.text == text)
        #expect(LeaderEpochCache("")?.entries.isEmpty == true)
        #expect(LeaderEpochCache("0\n3\n0 0\n") == nil)
        #expect(LeaderEpochCache("1\n0\n") == nil)
        #expect(LeaderEpochCache("0\n1\nx 0\n") == nil)
    }

    private func cacheOf(_ entries: [(Int32, Int64)], dirty: Bool) -> LeaderEpochCache {
        var epochs = cache(entries)
        epochs.isDirty = dirty
        return epochs
    }
}
