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

    private var last: (now: Instant, wall: Timestamp)
    private var doubtedUntil: Instant?
    /// What the start found and nobody was told yet.
    private var untold: Duration?

    /// - Parameter lastWrite: when the broker last wrote something, if it ever did.
    init(lastWrite: Timestamp?, now: Instant, wall: Timestamp) {
        last = (now, wall)
        guard let lastWrite else { return }
        let absence = Duration.milliseconds(wall.milliseconds.addingClamped(-lastWrite.milliseconds))
        guard absence > Self.absenceMax else { return }
        doubtedUntil = now + Self.doubtDuration
        untold = absence
    }

    mutating func look(now: Instant, wall: Timestamp) -> Judgement {
        let claimed = wall.milliseconds.addingClamped(-last.wall.milliseconds)
        let ahead = Duration.milliseconds(claimed.addingClamped(-(now - last.now).wholeMilliseconds))
        last = (now, wall)
        if ahead > Self.jumpMin {
            doubtedUntil = now + Self.doubtDuration
            untold = ahead
        }
        guard let end = doubtedUntil else { return .trusted }
        if now >= end || ahead < .zero - Self.jumpMin {
            doubtedUntil = nil
            untold = nil
            return .trustedAgain
        }
        guard let ahead = untold else { return .doubted }
        untold = nil
        return .jumped(ahead: ahead)
    }
}
