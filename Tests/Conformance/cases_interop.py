"""What one client writes, every other reads: keys, headers, timestamps and nulls, in every codec."""

import os
import subprocess
import sys
import time

import clients
from broker import Broker
from case import case

COUNT = int(os.environ.get("INTEROP_COUNT", "100000"))
PAIR_SECONDS = 120
SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "clients.py")


def client(*arguments):
    return subprocess.Popen(
        [sys.executable, SCRIPT, *map(str, arguments)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def in_pairs(jobs):
    """Runs (name, arguments) two at a time, the machine has no more; yields (name, exit code, output, errors)."""
    jobs = list(jobs)
    while jobs:
        now, jobs = jobs[:2], jobs[2:]
        running = [(name, client(*arguments)) for name, arguments in now]
        deadline = time.monotonic() + PAIR_SECONDS
        for name, process in running:
            try:
                output, errors = process.communicate(timeout=max(1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                output, errors = process.communicate()
                errors += f"not done after {PAIR_SECONDS} s"
            yield name, process.returncode, output, errors


@case(480)
def every_client_reads_what_every_client_wrote(t):
    topics = {f"{name}-{codec}": (name, codec) for name in clients.CLIENTS for codec in clients.CODECS}
    with Broker(t.directory) as broker:
        with broker.connect() as connection:
            for topic in topics:
                assert connection.create_topic(topic) == 0, topic
        writes = ((topic, (name, "write", broker.address, topic, codec, COUNT))
                  for topic, (name, codec) in topics.items())
        for topic, status, _, errors in in_pairs(writes):
            name, codec = topics[topic]
            with t.step(f"{name} writes {COUNT} records with {codec}"):
                assert status == 0, errors[-2000:]
        readers = [*clients.CLIENTS, "kcat"]
        reads = ((reader, (reader, "read", broker.address, COUNT, *topics)) for reader in readers)
        for reader, _, output, errors in in_pairs(reads):
            lines = {line.split()[1].rstrip(":"): line for line in output.splitlines()}
            for topic, (name, codec) in topics.items():
                with t.step(f"{reader} reads what {name} wrote with {codec}"):
                    line = lines.get(topic, "nothing was said: " + errors[-1500:])
                    assert line == f"same {topic}", line[:1500]
    with t.step("the broker kept the codecs of the clients"):
        codecs = {topic: codec_of_first_batch(broker.segments(topic)[0]) for topic in topics}
        wrong = {topic: found for topic, found in codecs.items() if clients.CODECS[found] != topics[topic][1]}
        assert not wrong, wrong


def codec_of_first_batch(path):
    with open(path, "rb") as file:
        return file.read(61)[22] & 7
