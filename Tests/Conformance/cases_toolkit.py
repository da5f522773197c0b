"""The toolkit as a shell meets it: what every command answers to the words that all of them know, under whatever name
it is called, and every example of the manual, run as it stands there."""

import json
import os
import re
import shutil
import subprocess

import broker
from case import case

SECONDS = 30


def shell(line, directory, **variables):
    """Runs a line as a person types it, with `skafka` in the path."""
    names = os.path.join(directory, "bin")
    os.makedirs(names, exist_ok=True)
    if not os.path.exists(f"{names}/skafka"):
        os.symlink(broker.executable(), f"{names}/skafka")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SKAFKA_", "KAFKA_"))}
    environment.update(PATH=f"{names}:{os.environ['PATH']}", TMPDIR=directory, HOME=directory, **variables)
    return subprocess.run(
        ["bash", "-c", line], cwd=directory, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=SECONDS)


def declarations():
    """Every command and, behind it, its subcommands."""
    told = subprocess.run(
        [broker.executable(), "--help-json"], capture_output=True, text=True, check=True, timeout=SECONDS)

    def flat(command):
        yield command
        for inner in command.get("commands", []):
            # A subcommand has the habits of its command.
            yield from flat(inner | {"isKafkaTool": command["isKafkaTool"]})

    return [each for command in json.loads(told.stdout)["commands"] for each in flat(command)]


def is_root(command):
    return command["name"].count(" ") == 1


@case(120)
def every_command_knows_the_words_that_all_know(case):
    for command in declarations():
        name = command["name"]
        of_kafka, of_jopt = command["isKafkaTool"], command["dialect"] == "jopt"
        with case.step(f"{name}: help, version, what it does not know"):
            told = shell(f"{name} --help", case.directory)
            # Kafka's older parser takes help for a failure, and says it on stderr.
            if of_kafka and of_jopt:
                assert told.returncode == 1 and told.stdout == "" and told.stderr, told
            else:
                assert told.returncode == 0 and told.stderr == "" and told.stdout, told
            # Examples and words that cannot be broken are as long as they are.
            lines = re.split("\n[Ee]xamples:\n", told.stdout + told.stderr)[0].splitlines()
            wide = [line for line in lines if len(line) > 80 and max(map(len, line.split())) < 30]
            assert not wide, wide
            if of_jopt and is_root(command):
                told = shell(f"{name} --version", case.directory)
                assert (told.returncode, told.stdout, told.stderr) == (0, "4.3.0\n", ""), told
            if name != "skafka run-class":
                told = shell(f"{name} --no-such-option", case.directory)
                assert told.returncode == (1 if of_kafka else 2) and told.stdout == "", told
                assert "no-such-option" in told.stderr, told
            if of_kafka and is_root(command):
                told = shell(name, case.directory)
                assert told.returncode == 1 and told.stdout == "" and told.stderr, told


@case(60)
def a_command_answers_to_the_name_of_its_script(case):
    tools = [command for command in declarations() if command["isKafkaTool"] and is_root(command)]
    with case.step("kafka-NAME.sh, kafka-NAME and skafka NAME are the same"):
        for command in tools:
            name = command["name"].split()[1]
            shell("true", case.directory)
            for link in (f"kafka-{name}.sh", f"kafka-{name}"):
                path = os.path.join(case.directory, "bin", link)
                os.symlink(broker.executable(), path)
                for words in ("--help", "--no-such-option") + (("--version",) if command["dialect"] == "jopt" else ()):
                    as_script = shell(f"{link} {words}", case.directory)
                    as_command = shell(f"skafka {name} {words}", case.directory)
                    assert as_script.returncode == as_command.returncode, (as_script, as_command)
                    assert bool(as_script.stdout) == bool(as_command.stdout), (as_script, as_command)


# What lists or describes, and may be cut off by whoever reads it.
LISTINGS = [
    "topics --list", "topics --describe", "topics --describe --output jsonl", "configs --describe --all --broker 1",
    "get-offsets", "log-dirs --describe --output table", "broker-api-versions", "features describe",
    "cluster list-endpoints", "metadata-quorum describe --replication", "console-consumer --topic many --from-beginning",
]


@case(120)
def a_reader_that_has_enough_ends_a_command_quietly(case):
    known = {command["name"].split()[1] for command in declarations()}
    with broker.Broker(os.path.join(case.directory, "broker")) as one:
        with one.connect(60) as connection:
            for number in range(300):
                connection.create_topic(f"topic-{number}", 2)
        subprocess.run(
            ["kcat", "-P", "-b", one.address, "-t", "many"], input="\n".join(map(str, range(200_000))), text=True,
            check=True, timeout=SECONDS)
        for listing in LISTINGS:
            if listing.split()[0] not in known:
                continue
            with case.step(f"{listing} | head -1"):
                # A pipe that nobody reads any more before the command begins, and one that is closed after a line.
                for reader in ("true", "head -1"):
                    told = shell(
                        f"skafka {listing} --bootstrap-server {one.address} | {reader}; exit ${{PIPESTATUS[0]}}",
                        case.directory)
                    assert told.stderr == "" and told.returncode in (0, 141), told


# A single broker has what the doctor calls a risk.
AT_RISK = ("skafka doctor",)

# What does not end by itself, or waits for a person.
STAYING = ("skafka server-start", "skafka dev -- bash", "skafka dev -- make test")


@case(300)
def every_example_of_the_manual_does_what_it_says(case):
    program = json.loads(subprocess.run(
        [broker.executable(), "--help-json"], capture_output=True, text=True, check=True, timeout=SECONDS).stdout)
    with Sandbox(case.directory) as sandbox:
        for command in [program, *declarations()]:
            for line in (example["line"] for example in command["examples"]):
                if not line.startswith(STAYING):
                    with case.step(line):
                        sandbox.check(line)


class Sandbox:
    """What the examples speak of: a broker with their topics and their group, a copy of its files where they look for files, a file of
    properties and one of profiles."""

    def __init__(self, directory):
        self.home = os.path.join(directory, "home")
        self.copy = os.path.join(directory, "copy")
        self.second = os.path.join(directory, "second")
        self.fresh = os.path.join(directory, "fresh")
        self.broker = broker.Broker(os.path.join(directory, "broker"))
        self.broker.settings["log.dirs"] = f"{self.broker.data},{self.second}"

    def __enter__(self):
        os.makedirs(self.home)
        with open(os.path.join(self.home, "offsets.json"), "w") as file:
            file.write('{"partitions": [{"topic": "orders", "partition": 1, "offset": 0}], "version": 1}')
        for name in ("a.png", "b.png"):
            with open(os.path.join(self.home, name), "wb") as file:
                file.write(b"\x89PNG" + name.encode())
        self.broker.start()
        with self.broker.connect(60) as connection:
            for name, partitions in (("orders", 3), ("users", 1), ("t", 1)):
                connection.create_topic(name, partitions)
        for partition in range(3):
            subprocess.run(
                ["kcat", "-P", "-b", self.broker.address, "-t", "orders", "-p", str(partition), "-K", ":"],
                input="".join(f"key{n}:value{n}\n" for n in range(2000)), text=True, check=True, timeout=SECONDS)
        # With the broker stopped the files are whole, and so is the copy, wherever each partition came to lie.
        self.broker.stop()
        shutil.copytree(self.broker.data, self.copy)
        for name in os.listdir(self.second):
            if name.rpartition("-")[2].isdigit():
                shutil.copytree(os.path.join(self.second, name), os.path.join(self.copy, name), dirs_exist_ok=True)
        offsets = os.path.join(self.copy, "__consumer_offsets-7")
        os.makedirs(offsets, exist_ok=True)
        open(os.path.join(offsets, "00000000000000000000.log"), "wb").close()
        profiles = os.path.join(self.home, ".config", "skafka")
        os.makedirs(profiles)
        for name in os.listdir(f"{self.copy}/orders-0"):
            shutil.copy(f"{self.copy}/orders-0/{name}", self.home)
        with open(os.path.join(profiles, "profiles.conf"), "w") as file:
            file.write(f"[production]\nbootstrap.servers={self.broker.address}\n")
        self.broker.start()
        subprocess.run(
            [broker.executable(), "consumer-groups", "--bootstrap-server", self.broker.address, "--group", "orders-app",
             "--reset-offsets", "--topic", "orders", "--to-latest", "--execute"],
            stdout=subprocess.DEVNULL, check=True, timeout=SECONDS)
        return self

    def __exit__(self, *_):
        self.broker.kill()

    def write_properties(self, directories):
        with open(os.path.join(self.home, "server.properties"), "w") as file:
            file.write(f"node.id=1\nlog.dirs={directories}\n")

    def check(self, line):
        # One is to be formatted, the others look at what is there.
        self.write_properties(self.fresh if " format " in line else self.copy)
        typed = line
        for place, here in (
                ("localhost:9092", self.broker.address), ("/tmp/kafka-logs", self.copy), ("/data2", self.second),
                ("/data", self.copy)):
            typed = re.sub(re.escape(place) + r"(?![\w.-])", here, typed)
        if " topics " in line and " --create " in line:
            shell(f"skafka topics --bootstrap-server {self.broker.address} --delete --topic orders", self.home)
        told = shell(f"set -o pipefail; timeout 5 {typed}", self.home)
        # 124: it would go on, 141: it was cut off by what reads it; 1 after help, as Kafka has it.
        fails = line.endswith("--help") or line.startswith(AT_RISK)
        fine = (0, 124, 141, 1) if fails else (0, 124, 141)
        assert told.returncode in fine, f"{told.returncode}\n{typed}\n{told.stdout[-500:]}{told.stderr[-800:]}"
