"""Members of groups, byte by byte: what the kill cases and the benchmark of groups speak to a coordinator."""

import struct
import uuid

import wire

OFFSET_COMMIT, OFFSET_FETCH, FIND_COORDINATOR, JOIN, HEARTBEAT, LEAVE, SYNC, CONSUMER_HEARTBEAT = (
    8, 9, 10, 11, 12, 13, 14, 68)

LOADING, NOT_AVAILABLE, NOT_COORDINATOR = 14, 15, 16
ILLEGAL_GENERATION, UNKNOWN_MEMBER, REBALANCING, MEMBER_ID_REQUIRED = 22, 25, 27, 79
FENCED_EPOCH, UNRELEASED_INSTANCE, STALE_EPOCH = 110, 111, 113


class Refused(Exception):
    """An error code of the coordinator, which its class names."""

    def __init__(self, code, what):
        super().__init__(f"{what}: error {code}")
        self.code = code


def check(code, what):
    if code:
        raise Refused(code, what)


def text(value):
    """A compact string."""
    data = value.encode()
    return unsigned(len(data) + 1) + data


def unsigned(value):
    out = bytearray()
    while value > 0x7F:
        out.append((value & 0x7F) | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_unsigned(reader):
    value = shift = 0
    while True:
        byte = reader.take(1)[0]
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value


def read_text(reader):
    length = read_unsigned(reader)
    return None if length == 0 else reader.take(length - 1).decode()


def find_coordinator(connection, group):
    reader = connection.ask(FIND_COORDINATOR, 1, wire.string(group) + b"\0")
    reader.unpack("i")
    code = reader.unpack("h")
    message = reader.string()
    check(code, f"FindCoordinator ({message})")
    return reader.unpack("i")


def commit(connection, group, offsets, topic, generation=-1, member=""):
    """Commits {partition: offset} of one topic."""
    rows = [struct.pack(">iqi", index, offset, -1) + wire.string("") for index, offset in offsets.items()]
    body = wire.string(group) + struct.pack(">i", generation) + wire.string(member) + wire.string(None)
    reader = connection.ask(OFFSET_COMMIT, 7, body + wire.array([wire.string(topic) + wire.array(rows)]))
    reader.unpack("i")
    for _, partitions in reader.array(lambda r: (r.string(), r.array(lambda p: p.unpack("ih")))):
        for _, code in partitions:
            check(code, "OffsetCommit")


def committed(connection, group, topic, partitions):
    """{partition: offset}; -1 where nothing is committed."""
    rows = [struct.pack(">i", index) for index in partitions]
    reader = connection.ask(
        OFFSET_FETCH, 5, wire.string(group) + wire.array([wire.string(topic) + wire.array(rows)]))
    reader.unpack("i")

    def partition(r):
        index, offset, _ = r.unpack("iqi")
        r.string()
        return index, offset, r.unpack("h")

    topics = reader.array(lambda r: (r.string(), r.array(partition)))
    check(reader.unpack("h"), "OffsetFetch")
    for _, _, code in topics[0][1]:
        check(code, "OffsetFetch")
    return {index: offset for index, offset, _ in topics[0][1]}


class ClassicMember:
    """A member of the classic protocol over one connection. The leader deals the partitions in turn."""

    def __init__(self, connection, group, topic, partitions, session_ms=10_000, rebalance_ms=20_000):
        self.connection = connection
        self.group, self.topic, self.partitions = group, topic, partitions
        self.session_ms, self.rebalance_ms = session_ms, rebalance_ms
        self.member, self.generation = "", -1
        self.owned = []

    def join(self):
        """Joins and syncs; gives the owned partitions."""
        while True:
            code, leader, members = self._join()
            if code == MEMBER_ID_REQUIRED:
                continue
            check(code, "JoinGroup")
            break
        dealt = []
        if leader == self.member:
            everyone = sorted(members)
            for place, member in enumerate(everyone):
                share = list(range(self.partitions))[place::len(everyone)]
                dealt.append(wire.string(member) + wire.blob(struct.pack(f">{len(share)}i", *share)))
        body = wire.string(self.group) + struct.pack(">i", self.generation) + wire.string(self.member)
        reader = self.connection.ask(SYNC, 3, body + wire.string(None) + wire.array(dealt))
        reader.unpack("i")
        check(reader.unpack("h"), "SyncGroup")
        share = reader.blob() or b""
        self.owned = list(struct.unpack(f">{len(share) // 4}i", share))
        return self.owned

    def _join(self):
        protocol = wire.string("dealt") + wire.blob(b"")
        body = (wire.string(self.group) + struct.pack(">ii", self.session_ms, self.rebalance_ms)
                + wire.string(self.member) + wire.string(None) + wire.string("conformance") + wire.array([protocol]))
        reader = self.connection.ask(JOIN, 5, body)
        reader.unpack("i")
        code, self.generation = reader.unpack("hi")
        reader.string()
        leader, self.member = reader.string(), reader.string()
        members = reader.array(lambda r: (r.string(), r.string(), r.blob()))
        return code, leader, [member for member, _, _ in members]

    def heartbeat(self):
        body = wire.string(self.group) + struct.pack(">i", self.generation) + wire.string(self.member)
        reader = self.connection.ask(HEARTBEAT, 3, body + wire.string(None))
        reader.unpack("i")
        check(reader.unpack("h"), "Heartbeat")

    def commit(self, offsets):
        commit(self.connection, self.group, offsets, self.topic, self.generation, self.member)

    def leave(self):
        one = wire.string(self.member) + wire.string(None)
        reader = self.connection.ask(LEAVE, 3, wire.string(self.group) + wire.array([one]))
        reader.unpack("i")
        check(reader.unpack("h"), "LeaveGroup")
        self.member, self.generation, self.owned = "", -1, []


class ConsumerMember:
    """A member of the consumer protocol (KIP-848) over one connection."""

    def __init__(self, connection, group, topic, rebalance_ms=20_000):
        self.connection = connection
        self.group, self.topic, self.rebalance_ms = group, topic, rebalance_ms
        self.member, self.epoch = str(uuid.uuid4()), 0
        self.interval_ms = 5000
        # By topic id.
        self.owned = {}
        self.told = None

    def heartbeat(self):
        """Says what has changed; True when the assignment did."""
        joins = self.epoch == 0
        body = text(self.group) + text(self.member) + struct.pack(">i", self.epoch) + b"\0\0"
        body += struct.pack(">i", self.rebalance_ms if joins else -1)
        body += (unsigned(2) + text(self.topic) if joins else b"\0") + b"\0\0"
        if joins or self.told != self.owned:
            body += unsigned(len(self.owned) + 1)
            for topic, partitions in self.owned.items():
                body += topic + unsigned(len(partitions) + 1) + struct.pack(f">{len(partitions)}i", *partitions) + b"\0"
            told = dict(self.owned)
        else:
            body += b"\0"
            told = self.told
        # The header of a flexible request ends with its tagged fields.
        reader = self.connection.ask(CONSUMER_HEARTBEAT, 1, b"\0" + body + b"\0")
        read_unsigned(reader)
        reader.unpack("i")
        code = reader.unpack("h")
        message = read_text(reader)
        check(code, f"ConsumerGroupHeartbeat ({message})")
        self.told = told
        read_text(reader)
        self.epoch, self.interval_ms, present = reader.unpack("iib")
        if present < 0:
            return False
        assigned = {}
        for _ in range(read_unsigned(reader) - 1):
            topic = reader.take(16)
            count = read_unsigned(reader) - 1
            assigned[topic] = list(reader.unpack(f"{count}i")) if count > 1 else [reader.unpack("i")] * count
            read_unsigned(reader)
        changed = assigned != self.owned
        self.owned = assigned
        return changed

    @property
    def count(self):
        return sum(map(len, self.owned.values()))

    def leave(self):
        body = text(self.group) + text(self.member) + struct.pack(">i", -1) + b"\0\0" + struct.pack(">i", -1)
        reader = self.connection.ask(CONSUMER_HEARTBEAT, 1, b"\0" + body + b"\0\0\0\0\0")
        read_unsigned(reader)
        reader.unpack("i")
        check(reader.unpack("h"), "ConsumerGroupHeartbeat")
