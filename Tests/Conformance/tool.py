"""Runs tools of the executable against a broker and compares what they say."""

import subprocess

from broker import executable

SECONDS = 60


class Outcome:
    def __init__(self, words, done):
        self.words = words
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr

    def prints(self, text):
        """Ends with 0, prints exactly this and tells nothing."""
        assert (self.code, self.out, self.err) == (0, text, ""), self
        return self

    def fails(self, text):
        """Ends with 1, prints nothing and tells exactly this."""
        assert (self.code, self.out, self.err) == (1, "", text), self
        return self

    def refuses(self, line):
        """Ends with 1 and tells this line, with the usage behind it."""
        assert self.code == 1 and self.out == "", self
        assert self.err.startswith(line + "\n") and "Option" in self.err, self
        return self

    def __repr__(self):
        return f"{self.words}: {self.code}\nstdout: {self.out!r}\nstderr: {self.err!r}"


def tool(broker, name):
    """A function that runs the tool on the broker."""

    def run(*words, server=True):
        where = ["--bootstrap-server", broker.address] if server else []
        command = [executable(), name, *where, *words]
        environment = {key: value for key, value in broker.environment.items() if not key.startswith("SKAFKA_")}
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS, env=environment)
        return Outcome(words, done)

    return run
