import Bytes

/// Gives each subscriber of a topic a stretch of its partitions, in the order of the members. Topics with as many
/// partitions and the same subscribers are cut in the same places, so that joins find both sides on one member.
///
/// Static members come first, by their instance, so that nothing moves when one of them comes back.
enum RangeAssignor {
    static func assign(_ problem: AssignmentProblem) -> AssignmentAnswer {
        var subscribers = Array(repeating: 0, count: problem.topics.count)
        for member in problem.members {
            for topic in member.topics { subscribers[topic] += 1 }
        }
        var stretches = zip(problem.topics, subscribers).map { Stretches(partitions: $0.partitionCount, members: $1) }
        var answer: AssignmentAnswer = Array(repeating: [:], count: problem.members.count)
        for index in order(problem.members) {
            for topic in problem.members[index].topics {
                let range = stretches[topic].next()
                if !range.isEmpty { answer[index][topic] = Array(range) }
            }
        }
        return answer
    }

    /// A topic that is cut up from its beginning, the longer pieces first.
    private struct Stretches {
        private let length: Int
        private var longer: Int
        private var position = 0

        init(partitions: Int, members: Int) {
            length = partitions / max(members, 1)
            longer = partitions % max(members, 1)
        }

        mutating func next() -> Range<Int32> {
            let start = position
            position += longer > 0 ? length + 1 : length
            longer -= 1
            return Int32(start)..<Int32(position)
        }
    }

    private static func order(_ members: [AssignmentProblem.Member]) -> [Int] {
        members.indices.sorted { left, right in
            switch (members[left].instanceID, members[right].instanceID) {
            case (let left?, let right?): left < right
            case (nil, nil): members[left].id < members[right].id
            case (let instance, _): instance != nil
            }
        }
    }
}
