import KafkaModel
import Timing

/// What the application wants, and what it is given.
extension ConsumerState {
    /// The number of a partition, from now on the same for ever.
    mutating func add(_ partition: TopicPartition, at target: OffsetTarget) -> Int {
        wantsMetadata = true
        if let number = numbers[partition] {
            slots[number].isAssigned = true
            seek(number, to: target)
            return number
        }
        numbers[partition] = slots.count
        slots.append(PartitionSlot(partition, target))
        return slots.count - 1
    }

    /// The same for one whose beginning the group knows.
    mutating func addCommitted(_ partition: TopicPartition) -> Int {
        let number = add(partition, at: .latest)
        slots[number].awaitCommitted()
        return number
    }

    /// What the group has committed of a partition; -1 is nothing.
    mutating func committed(_ partition: TopicPartition, _ offset: CommittedOffset, now: Timestamp) {
        guard let number = numbers[partition], slots[number].isAssigned, slots[number].phase == .committed else {
            return
        }
        if offset.offset >= 0 {
            slots[number].resume(at: offset.offset, epoch: offset.leaderEpoch ?? -1)
        } else if let target = reset.target(now: now) {
            seek(number, to: target)
        } else {
            fail(.noOffset(partition))
        }
    }

    /// Where the application is, of every partition where it is somewhere.
    var positions: [TopicPartition: CommittedOffset] {
        var positions: [TopicPartition: CommittedOffset] = [:]
        for slot in slots where slot.isAssigned && slot.position >= 0 {
            positions[slot.partition] = CommittedOffset(
                slot.position, leaderEpoch: slot.positionEpoch < 0 ? nil : slot.positionEpoch)
        }
        return positions
    }

    func number(of partition: TopicPartition) -> Int? { numbers[partition] }

    mutating func remove(_ number: Int) {
        seek(number, to: .latest)
        setPaused(number, false)
        slots[number].isAssigned = false
    }

    mutating func seek(_ number: Int, to target: OffsetTarget) {
        charge(number, -slots[number].queuedBytes)
        slots[number].seek(to: target)
    }

    /// What was fetched of a partition that is paused is laid aside, where it is no work for anybody and does not keep
    /// others from being fetched; with `resume` it is ready again.
    mutating func setPaused(_ number: Int, _ isPaused: Bool) {
        guard slots[number].isPaused != isPaused else { return }
        slots[number].isPaused = isPaused
        if isPaused {
            slots[number].aside = ready.remove { $0.slot == number }
            queuedBytes -= slots[number].queuedBytes
        } else {
            for stretch in slots[number].aside { ready.append(stretch) }
            slots[number].aside = []
            queuedBytes += slots[number].queuedBytes
        }
    }

    /// A partition has so many fetched bytes more.
    mutating func charge(_ number: Int, _ bytes: Int) {
        slots[number].queuedBytes += bytes
        if !slots[number].isPaused { queuedBytes += bytes }
    }

    /// The next stretch whose partition is still wanted there.
    mutating func take() -> FetchedStretch? {
        while let stretch = ready.popFirst() {
            if isWanted(stretch) { return stretch }
        }
        return nil
    }

    func isWanted(_ stretch: FetchedStretch) -> Bool {
        slots[stretch.slot].generation == stretch.generation && slots[stretch.slot].isAssigned
    }

    /// The application begins to go through a stretch, or goes on with it. Nil when it is not wanted any more.
    mutating func begun(_ stretch: FetchedStretch) -> TopicPartition? {
        guard isWanted(stretch) else { return nil }
        slots[stretch.slot].isInHand = true
        return slots[stretch.slot].partition
    }

    /// The application has gone through a stretch, up to an offset.
    ///
    /// - Parameter epoch: of the last batch that was handed out; nil where none was.
    mutating func taken(_ stretch: FetchedStretch, position: Int64, epoch: Int32? = nil) {
        slots[stretch.slot].isInHand = false
        guard slots[stretch.slot].generation == stretch.generation else { return }
        slots[stretch.slot].position = position
        if let epoch { slots[stretch.slot].positionEpoch = epoch }
    }

    /// A stretch that was begun is of a partition that is paused: the rest of it is for later.
    mutating func layAside(_ stretch: FetchedStretch) { slots[stretch.slot].aside.insert(stretch, at: 0) }

    /// The bytes of a stretch are free.
    mutating func released(_ stretch: FetchedStretch) {
        guard slots[stretch.slot].generation == stretch.generation else { return }
        charge(stretch.slot, -stretch.records.count)
        if slots[stretch.slot].queuedBytes == 0 { slots[stretch.slot].waitsForQueue = false }
    }

    mutating func takeNotices() -> [ConsumerNotice] {
        defer { notices = [] }
        return notices
    }

    mutating func close() { isClosed = true }
}
