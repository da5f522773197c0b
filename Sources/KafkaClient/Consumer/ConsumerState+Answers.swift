import KafkaModel
import Timing

/// What answers say.
extension ConsumerState {
    /// A request failed as a whole. Where trying again may help, leaders are asked for anew.
    mutating func failed(_ work: FetcherWork, _ error: ClientError) {
        if case .interrupted = error.reason { return }
        guard error.isRetriable else { return fail(.client(error)) }
        note(.brokerFailed(error.description), about: error.broker)
        for request in work.requests where isCurrent(request) { slots[request.slot].lostLeader() }
        wantsMetadata = true
    }

    /// Nobody knows where the broker is.
    mutating func brokerUnknown(_ work: FetcherWork) {
        for request in work.requests where isCurrent(request) { slots[request.slot].lostLeader() }
        wantsMetadata = true
    }

    /// A broker did not answer for some of what was asked; it is asked again after a look at who leads.
    mutating func unanswered(_ requests: [PartitionRequest]) {
        for request in requests where isCurrent(request) && slots[request.slot].isBusy { retry(request) }
    }

    mutating func answered(by broker: String) { noticed.remove(broker) }

    /// The answer to a lookup.
    mutating func found(_ request: PartitionRequest, _ code: ErrorCode, offset: Int64, epoch: Int32) {
        guard isCurrent(request), case .lookup(let target) = slots[request.slot].phase else { return }
        slots[request.slot].isBusy = false
        switch code {
        case .none where offset >= 0: slots[request.slot].found(offset: offset, epoch: epoch)
        case .none, .unsupportedForMessageFormat:
            // No record is that young, or none has a time.
            guard case .time = target else { return retry(request) }
            slots[request.slot].phase = .lookup(.latest)
        default: refused(request, code)
        }
    }

    /// Where the epoch of the last record ends, as the new leader has it.
    mutating func validated(_ request: PartitionRequest, _ code: ErrorCode, endOffset: Int64, now: Timestamp) {
        guard isCurrent(request), slots[request.slot].phase == .validating else { return }
        slots[request.slot].isBusy = false
        guard code == .none else { return refused(request, code) }
        let slot = slots[request.slot]
        guard endOffset < slot.fetchOffset else { return slots[request.slot].phase = .fetching }
        // Where the application is, is not known before it lays down what it has in hand; then the question is put again.
        // To go back to where it was before would give it records twice.
        guard !slot.isInHand else { return }
        slots[request.slot].phase = .fetching
        if endOffset < slot.position || endOffset < 0 {
            note(
                .logTruncated(slot.partition, offset: slot.position, logEnd: endOffset),
                about: "\(slot.partition)@\(slot.position)")
            guard let target = reset.target(now: now) else {
                return fail(.truncated(slot.partition, offset: slot.position, logEnd: endOffset))
            }
            seek(request.slot, to: endOffset < 0 ? target : .offset(endOffset))
        } else {
            // What was handed out is still there; what was only fetched is fetched again.
            seek(request.slot, to: .offset(slot.position))
        }
    }

    /// No answer about a validation can be had from this broker, which is too old: the log is taken for whole.
    mutating func skippedValidation(_ request: PartitionRequest) {
        guard isCurrent(request) else { return }
        slots[request.slot].isBusy = false
        slots[request.slot].phase = .fetching
    }

    /// What a fetch brought.
    mutating func fetched(_ request: PartitionRequest, _ result: FetchResult, instant: Instant, now: Timestamp) {
        guard isCurrent(request) else { return }
        slots[request.slot].isBusy = false
        if result.highWatermark >= 0 { slots[request.slot].highWatermark = result.highWatermark }
        if result.lastStableOffset >= 0 { slots[request.slot].lastStableOffset = result.lastStableOffset }
        if result.logStartOffset >= 0 { slots[request.slot].logStartOffset = result.logStartOffset }
        switch result.outcome {
        case .nothing: break
        case .records(let stretch, let nextOffset, let epoch):
            slots[request.slot].fetchOffset = nextOffset
            slots[request.slot].fetchedEpoch = epoch
            charge(request.slot, stretch.records.count)
            if slots[request.slot].isPaused { slots[request.slot].aside.append(stretch) } else { ready.append(stretch) }
            firstSlot = (request.slot + 1) % slots.count
        case .replica(let id): slots[request.slot].preferredReplica = (id, instant + limits.replicaAge)
        case .failed(.offsetOutOfRange): outOfRange(request, now: now)
        case .failed(let code): refused(request, code)
        case .broken(let error): fail(error)
        }
    }

    private mutating func outOfRange(_ request: PartitionRequest, now: Timestamp) {
        let slot = slots[request.slot]
        if slot.preferredReplica != nil {
            // The follower may only be behind: the leader decides.
            slots[request.slot].preferredReplica = nil
            return
        }
        // What was fetched before is given out first; then it is tried again.
        guard slot.queuedBytes == 0 else { return slots[request.slot].waitsForQueue = true }
        guard let target = reset.target(now: now) else {
            return fail(.outOfRange(slot.partition, offset: slot.fetchOffset))
        }
        note(.positionReset(slot.partition, offset: slot.fetchOffset), about: "\(slot.partition)@\(slot.fetchOffset)")
        seek(request.slot, to: target)
    }

    /// A broker says no for a partition. Most of it comes right with the next leader.
    private mutating func refused(_ request: PartitionRequest, _ code: ErrorCode) {
        switch code {
        case .topicAuthorizationFailed, .corruptMessage, .unsupportedVersion, .unsupportedCompressionType,
            .invalidTopicException, .invalidRequest:
            fail(.refused(request.partition, offset: request.offset, code))
        default: retry(request)
        }
    }

    private mutating func retry(_ request: PartitionRequest) {
        slots[request.slot].lostLeader()
        wantsMetadata = true
    }
}
