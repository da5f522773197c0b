import KafkaModel

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

    func number(of partition: TopicPartition) -> Int? { numbers[partition] }

    mutating func remove(_ number: Int) {
        seek(number, to: .latest)
        slots[number].isAssigned = false
    }

    mutating func seek(_ number: Int, to target: OffsetTarget) {
        queuedBytes -= slots[number].queuedBytes
        slots[number].seek(to: target)
    }

    mutating func setPaused(_ number: Int, _ isPaused: Bool) { slots[number].isPaused = isPaused }

    /// The next stretch whose partition is still wanted there. What lies in the queue of a partition that is paused waits.
    mutating func take() -> FetchedStretch? {
        ready.takeFirst { stretch in
            let slot = slots[stretch.slot]
            if slot.generation != stretch.generation || !slot.isAssigned { return .drop }
            return slot.isPaused ? .keep : .take
        }
    }

    /// The application has gone through a stretch, up to an offset.
    mutating func taken(_ stretch: FetchedStretch, position: Int64) {
        guard slots[stretch.slot].generation == stretch.generation else { return }
        slots[stretch.slot].position = position
    }

    /// The bytes of a stretch are free.
    mutating func released(_ stretch: FetchedStretch) {
        guard slots[stretch.slot].generation == stretch.generation else { return }
        slots[stretch.slot].queuedBytes -= stretch.records.count
        queuedBytes -= stretch.records.count
        if slots[stretch.slot].queuedBytes == 0 { slots[stretch.slot].waitsForQueue = false }
    }

    mutating func takeNotices() -> [ConsumerNotice] {
        defer { notices = [] }
        return notices
    }

    mutating func close() { isClosed = true }
}
