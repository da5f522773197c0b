import KafkaProtocol
import Testing

@testable import GroupCoordinator

@Suite struct ClassicProtocolTests {
    @Test func `a member without protocols or without a type is refused`() {
        var stage = ClassicStage()
        #expect(
            stage.join("a", []) == [
                "record: v3 generation 0 - - leader -", "join a: INCONSISTENT_GROUP_PROTOCOL",
            ])
        #expect(stage.join("a", type: "") == ["join a: INCONSISTENT_GROUP_PROTOCOL"])
        #expect(stage.group.isSimple)
    }

    @Test func `a member of another type is refused while the group has members`() {
        var stage = ClassicStage.stablePair()
        #expect(stage.join("c", type: "connect") == ["join c: INCONSISTENT_GROUP_PROTOCOL"])
        #expect(stage.join("a#1", type: "connect") == ["join a#1: INCONSISTENT_GROUP_PROTOCOL a#1"])
        _ = stage.leave(("a#1", nil), ("b#2", nil))
        #expect(stage.join("c", type: "connect") == ["join c: MEMBER_ID_REQUIRED c#3"])
        _ = stage.join("c#3", type: "connect")
        _ = stage.pass(.seconds(3))
        #expect(stage.group.protocolType == "connect")
        #expect(stage.group.subscribedTopics == nil)
    }

    @Test func `a member that shares no protocol with all others is refused`() {
        var stage = ClassicStage.stablePair([("range", ""), ("sticky", "")])
        #expect(stage.join("c", [("roundrobin", "")], version: 3) == ["join c: INCONSISTENT_GROUP_PROTOCOL"])
        #expect(stage.join("c", [("roundrobin", ""), ("sticky", "")], version: 3) == [])
    }

    @Test func `the protocol that all know and most prefer wins`() {
        var stage = ClassicStage()
        _ = stage.join("a", [("range", ""), ("sticky", "")], version: 3)
        _ = stage.join("b", [("sticky", ""), ("range", "")], version: 3)
        _ = stage.join("c", [("only-c", ""), ("sticky", ""), ("range", "")], version: 3)
        _ = stage.pass(.seconds(6))
        #expect(stage.group.protocolName == "sticky")
    }

    @Test func `the one who came first decides a tie`() {
        var stage = ClassicStage()
        _ = stage.join("a", [("range", ""), ("sticky", "")], version: 3)
        _ = stage.join("b", [("sticky", ""), ("range", "")], version: 3)
        _ = stage.pass(.seconds(6))
        #expect(stage.group.protocolName == "range")
    }

    @Test func `of a protocol named twice the first counts`() {
        var stage = ClassicStage()
        _ = stage.join("a", [("range", "one"), ("range", "two")], version: 3)
        #expect(stage.pass(.seconds(3)) == ["join a: generation 1 as a#1, range, leader a#1 of a#1=one"])
    }

    @Test func `protocols that the last members knew are no longer asked for`() {
        var stage = ClassicStage.stablePair([("range", "")])
        _ = stage.leave(("a#1", nil), ("b#2", nil))
        #expect(stage.join("c", [("new", "")], version: 3) == [])
        #expect(stage.pass(.seconds(3)).first?.contains("new") == true)
    }

    @Test func `topics are known from the metadata of the chosen protocol`() {
        func metadata(_ version: UInt8, _ topics: String...) -> String {
            var text = "\u{0}" + String(UnicodeScalar(version)) + "\u{0}\u{0}\u{0}"
            text += String(UnicodeScalar(UInt8(topics.count)))
            for topic in topics { text += "\u{0}" + String(UnicodeScalar(UInt8(topic.utf8.count))) + topic }
            return text + "\u{0}\u{0}\u{0}\u{0}" + (version > 0 ? "\u{0}\u{0}\u{0}\u{0}" : "")
        }
        var stage = ClassicStage()
        _ = stage.join("a", [("range", metadata(0, "t", "u"))], version: 3)
        _ = stage.join("b", [("range", metadata(1, "v"))], version: 3)
        _ = stage.pass(.seconds(6))
        #expect(stage.group.subscribedTopics == ["t", "u", "v"])
        #expect(stage.group.isSubscribed(to: "t"))
        #expect(!stage.group.isSubscribed(to: "w"))
    }

    @Test func `a group whose metadata cannot be read may be reading every topic`() {
        let stage = ClassicStage.stablePair([("range", "x")])
        #expect(stage.group.subscribedTopics == nil)
        #expect(stage.group.isSubscribed(to: "t"))
        #expect(stage.group.offsetRetention == .forever)
    }
}
