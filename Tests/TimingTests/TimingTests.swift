import Testing
import Timing

@Suite struct CalendarTimeTests {
    @Test(arguments: [
        (Int64(0), "1970-01-01 00:00:00,000"),
        (1_700_000_000_123, "2023-11-14 22:13:20,123"),
        (951_782_400_000, "2000-02-29 00:00:00,000"),
        (4_107_542_399_999, "2100-02-28 23:59:59,999"),
        (4_107_542_400_000, "2100-03-01 00:00:00,000"),
        (1_735_689_599_999, "2024-12-31 23:59:59,999"),
        (-1, "1969-12-31 23:59:59,999"),
        (-86_400_001, "1969-12-30 23:59:59,999"),
    ])
    func `a timestamp is taken apart in UTC`(milliseconds: Int64, expected: String) {
        #expect(CalendarTime(Timestamp(milliseconds: milliseconds)).logForm == expected)
    }

    @Test func `every day follows the one before it`() {
        var previous = CalendarTime(Timestamp(milliseconds: -86_400_000 * 200_000))
        for day in Int64(-199_999)...200_000 {
            let next = CalendarTime(Timestamp(milliseconds: 86_400_000 * day))
            let isNextDay = next.day == previous.day + 1 && next.month == previous.month
            let isNewMonth = next.day == 1 && next.month == previous.month + 1 && previous.day >= 28
            let isNewYear = next.day == 1 && next.month == 1 && previous.day == 31 && next.year == previous.year + 1
            guard isNextDay || isNewMonth || isNewYear else {
                Issue.record("\(previous.logForm) is followed by \(next.logForm)")
                return
            }
            previous = next
        }
    }
}

@Suite struct ClockTests {
    @Test func `manual time moves only when told to`() {
        let time = ManualTime(wall: Timestamp(milliseconds: 5000))
        let clock = Clock.manual(time)
        let (start, wall) = (clock.now, clock.timestamp)
        #expect(clock.now == start && wall.milliseconds == 5000)
        time.advance(by: .milliseconds(1500))
        #expect(clock.now - start == .milliseconds(1500))
        #expect(clock.timestamp.milliseconds == 6500)
        time.setWall(Timestamp(milliseconds: 100))
        #expect(clock.timestamp.milliseconds == 100)
        #expect(clock.now - start == .milliseconds(1500))
    }

    @Test func `system time goes forward`() {
        let first = Clock.system.now
        let second = Clock.system.now
        #expect(second >= first)
        #expect(Clock.system.timestamp.milliseconds > 1_700_000_000_000)
    }

    @Test func `for ever stays for ever`() {
        let forever = Duration.milliseconds(Int64.max)
        #expect(forever.wholeNanoseconds == .max)
        #expect((Instant(nanoseconds: 5) + forever).nanoseconds == .max)
        #expect(Int64.max.addingClamped(1) == .max)
        #expect(Int64.min.addingClamped(-1) == .min)
        #expect((Int64.max / 2).multipliedClamped(by: -3) == .min)
        #expect(Duration.seconds(2).wholeMilliseconds == 2000)
    }
}
