/// Stretches in the order they came.
struct StretchQueue {
    private var stretches: [FetchedStretch?] = []
    private var head = 0

    enum Verdict { case take, keep, drop }

    var isEmpty: Bool { head == stretches.count }

    mutating func append(_ stretch: FetchedStretch) { stretches.append(stretch) }

    /// Puts one back that was taken first.
    mutating func prepend(_ stretch: FetchedStretch) {
        if head > 0 {
            head -= 1
            stretches[head] = stretch
        } else {
            stretches.insert(stretch, at: 0)
        }
    }

    mutating func takeFirst(_ verdict: (FetchedStretch) -> Verdict) -> FetchedStretch? {
        for place in head..<stretches.count {
            guard let stretch = stretches[place] else { continue }
            switch verdict(stretch) {
            case .keep: continue
            case .drop: stretches[place] = nil
            case .take:
                stretches[place] = nil
                tidy()
                return stretch
            }
        }
        tidy()
        return nil
    }

    private mutating func tidy() {
        while head < stretches.count, stretches[head] == nil { head += 1 }
        if head > 64 || head == stretches.count {
            stretches.removeFirst(head)
            head = 0
        }
    }
}
