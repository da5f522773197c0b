"""The broker under test: the built executable on a free port with a directory of its own."""

import os
import random
import signal
import socket
import subprocess
import time

import wire

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
READY_SECONDS = 30
STOP_SECONDS = 30

# Every broker a case has started, so that its log can be shown when the case fails.
started = []


def executable():
    named = os.environ.get("SKAFKA_BIN")
    if named:
        return os.path.abspath(named)
    for kind in ("release", "debug"):
        path = os.path.join(ROOT, ".build", kind, "skafka")
        if os.path.exists(path):
            return path
    raise FileNotFoundError("no skafka executable: build it or name it in SKAFKA_BIN")


def free_port():
    """A port nobody listens on, below the range from which the kernel takes ports for outgoing connections."""
    while True:
        port = random.SystemRandom().randrange(20000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class Broker:
    """Life: start, (stop | kill), start again on the same directory and port as often as the case likes."""

    def __init__(self, directory, **settings):
        self.directory = directory
        self.data = os.path.join(directory, "data")
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.log_path = os.path.join(directory, "broker.log")
        self.properties = os.path.join(directory, "server.properties")
        self.settings = {
            "node.id": "1",
            "listeners": f"PLAINTEXT://{self.address}",
            "log.dirs": self.data,
            # The records of the cases are dated years back, so that their bytes are the same in every run.
            "log.retention.ms": "-1",
        }
        self.settings.update({name.replace("_", "."): str(value) for name, value in settings.items()})
        # LOG_DIR would send the log somewhere else than to the file that the cases read.
        self.environment = {name: value for name, value in os.environ.items() if name != "LOG_DIR"}
        # A program that starts the broker, such as one that gives up root.
        self.prefix = []
        self.process = None
        os.makedirs(directory, exist_ok=True)
        started.append(self)

    def __enter__(self):
        return self if self.process else self.start()

    def __exit__(self, kind, *_):
        if self.process is None:
            return
        if kind is None:
            self.stop()
        else:
            self.kill()

    def launch(self, file=False):
        """Starts the process and does not wait for it to answer. Without a file a new directory is formatted; with
        one, as in Kafka, it has to be formatted before."""
        arguments = [*self.prefix, executable(), "server-start"]
        if file:
            with open(self.properties, "w") as text:
                text.writelines(f"{name}={value}\n" for name, value in self.settings.items())
            arguments.append(self.properties)
        else:
            for name, value in self.settings.items():
                arguments += ["--override", f"{name}={value}"]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.directory, env=self.environment)
        return self

    def start(self):
        self.launch()
        deadline = time.monotonic() + READY_SECONDS
        while True:
            if self.process.poll() is not None:
                raise AssertionError(f"the broker ended at start with {self.process.returncode}")
            try:
                with wire.Connection(self.port, timeout=5) as connection:
                    connection.api_versions()
                return self
            except (OSError, EOFError):
                if time.monotonic() > deadline:
                    self.kill()
                    raise AssertionError(f"the broker gave no answer within {READY_SECONDS} s") from None
                time.sleep(0.01)

    def stop(self):
        """Asks for an orderly end and insists on exit code 0."""
        status = self.signal(signal.SIGTERM).wait_for_end(STOP_SECONDS)
        assert status == 0, f"the broker ended with {status} after SIGTERM"

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()
        self.process = None

    def restart(self, how="stop"):
        getattr(self, how)()
        return self.start()

    def signal(self, number):
        self.process.send_signal(number)
        return self

    def wait_for_end(self, seconds):
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the broker still ran {seconds} s later") from None
        self.process = None
        return status

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def connect(self, timeout=20):
        return wire.Connection(self.port, timeout=timeout)

    def log(self):
        try:
            with open(self.log_path, errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            for line in file:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) * 1024
        raise AssertionError("the broker is gone")

    def partition(self, topic, index=0):
        """The directory of a partition."""
        return os.path.join(self.data, f"{topic}-{index}")

    def segments(self, topic, index=0):
        directory = self.partition(topic, index)
        return sorted(os.path.join(directory, name) for name in os.listdir(directory) if name.endswith(".log"))


def wait_until(condition, what, seconds=20):
    """Asks again and again until the answer is true; returns it."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.01)
