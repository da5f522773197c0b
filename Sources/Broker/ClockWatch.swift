import Timing

/// Tells whether the wall clock may be believed where that destroys records: retention by time.
///
/// A clock that jumps ahead, by a mistake of somebody or of a time server, makes every record old at once. The
/// monotonic clock tells how much time has really passed; where the wall clock claims much more, it is doubted for an
/// hour, in which it can be put right. At the start there is only the time when the broker last wrote something.
struct ClockWatch {
    /// Less is what time servers correct, and what a machine sleeps.
    static let jumpMin: Duration = .seconds(600)
    /// A broker may have been off for so long without anybody wondering.
    static let absenceMax: Duration = .seconds(7 * 86_400)
    static let doubtDuration: Duration = .seconds(3600)

    enum Judgement: Equatable {
        case trusted
        /// From now on it is not believed.
        case jumped(ahead: Duration)
        case doubted
        /// It went back, or the doubt has lasted long enough.
        case trustedAgain
    }

    private var last: (now: Instant, wall: Timestamp)?
    private let lastWrite: Timestamp?
    private var doubtedUntil: Instant?

    init(lastWrite: Timestamp?) { self.lastWrite = lastWrite }

    mutating func look(now: Instant, wall: Timestamp) -> Judgement {
        let ahead = surplus(now, wall)
        let limit = last == nil ? Self.absenceMax : Self.jumpMin
        last = (now, wall)
        if ahead > limit {
            doubtedUntil = now + Self.doubtDuration
            return .jumped(ahead: ahead)
        }
        guard let end = doubtedUntil else { return .trusted }
        guard now >= end || ahead < .zero - Self.jumpMin else { return .doubted }
        doubtedUntil = nil
        return .trustedAgain
    }

    /// How much more the wall clock claims to have passed than did.
    private func surplus(_ now: Instant, _ wall: Timestamp) -> Duration {
        let (passed, since): (Duration, Timestamp) =
            if let last { (now - last.now, last.wall) } else { (.zero, lastWrite ?? wall) }
        let claimed = wall.milliseconds.addingClamped(-since.milliseconds)
        return .milliseconds(claimed.addingClamped(-passed.wholeMilliseconds))
    }
}
