"""`skafka dev`: a command with a broker of its own, of which nothing stays."""

import os
import pty
import signal
import subprocess
import sys
import time

import broker
from broker import wait_until
from case import case


def directories(place):
    return [name for name in os.listdir(place) if name.startswith("skafka-dev-")]


class Dev:
    """`skafka dev` with its temporary files in the directory of the case."""

    def __init__(self, case, *words, **options):
        self.place = case.directory
        self.process = subprocess.Popen(
            [broker.executable(), "dev", *words], env={**os.environ, "TMPDIR": self.place}, text=True,
            stdin=options.pop("stdin", subprocess.DEVNULL), stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)

    def finish(self, code, seconds=30):
        output, errors = self.process.communicate(timeout=seconds)
        assert self.process.returncode == code, f"ended with {self.process.returncode}: {output}{errors}"
        assert not directories(self.place), f"left {directories(self.place)}"
        return output, errors

    def children(self):
        """(broker, command) as process ids."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
            return [int(word) for word in file.read().split()]


def is_gone(process):
    """Gone, or a zombie that nobody has asked for yet."""
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@case(60)
def a_command_has_a_broker_of_its_own(case):
    with case.step("its stdin and stdout are its own, its topics are there, its exit code is returned"):
        script = "kcat -q -P -b $KAFKA_BOOTSTRAP_SERVERS -t t -p 2 && kcat -q -C -b $SKAFKA_BOOTSTRAP_SERVER -t t -e; exit 7"
        reader, writer = os.pipe()
        os.write(writer, b"one\ntwo\n")
        os.close(writer)
        dev = Dev(case, "--topic", "t:3", "--", "sh", "-c", script, stdin=reader)
        output, errors = dev.finish(7)
        assert output == "one\ntwo\n", output
        assert errors == "", errors
    with case.step("a command ended by a signal gives 128 and its number"):
        Dev(case, "--", "sh", "-c", "kill -9 $$").finish(137)
    with case.step("what is not there or no program has the codes of env"):
        assert "cannot run nowhere: No such file" in Dev(case, "nowhere").finish(127)[1]
        assert "cannot run /: Permission denied" in Dev(case, "/").finish(126)[1]
    with case.step("a broker that cannot start is told, and the command never runs"):
        output, errors = Dev(case, "--override", "listeners=PLAINTEXT://192.0.2.1:1", "echo", "ran").finish(125)
        assert output == "" and errors.startswith("skafka: cannot start broker: "), errors
    with case.step("a topic that cannot be created is told"):
        taken = ["--topic", "a_b", "--topic", "a.b"]
        output, errors = Dev(case, *taken, "echo", "ran").finish(125)
        assert output == "" and "skafka: dev: cannot create topic" in errors, errors
    with case.step("the log goes to a file that stays"):
        log = os.path.join(case.directory, "broker.log")
        Dev(case, "--log", log, "true").finish(0)
        with open(log) as file:
            assert "Transition from STARTING to STARTED" in file.read()
    with case.step("a directory that is kept opens again"):
        dev = Dev(case, "--keep", "--topic", "kept", "--", "sh", "-c", "echo $SKAFKA_DEV_DIRECTORY")
        output, errors = dev.process.communicate(timeout=30)
        data = output.strip()
        assert errors == f"skafka: dev: kept {os.path.dirname(data)}\n", errors
        assert "kept-0" in os.listdir(data)
        with open(os.path.join(os.path.dirname(data), "broker.log")) as file:
            assert "shut down completed" in file.read()


@case(60)
def a_throw_away_broker_leaves_nothing_whatever_happens(case):
    with case.step("SIGTERM is passed on to the command, which decides"):
        script = "trap 'echo told; exit 3' TERM; echo ready; while :; do sleep 0.01; done"
        dev = Dev(case, "--", "sh", "-c", script)
        assert dev.process.stdout.readline() == "ready\n"
        dev.process.send_signal(signal.SIGTERM)
        assert dev.finish(3)[0] == "told\n"
    with case.step("kill -9 of skafka dev ends the broker, hangs up on the command and removes the data"):
        dev = Dev(case, "--", "sh", "-c", "echo ready; exec sleep 1000")
        assert dev.process.stdout.readline() == "ready\n"
        children = dev.children()
        assert len(children) == 2, children
        dev.process.kill()
        dev.process.wait(10)
        for child in children:
            wait_until(lambda: is_gone(child), "the children end")
        wait_until(lambda: not directories(case.directory), "the data is removed")
    with case.step("a broker that crashes is told at once, with the end of its log, and a success is none"):
        reader, writer = os.pipe()
        dev = Dev(case, "--", "sh", "-c", "echo ready; read line; exit 0", stdin=reader)
        assert dev.process.stdout.readline() == "ready\n"
        os.kill(dev.children()[0], signal.SIGKILL)
        assert dev.process.stderr.readline() == "skafka: dev: the broker is gone; the end of its log:\n"
        os.write(writer, b"\n")
        # With the same reader, which may have read ahead.
        assert "Transition from STARTING to STARTED" in dev.process.stderr.read()
        dev.finish(125)
    with case.step("without a command it prints the address and serves until it is told to stop"):
        for number, code in ((signal.SIGTERM, 0), (signal.SIGINT, 130)):
            dev = Dev(case)
            address = dev.process.stdout.readline().strip()
            listed = subprocess.run(["kcat", "-L", "-b", address], capture_output=True, text=True, timeout=20)
            assert f"broker 1 at {address}" in listed.stdout, listed
            dev.process.send_signal(number)
            dev.finish(code)


@case(60)
def ctrl_c_is_the_commands_alone(case):
    script = "trap 'n=$((n+1))' INT; echo ready; while [ -z \"$n\" ]; do sleep 0.01; done; sleep 0.2; " \
             "kcat -L -b $KAFKA_BOOTSTRAP_SERVERS >/dev/null && echo interrupted $n; exit 5"
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TMPDIR"] = case.directory
        os.execv(broker.executable(), ["skafka", "dev", "--", "sh", "-c", script])
    said = b""
    while b"ready" not in said:
        said += os.read(terminal, 1024)
    os.write(terminal, b"\x03")
    try:
        while True:
            said += os.read(terminal, 1024)
    except OSError:
        pass
    _, status = os.waitpid(child, 0)
    # Once, not a second time from skafka dev, and the broker still served.
    assert b"interrupted 1" in said, said
    assert os.waitstatus_to_exitcode(status) == 5, (status, said)
    assert not directories(case.directory)


@case(60)
def a_command_starts_in_the_blink_of_an_eye(case):
    """Not a limit, which a busy machine would break, but a figure: from the start to the command."""
    took = []
    for _ in range(10):
        began = time.clock_gettime(time.CLOCK_MONOTONIC)
        tell = "import time; print(time.clock_gettime(time.CLOCK_MONOTONIC))"
        plain = float(subprocess.run([sys.executable, "-S", "-c", tell], capture_output=True, text=True).stdout)
        base = plain - began
        began = time.clock_gettime(time.CLOCK_MONOTONIC)
        output, _ = Dev(case, "--topic", "t", "--", sys.executable, "-S", "-c", tell).finish(0)
        took.append(float(output) - began - base)
    print(f"start to command: {min(took) * 1000:.1f} ms at best, {sorted(took)[5] * 1000:.1f} in the middle")
    assert min(took) < 1, took
