"""A real ZooKeeper of one server, from Debian's packages, and just enough of its protocol to put nodes there."""

import glob
import os
import shutil
import socket
import struct
import subprocess
import time

import broker

JARS = "/usr/share/java"
# What the server is made of, and what it is made with.
PARTS = ["zookeeper", "zookeeper-jute", "slf4j-api", "slf4j-nop", "commons-cli", "commons-io", "metrics-core",
         "snappy-java", "jackson-annotations", "jackson-core", "jackson-databind", "netty-*", "jetty9-*"]
START_SECONDS = 60


def is_there():
    return shutil.which("java") is not None and os.path.exists(f"{JARS}/zookeeper.jar")


class ZooKeeper:
    """Life: start, create nodes, stop; `with` does the first and the last."""

    def __init__(self, directory):
        self.directory = directory
        self.port = broker.free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.process = None

    def __enter__(self):
        os.makedirs(self.directory, exist_ok=True)
        settings = os.path.join(self.directory, "zoo.cfg")
        with open(settings, "w") as file:
            file.write(f"dataDir={self.directory}/data\nclientPort={self.port}\nclientPortAddress=127.0.0.1\n"
                       "tickTime=500\nadmin.enableServer=false\n")
        jars = [jar for part in PARTS for jar in glob.glob(f"{JARS}/{part}.jar")]
        with open(os.path.join(self.directory, "zookeeper.log"), "ab") as log:
            self.process = subprocess.Popen(
                ["java", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", ":".join(jars),
                 "org.apache.zookeeper.server.quorum.QuorumPeerMain", settings],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.directory)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                Session(self.port).close()
                return self
            except (OSError, EOFError):
                assert self.process.poll() is None and time.monotonic() < deadline, "ZooKeeper does not start"
                time.sleep(0.05)

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def create(self, path, data):
        """A node and, where they are missing, those above it."""
        session = Session(self.port)
        names = path.strip("/").split("/")
        for depth in range(1, len(names) + 1):
            session.create("/" + "/".join(names[:depth]), data if depth == len(names) else b"")
        session.close()


class Session:
    CREATE, CLOSE = 1, -11
    EXISTS = -110

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.number = 0
        self._send(struct.pack(">iqiq", 0, 0, 10_000, 0) + self._blob(bytes(16)))
        self._receive()

    def create(self, path, data):
        acl = struct.pack(">ii", 1, 31) + self._blob(b"world") + self._blob(b"anyone")
        code = self._call(self.CREATE, self._blob(path.encode()) + self._blob(data) + acl + struct.pack(">i", 0))
        assert code in (0, self.EXISTS), f"cannot create {path}: {code}"

    def close(self):
        self._call(self.CLOSE, b"")
        self.socket.close()

    def _call(self, kind, body):
        self.number += 1
        self._send(struct.pack(">ii", self.number, kind) + body)
        _, _, code = struct.unpack(">iqi", self._receive()[:16])
        return code

    @staticmethod
    def _blob(data):
        return struct.pack(">i", len(data)) + data

    def _send(self, data):
        self.socket.sendall(self._blob(data))

    def _receive(self):
        size, = struct.unpack(">i", self._exactly(4))
        return self._exactly(size)

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data
