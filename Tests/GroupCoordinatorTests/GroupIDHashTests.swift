import GroupCoordinator
import Testing

@Suite struct GroupIDHashTests {
    @Test func `ids hash as Java's strings do`() {
        #expect(GroupIDHash.of("test-group") == 627_841_412)
        #expect(GroupIDHash.of("") == 0)
        // Java counts the two halves of what is outside the basic plane.
        #expect(GroupIDHash.of("\u{1F600}") == 1_772_899)
        // The text of old whose hash is the number without a positive counterpart.
        #expect(GroupIDHash.of("polygenelubricants") == .min)
    }

    @Test func `the coordinator of a group is the partition of its hash`() {
        #expect(GroupIDHash.partition(of: "test-group", among: 50) == 12)
        #expect(GroupIDHash.partition(of: "polygenelubricants", among: 50) == 0)
        #expect(GroupIDHash.partition(of: "test-group", among: 1) == 0)
    }
}
