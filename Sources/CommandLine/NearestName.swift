/// The name that a mistyped word most probably meant: at most a third of its letters away, counting swapped neighbours
/// as one mistake. Nil when nothing is near.
public func nearest(to word: String, among names: [String]) -> String? {
    let letters = Array(word.lowercased().unicodeScalars.prefix(longestWord))
    var best: (name: String, distance: Int)?
    for name in names {
        let distance = editDistance(letters, Array(name.lowercased().unicodeScalars.prefix(longestWord)))
        if distance < best?.distance ?? .max { best = (name, distance) }
    }
    guard let best, best.distance <= max(1, letters.count / 3) else { return nil }
    return best.name
}

/// Words are compared up to this length, since the comparison takes time in proportion to the square of it.
private let longestWord = 64

private func editDistance(_ one: [Unicode.Scalar], _ other: [Unicode.Scalar]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...other.count)
    for (i, letter) in one.enumerated() {
        var row = [i + 1]
        for (j, otherLetter) in other.enumerated() {
            let replaced = last[j] + (letter == otherLetter ? 0 : 1)
            var least = min(replaced, last[j + 1] + 1, row[j] + 1)
            if i > 0, j > 0, letter == other[j - 1], one[i - 1] == otherLetter {
                least = min(least, beforeLast[j - 1] + 1)
            }
            row.append(least)
        }
        beforeLast = last
        last = row
    }
    return last[other.count]
}
