"""Mutated frames against a whole broker that was built with a sanitizer (SKAFKA_BIN): fuzz_broker.py FUZZ [OPTION...]"""

import shutil
import subprocess
import sys
import tempfile

from broker import Broker

directory = tempfile.mkdtemp(prefix="skafka-fuzz-")
try:
    with Broker(directory) as broker:
        status = subprocess.run([*sys.argv[1:], "--broker", str(broker.port)], stdin=subprocess.DEVNULL).returncode
        if status or not broker.alive():
            print(broker.log()[-8000:])
            sys.exit(status or 1)
        with broker.connect() as connection:
            connection.api_versions()
        resident = broker.resident_bytes()
        assert resident < 1 << 30, f"{resident >> 20} MB resident"
finally:
    shutil.rmtree(directory, ignore_errors=True)
