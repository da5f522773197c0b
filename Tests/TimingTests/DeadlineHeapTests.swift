import Testing
import Timing

@Suite struct DeadlineHeapTests {
    @Test func `items come by their deadlines, whatever was taken out between`() {
        var heap = DeadlineHeap<Int64>()
        var random = UInt64(7)
        for _ in 0..<1000 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let deadline = Int64(random >> 40)
            heap.insert(deadline, at: Instant(nanoseconds: deadline))
        }
        heap.removeAll { $0 % 3 == 0 }
        var last = Int64.min
        while let first = heap.first {
            #expect(first.item % 3 != 0 && first.item >= last && first.deadline.nanoseconds == first.item)
            last = first.item
            heap.removeFirst()
        }
        heap.removeFirst()
        #expect(heap.count == 0)
    }
}
