import Timing

/// What a fetcher is to do.
extension ConsumerState {
    enum Next {
        case work(FetcherWork)
        /// There is something to fetch, and something else that is held back until the application has taken more. It is
        /// better to wait a little for that than to let the broker wait for new records without it.
        case heldBack(FetcherWork)
        case nothing
    }

    /// What a fetcher is to do for its broker now.
    mutating func next(for broker: Int32, now: Instant) -> Next {
        var lookups: [Int] = []
        var validations: [Int] = []
        var fetches: [Int] = []
        var isHeldBack = false
        // Behind the partition that brought records last, so that those in front cannot fill every answer.
        for number in Array(slots.indices.dropFirst(firstSlot)) + Array(slots.indices.prefix(firstSlot)) {
            let slot = slots[number]
            guard slot.isAssigned, !slot.isBusy, slot.source(now: now) == broker else { continue }
            switch slot.phase {
            case .committed: continue
            case .lookup: lookups.append(number)
            case .validating: if !slot.isInHand { validations.append(number) }
            case .fetching:
                guard !slot.isPaused, !slot.waitsForQueue else { continue }
                if slot.queuedBytes >= limits.partitionQueueBytes { isHeldBack = true } else { fetches.append(number) }
            }
        }
        if !lookups.isEmpty {
            let targets = lookups.map { number -> OffsetTarget in
                guard case .lookup(let target) = slots[number].phase else { return .latest }
                return target
            }
            return .work(.lookUp(begin(lookups), targets))
        }
        if !validations.isEmpty { return .work(.validate(begin(validations))) }
        guard !fetches.isEmpty, queuedBytes < limits.queueBytes, failure == nil else { return .nothing }
        return isHeldBack ? .heldBack(.fetch(begin(fetches))) : .work(.fetch(begin(fetches)))
    }

    private mutating func begin(_ numbers: [Int]) -> [PartitionRequest] {
        numbers.map { number in
            let ticket = slots[number].beginRequest()
            return PartitionRequest(number, slots[number], ticket: ticket)
        }
    }

    /// Work was not begun, or came to nothing.
    mutating func dropped(_ work: FetcherWork) {
        for request in work.requests where isCurrent(request) { slots[request.slot].isBusy = false }
    }

    func isCurrent(_ request: PartitionRequest) -> Bool {
        slots[request.slot].ticket == request.ticket && slots[request.slot].isAssigned
    }
}
