import Configuration
import Coordination
import GroupCoordinator
import KafkaModel
import KafkaRecords
import Metadata
import Network
import Posix
import Telemetry
import Timing

/// The shards of the group coordinator that this broker has: one for each partition of `__consumer_offsets` that it leads.
///
/// A group belongs to the partition that its id hashes to. Requests are handled inline, on the network thread that read
/// them: what they write is one append.
final class GroupCoordinators: Sendable {
    typealias Shard = Coordinator<GroupShard>

    static let topic = "__consumer_offsets"

    private struct Served {
        /// By partition; nil where another broker leads.
        var shards: [Shard?] = []
        /// What each of them reads, or has read, its log from.
        var partitions: [Partition?] = []
    }

    private let served = Guarded(Served())
    private let configuration: GroupCoordinatorSettings
    private let schedule: CoordinatorSchedule
    private let channel: RequestChannel
    private let world: Shard.World
    private let settings: Guarded<GroupSettings>

    init(
        _ configuration: BrokerConfiguration, cluster: ClusterState, channel: RequestChannel, clock: Clock,
        metrics: Metrics
    ) {
        self.configuration = configuration.groups
        self.channel = channel
        schedule = CoordinatorSchedule(clock: clock)
        let settings = Guarded(GroupSettings(configuration.groups))
        self.settings = settings
        let groupMetrics = GroupMetrics(metrics)
        world = Shard.World(
            clock: clock, log: Log("GroupCoordinator", prefix: "[GroupCoordinator id=\(configuration.nodeID)]"),
            schedule: schedule,
            compression: CompressionTarget(codecID: Int8(clamping: configuration.groups.compressionCodec)),
            context: {
                GroupContext(
                    now: clock.now, wall: clock.timestamp, settings: settings.withLock { $0 }, image: cluster.image)
            }, happened: { groupMetrics.count($0) }, loaded: { groupMetrics.loaded(within: $0) })
    }

    func begin() { schedule.begin() }

    func adopt(_ configuration: GroupCoordinatorSettings) {
        let changed = GroupSettings(configuration)
        settings.withLock { $0 = changed }
    }

    var groupSettings: GroupSettings { settings.withLock { $0 } }

    /// Nil where another broker coordinates the group, or nobody.
    func shard(of group: String) -> Shard? {
        served.withLock { served in
            let partition = Int(GroupIDHash.partition(of: group, among: served.shards.count))
            return served.shards.indices.contains(partition) ? served.shards[partition] : nil
        }
    }

    func partition(of group: String, among count: Int) -> Int32 { GroupIDHash.partition(of: group, among: count) }

    var shards: [Shard] { served.withLock { $0.shards.compactMap { $0 } } }

    /// The partitions that this broker leads have changed, or the files behind them. Called within a metadata change, so one
    /// at a time.
    func serve(_ topic: ServedTopic?) {
        let partitions = topic?.partitions ?? []
        var left: [Shard] = []
        var entered: [(Shard, Partition)] = []
        served.withLock { served in
            for index in 0..<max(partitions.count, served.shards.count) {
                let now = index < partitions.count ? partitions[index] : nil
                if index >= served.shards.count {
                    served.shards.append(nil)
                    served.partitions.append(nil)
                }
                guard now !== served.partitions[index] else { continue }
                if let shard = served.shards[index] { left.append(shard) }
                served.shards[index] = nil
                served.partitions[index] = now
                guard let now else { continue }
                let shard = Shard(now.name, world)
                served.shards[index] = shard
                entered.append((shard, now))
            }
            if partitions.count < served.shards.count {
                served.shards.removeSubrange(partitions.count...)
                served.partitions.removeSubrange(partitions.count...)
            }
        }
        for shard in left { shard.unload() }
        for (shard, partition) in entered {
            let mark = shard.beginLoading(partition)
            let load = { @Sendable [configuration] in
                shard.load(partition, chunkBytes: configuration.loadBufferBytes, mark)
            }
            // Where there is nothing to read nobody need be told to come back.
            if partition.isNew {
                load()
            } else if !channel.submit(isUrgent: true, load) {
                shard.unload()
            }
        }
    }

    /// Takes out what groups have committed in topics that were deleted.
    func topicsDeleted(_ names: [String]) {
        let names = Set(names)
        for shard in shards {
            while shard.perform({ $0.topicsDeleted(names, $1, into: &$2) }) == false {}
        }
    }

    /// Looks for offsets whose time is over, and for groups that have nothing any more.
    func expire() {
        for shard in shards {
            var ids = ArraySlice(shard.inspect { Array($0.state.groups.keys) })
            while !ids.isEmpty {
                let next = ids
                guard let done = shard.perform({ $0.expire(next, $1, into: &$2) }) else { break }
                ids = ids.dropFirst(done)
            }
        }
    }

    /// Whoever waits is sent to look for another coordinator.
    func stop() {
        schedule.stop()
        for shard in shards { shard.unload() }
    }

    /// For tests that set the clock.
    func clockMoved() { schedule.clockMoved() }
}
