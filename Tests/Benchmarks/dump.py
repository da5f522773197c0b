"""How fast skafka dump-log reads a segment, beside `cat` of the same file in the same minute.

    dump.py [ROUNDS]

Makes a segment of 1 GB of large batches and one of small ones (in DUMP_DIR, /dev/shm without it), and prints for each
the best of ROUNDS (3). The aim for headers is the rate of the page cache.
"""

import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "Tests", "Conformance"))

from broker import executable  # noqa: E402

SEGMENT_BYTES = 1 << 30
VALUE = 100

TABLE = []
for number in range(256):
    for _ in range(8):
        number = number >> 1 ^ (0x82F63B78 if number & 1 else 0)
    TABLE.append(number)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def varint(value):
    value = value << 1 ^ value >> 63
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def batch(records):
    body = b""
    for index in range(records):
        key = b"key-%08d" % index
        record = b"\0" + varint(index) + varint(index) + varint(len(key)) + key + varint(VALUE) + b"x" * VALUE + varint(0)
        body += varint(len(record)) + record
    covered = struct.pack(">hiqqqhii", 0, records - 1, 1700000000000, 1700000000000 + records - 1, -1, -1, -1, records)
    covered += body
    return struct.pack(">iBI", 0, 2, crc32c(covered)) + covered


def make(path, records):
    """The base offset stands in front of what the checksum covers, so one batch serves for all."""
    rest = batch(records)
    count = SEGMENT_BYTES // (len(rest) + 12)
    with open(path, "wb", buffering=1 << 20) as file:
        for index in range(count):
            file.write(struct.pack(">qi", index * records, len(rest)) + rest)
    return count


def seconds(command):
    started = time.monotonic()
    subprocess.run(command, shell=True, check=True, timeout=300, stdout=subprocess.DEVNULL)
    return time.monotonic() - started


def measure(name, path, records, rounds):
    count = make(path, records)
    size = os.path.getsize(path)
    dump = f"{executable()} dump-log --files {path}"
    commands = {
        "cat": f"cat {path} > /dev/null",
        "summary": f"{dump} --summary > /dev/null",
        "headers": f"{dump} > /dev/null",
        "deep": f"{dump} --deep-iteration > /dev/null",
        "keys and values": f"{dump} --print-data-log > /dev/null",
        "jsonl": f"{dump} --print-data-log --output jsonl > /dev/null",
        "summary, deep": f"{dump} --summary --deep-iteration > /dev/null",
    }
    best = dict.fromkeys(commands, float("inf"))
    for _ in range(rounds):
        for command, line in commands.items():
            best[command] = min(best[command], seconds(line))
    print(f"\n{name}: {count} batches of {size // count} bytes, {records} records each")
    for command, spent in best.items():
        line = f"  {command:16} {size / spent / 1e9:6.2f} GB/s  {best['cat'] / spent:6.2f} of cat"
        if command not in ("cat", "summary", "headers"):
            line += f"  {count * records / spent / 1e6:6.2f} M records/s"
        print(line, flush=True)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    directory = tempfile.mkdtemp(dir=os.environ.get("DUMP_DIR", "/dev/shm"))
    path = os.path.join(directory, "0" * 20 + ".log")
    try:
        measure("large batches", path, 140, rounds)
        measure("small batches", path, 8, rounds)
    finally:
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()
