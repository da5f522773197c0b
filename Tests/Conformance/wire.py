"""Just enough of Kafka's protocol to say what no client library would say, and to read an answer exactly."""

import socket
import struct

PRODUCE, FETCH, LIST_OFFSETS, METADATA, API_VERSIONS, CREATE_TOPICS, INIT_PRODUCER_ID = 0, 1, 2, 3, 18, 19, 22


def _crc32c_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


_TABLE = _crc32c_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def string(text):
    if text is None:
        return struct.pack(">h", -1)
    data = text.encode()
    return struct.pack(">h", len(data)) + data


def blob(data):
    return struct.pack(">i", -1) if data is None else struct.pack(">i", len(data)) + data


def array(items):
    return struct.pack(">i", len(items)) + b"".join(items)


def varint(value):
    value = (value << 1) ^ (value >> 63)
    out = bytearray()
    while value > 0x7F:
        out.append((value & 0x7F) | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def batch(records, timestamp=1_600_000_000_000, producer=(-1, -1, -1), attributes=0):
    """An uncompressed record batch; `records` are (key, value) pairs, `producer` is id, epoch and base sequence."""
    body = b""
    for index, (key, value) in enumerate(records):
        record = b"\0" + varint(index) + varint(index)
        for part in (key, value):
            record += varint(-1) if part is None else varint(len(part)) + part
        record += varint(0)
        body += varint(len(record)) + record
    last = len(records) - 1
    covered = struct.pack(">hiqqqhii", attributes, last, timestamp, timestamp + last, *producer, len(records)) + body
    return struct.pack(">qiibI", 0, len(covered) + 9, -1, 2, crc32c(covered)) + covered


class Reader:
    def __init__(self, data):
        self.data = data
        self.position = 0

    def take(self, count):
        if self.position + count > len(self.data):
            raise EOFError("answer too short")
        part = self.data[self.position:self.position + count]
        self.position += count
        return part

    def unpack(self, form):
        values = struct.unpack(">" + form, self.take(struct.calcsize(">" + form)))
        return values[0] if len(values) == 1 else values

    def string(self):
        length = self.unpack("h")
        return None if length < 0 else self.take(length).decode()

    def blob(self):
        length = self.unpack("i")
        return None if length < 0 else self.take(length)

    def array(self, element):
        return [element(self) for _ in range(max(0, self.unpack("i")))]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return (value >> 1) ^ -(value & 1)


def records(data):
    """(offset, key, value) of every record of uncompressed batches; a batch cut off at the end is left out."""
    out = []
    reader = Reader(data)
    while len(data) - reader.position >= 61:
        start = reader.position
        base, length = reader.unpack("qi")
        if len(data) - reader.position < length:
            break
        end = reader.position + length
        reader.position = start + 17
        stored = reader.unpack("I")
        assert stored == crc32c(data[start + 21:end]), f"wrong CRC in the batch at offset {base}"
        reader.position = start + 57
        for _ in range(reader.unpack("i")):
            reader.varint()
            reader.take(1)
            reader.varint()
            delta = reader.varint()
            pair = []
            for _ in range(2):
                size = reader.varint()
                pair.append(None if size < 0 else reader.take(size))
            for _ in range(reader.varint()):
                reader.take(reader.varint())
                reader.take(max(0, reader.varint()))
            out.append((base + delta, *pair))
        reader.position = end
    return out


class Connection:
    def __init__(self, port, timeout=20):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.correlation = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def receive(self):
        return self._exactly(struct.unpack(">i", self._exactly(4))[0])

    def _exactly(self, count):
        data = bytearray()
        while len(data) < count:
            part = self.socket.recv(min(1 << 20, count - len(data)))
            if not part:
                raise EOFError("the broker closed the connection")
            data += part
        return bytes(data)

    def closed_within(self, seconds):
        """Whether the broker hangs up; what it may still say before is read away."""
        self.socket.settimeout(seconds)
        try:
            while self.socket.recv(65536):
                pass
            return True
        except (ConnectionResetError, BrokenPipeError):
            return True
        except TimeoutError:
            return False

    def frame(self, api, version, body):
        self.correlation += 1
        header = struct.pack(">hhi", api, version, self.correlation) + string("conformance")
        return struct.pack(">i", len(header) + len(body)) + header + body

    def ask(self, api, version, body):
        self.send(self.frame(api, version, body))
        return self.answer()

    def answer(self):
        reader = Reader(self.receive())
        correlation = reader.unpack("i")
        assert correlation == self.correlation, f"answer {correlation} to request {self.correlation}"
        return reader

    def api_versions(self):
        """{api key: (lowest, highest version)}"""
        reader = self.ask(API_VERSIONS, 0, b"")
        error = reader.unpack("h")
        assert error == 0, f"ApiVersions: error {error}"
        return {key: (low, high) for key, low, high in reader.array(lambda r: r.unpack("hhh"))}

    def create_topic(self, name, partitions=1, configs=()):
        """The error code of CreateTopics version 2."""
        settings = array([string(key) + string(value) for key, value in dict(configs).items()])
        topic = string(name) + struct.pack(">ih", partitions, 1) + array([]) + settings
        reader = self.ask(CREATE_TOPICS, 2, array([topic]) + struct.pack(">ib", 20000, 0))
        reader.unpack("i")
        return reader.array(lambda r: (r.string(), r.unpack("h"), r.string()))[0][1]

    def produce_body(self, topic, data, acks=-1, partition=0):
        part = struct.pack(">i", partition) + blob(data)
        return string(None) + struct.pack(">hi", acks, 20000) + array([string(topic) + array([part])])

    def produce(self, topic, data, acks=-1, partition=0):
        """(error code, base offset) of Produce version 3."""
        reader = self.ask(PRODUCE, 3, self.produce_body(topic, data, acks, partition))
        return reader.array(lambda r: (r.string(), r.array(lambda p: p.unpack("ihqq"))))[0][1][0][1:3]

    def fetch(self, topic, offset, partition=0, max_bytes=1 << 20, wait_ms=0, min_bytes=0):
        """(error code, high watermark, bytes of the batches) of Fetch version 4."""
        part = struct.pack(">iqi", partition, offset, max_bytes)
        body = struct.pack(">iiiib", -1, wait_ms, min_bytes, max_bytes, 0)
        reader = self.ask(FETCH, 4, body + array([string(topic) + array([part])]))
        reader.unpack("i")

        def answered(r):
            _, error, high, _ = r.unpack("ihqq")
            r.array(lambda aborted: aborted.unpack("qq"))
            return error, high, r.blob() or b""

        return reader.array(lambda r: (r.string(), r.array(answered)))[0][1][0]

    def fetch_all(self, topic, partition=0, start=0):
        """Every record from `start` to the high watermark."""
        out = []
        while True:
            error, high, data = self.fetch(topic, start, partition)
            assert error == 0, f"fetch at {start}: error {error}"
            part = [record for record in records(data) if record[0] >= start]
            out += part
            if start >= high or not part:
                assert start >= high, f"fetch at {start} gave nothing although the high watermark is {high}"
                return out
            start = part[-1][0] + 1

    def list_offset(self, topic, timestamp, partition=0):
        """(error code, timestamp, offset) of ListOffsets version 1."""
        part = struct.pack(">iq", partition, timestamp)
        reader = self.ask(LIST_OFFSETS, 1, struct.pack(">i", -1) + array([string(topic) + array([part])]))
        return reader.array(lambda r: (r.string(), r.array(lambda p: p.unpack("ihqq"))))[0][1][0][1:]

    def init_producer_id(self):
        """(error code, producer id, epoch) of InitProducerId version 1."""
        reader = self.ask(INIT_PRODUCER_ID, 1, string(None) + struct.pack(">i", 60000))
        reader.unpack("i")
        return reader.unpack("hqh")
