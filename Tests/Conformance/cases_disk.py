"""Disks that are full, gone, read-only or broken, files that somebody damaged, and clocks that are wrong."""

import contextlib
import errno
import os
import shutil
import struct
import time

import disks
import wire
from broker import Broker, wait_until
from case import case
from cases_start import refusal

STORAGE_ERROR = 56
YEAR_MS = 365 * 86_400_000


def mountable(function):
    """Skips the case where the machine lets nobody mount anything."""

    def guarded(t):
        try:
            disks.private_mounts()
            function(t)
        except disks.Unavailable as reason:
            t.skip(function.__name__.replace("_", " "), str(reason))

    guarded.__name__ = function.__name__
    return guarded


def record(number, size=20_000):
    return wire.batch([(None, b"%d " % number + b"x" * size)])


def number_of(value):
    return int(value.split()[0])


def produce_until_refused(connection, topic, number=0, most=5000):
    """Acknowledged records and the error of the first that was not."""
    while number < most:
        error, offset = connection.produce(topic, record(number))
        if error != 0:
            return number, error
        assert offset == number, (offset, number)
        number += 1
    raise AssertionError(f"{most} records found room")


def stored(connection, topic):
    return [number_of(value) for _, _, value in connection.fetch_all(topic)]


def fill_up(path):
    """A file that takes all the room there is."""
    with open(path, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"\0" * 65536):
            pass


def full_disk(t, broker, ballast):
    """The disk fills under a producer; `ballast` is removed in the end."""
    broker.start()
    with broker.connect() as connection:
        assert connection.create_topic("t", configs={"internal.segment.bytes": "1500000"}) == 0
        assert connection.create_topic("other") == 0
        assert connection.produce("other", wire.batch([(None, b"0")])) == (0, 0)
        count, error = produce_until_refused(connection, "t")
        with t.step("a record without room is refused with KAFKA_STORAGE_ERROR"):
            assert error == STORAGE_ERROR and count > 10, (error, count)
        with t.step("everything acknowledged can be read while the disk is full"):
            assert stored(connection, "t") == list(range(count))
        with t.step("the broker does not end"):
            for number in range(20):
                connection.produce("t", record(count))
            assert broker.alive()
        broker.kill()
        with t.step("kill -9 on a full disk, and a start on it, at least with a little room for the new epoch"):
            seen = len(broker.log())
            try:
                broker.start()
            except AssertionError:
                said = broker.log()[seen:]
                assert "No space left on device" in said and broker.data in said, said
                os.truncate(ballast, os.path.getsize(ballast) - 65536)
                broker.start()
    with broker.connect() as connection:
        with t.step("nothing acknowledged is missing, nothing is there by half"):
            found = stored(connection, "t")
            assert found == list(range(len(found))) and len(found) >= count, (len(found), count)
            count = len(found)
        fill_up(os.path.join(os.path.dirname(broker.settings["log.dirs"]), "rest"))
        count, error = produce_until_refused(connection, "t", count)
        assert error == STORAGE_ERROR
        os.remove(os.path.join(os.path.dirname(broker.settings["log.dirs"]), "rest"))
        os.remove(ballast)
        with t.step("with room made, the same broker takes records again"):
            assert connection.produce("t", record(count)) == (0, count)
            assert connection.produce("other", wire.batch([(None, b"1")])) == (0, 1)
            assert stored(connection, "t") == list(range(count + 1))
    broker.restart("stop")
    with t.step("and has them after a restart"), broker.connect() as connection:
        assert stored(connection, "t") == list(range(count + 1))
    broker.kill()


@case(120)
@mountable
def a_full_disk(t):
    small = disks.Image(os.path.join(t.directory, "small.img"), 12)
    for name, mount in (
        ("ext4", lambda at: small.mount(at)), ("tmpfs", lambda at: disks.tmpfs(at, "size=8m")),
    ):
        broker = Broker(os.path.join(t.directory, name))
        mount(broker.data)
        broker.settings["log.dirs"] = os.path.join(broker.data, "logs")
        ballast = os.path.join(broker.data, "ballast")
        with open(ballast, "wb") as file:
            file.write(b"\0" * (2 << 20))
        full_disk(t, broker, ballast)
        disks.unmount(broker.data)


@case(60)
@mountable
def no_inodes_are_left(t):
    broker = Broker(t.directory)
    disks.tmpfs(broker.data, "size=64m,nr_inodes=64")
    broker.settings["log.dirs"] = os.path.join(broker.data, "logs")
    with broker, broker.connect() as connection:
        assert connection.create_topic("t", configs={"internal.segment.bytes": "50000"}) == 0
        count, error = produce_until_refused(connection, "t", most=200)
        with t.step("a segment that cannot begin refuses the record"):
            assert error == STORAGE_ERROR, error
            assert stored(connection, "t") == list(range(count))
        with t.step("a topic that cannot be made hurts no other"):
            connection.create_topic("more", 3)
            assert broker.alive()
            assert stored(connection, "t") == list(range(count))
        with t.step("with files removed, it goes on"):
            directory = os.path.join(broker.settings["log.dirs"], "t-0")
            for name in os.listdir(directory):
                if name.endswith(".snapshot"):
                    os.remove(os.path.join(directory, name))
            found, _ = count, wait_until(
                lambda: connection.produce("t", record(count)) == (0, count), "a record taken", 20)
            assert stored(connection, "t") == list(range(found + 1))
        broker.restart("kill")
        with t.step("everything is there after kill -9"), broker.connect() as again:
            assert stored(again, "t") == list(range(count + 1))
        broker.kill()


def two_directories(t, name, faults=None):
    """A started broker with the directories one (metadata) and two, and a topic in each of them."""
    broker = Broker(os.path.join(t.directory, name))
    one, two = os.path.join(broker.directory, "one"), os.path.join(broker.directory, "two")
    broker.settings["log.dirs"] = f"{one},{two}"
    if faults:
        broker.environment.update(faults.environment)
    return broker, one, two


def one_topic_each(broker, one, two, configs=()):
    topics = {}
    with broker.connect() as connection:
        for number in range(8):
            assert connection.create_topic(f"t{number}", configs=configs) == 0
            directory = one if os.path.isdir(os.path.join(one, f"t{number}-0")) else two
            topics.setdefault(directory, f"t{number}")
            assert connection.produce(f"t{number}", record(0)) == (0, 0)
    assert set(topics) == {one, two}, topics
    return topics[one], topics[two]


@case(90)
@mountable
def a_disk_that_becomes_read_only(t):
    image = disks.Image(os.path.join(t.directory, "two.img"), 32)
    faults = disks.Faults(t.directory)
    broker, one, two = two_directories(t, "broker", faults)
    image.mount(two)
    broker.start()
    in_one, in_two = one_topic_each(broker, one, two)
    # The kernel lets nobody make a file system read-only in which files are open for writing; errors do it all the same.
    faults.inject("write", errno.EROFS, two)
    with broker.connect() as connection:
        with t.step("a write there is refused, and the directory is out of service"):
            assert connection.produce(in_two, record(1))[0] == STORAGE_ERROR
            wait_until(lambda: connection.fetch(in_two, 0)[0] == STORAGE_ERROR, "the partitions are offline")
        with t.step("the other directory goes on"):
            assert connection.produce(in_one, record(1)) == (0, 1)
            assert stored(connection, in_one) == [0, 1]
    with t.step("a start with the read-only directory serves the other one and names it"):
        seen = len(broker.log())
        broker.kill()
        faults.heal()
        disks.run("mount", "-o", "remount,ro", two)
        broker.start()
        said = broker.log()[seen:]
        assert any(two in line and "read-only" in line.lower() for line in said.splitlines()), said
        with broker.connect() as connection:
            assert stored(connection, in_one) == [0, 1]
            assert connection.produce(in_two, record(1))[0] == STORAGE_ERROR
    broker.kill()
    disks.run("mount", "-o", "remount,rw", two)
    with t.step("once it can be written, a restart has everything"):
        broker.start()
        with broker.connect() as connection:
            assert stored(connection, in_two) == [0]
            assert connection.produce(in_two, record(1)) == (0, 1)
    broker.kill()


@case(90)
@mountable
def a_disk_that_is_not_mounted(t):
    image = disks.Image(os.path.join(t.directory, "disk.img"), 32)
    broker, one, two = two_directories(t, "broker")
    image.mount(two)
    broker.start()
    in_one, in_two = one_topic_each(broker, one, two)
    broker.stop()
    disks.unmount(two)
    for number in range(2):
        with t.step(f"the empty mount point is left out and named, start {number + 1}"):
            seen = len(broker.log())
            broker.start()
            with broker.connect() as connection:
                assert stored(connection, in_one) == [0]
                assert connection.produce(in_two, record(1))[0] == STORAGE_ERROR
            said = broker.log()[seen:]
            assert any(two in line and "mounted" in line for line in said.splitlines()), said
            assert not [name for name in os.listdir(two) if name.endswith("-0")], os.listdir(two)
            broker.restart("kill")
            broker.stop()
    image.mount(two)
    with t.step("mounted again, everything is there"):
        broker.start()
        with broker.connect() as connection:
            assert stored(connection, in_two) == [0]
        broker.stop()
    with t.step("a new directory beside those that are there is taken"):
        three = os.path.join(broker.directory, "three")
        broker.settings["log.dirs"] += "," + three
        with broker, broker.connect() as connection:
            assert stored(connection, in_two) == [0]
        assert os.path.exists(os.path.join(three, "meta.properties"))
        broker.settings["log.dirs"] = f"{one},{two}"
        with broker, broker.connect() as connection:
            assert stored(connection, in_two) == [0]
    with t.step("without the disk of the metadata log nothing is made anew"):
        shutil.move(one, one + ".away")
        os.makedirs(one)
        refusal(broker, one, "mounted|meta.properties")
        assert not [name for name in os.listdir(one) if name.startswith("__")], os.listdir(one)
        os.remove(os.path.join(one, ".lock"))
        os.rmdir(one)
        shutil.move(one + ".away", one)
        with broker, broker.connect() as connection:
            assert stored(connection, in_one) == [0] and stored(connection, in_two) == [0]
    with t.step("a log directory that is a file"):
        disks.unmount(two)
        shutil.rmtree(two)
        open(two, "w").close()
        with broker, broker.connect() as connection:
            assert stored(connection, in_one) == [0]
            assert connection.produce(in_two, record(1))[0] == STORAGE_ERROR
        assert two in broker.log()


@case(120)
def a_disk_that_fails(t):
    """Errors at single system calls, by a shim."""
    try:
        faults = disks.Faults(t.directory)
    except disks.Unavailable as reason:
        return t.skip("a disk that fails", str(reason))
    flushed = {"flush.messages": "1"}

    def begin(name, configs=()):
        broker, one, two = two_directories(t, name, faults)
        broker.start()
        return broker, one, two, *one_topic_each(broker, one, two, configs)

    def serves(broker, topic, numbers):
        with broker.connect() as connection:
            assert stored(connection, topic) == numbers

    with t.step("a flush that fails ends the directory at once and is never tried again"):
        broker, one, two, in_one, in_two = begin("flush", flushed)
        before = faults.hits
        faults.inject("flush", errno.EIO, in_two, times=1)
        with broker.connect() as connection:
            assert connection.produce(in_two, record(1))[0] == STORAGE_ERROR
            for _ in range(5):
                assert connection.produce(in_two, record(1))[0] == STORAGE_ERROR
            assert connection.produce(in_one, record(1)) == (0, 1)
        assert faults.hits == before + 1, faults.hits - before
        faults.heal()
        broker.restart("kill")
        with broker.connect() as connection:
            found = stored(connection, in_two)
        # What was refused may be there: the device had it, or the page cache.
        assert found in ([0], [0, 1]), found
        broker.kill()
    with t.step("a write that fails half way leaves nothing, and takes the directory out of service"):
        broker, one, two, in_one, in_two = begin("write")
        faults.inject("write", errno.EIO, in_two)
        with broker.connect() as connection:
            assert connection.produce(in_two, record(1))[0] == STORAGE_ERROR
            wait_until(lambda: connection.fetch(in_two, 0)[0] == STORAGE_ERROR, "the partitions are offline")
        faults.heal()
        serves(broker, in_one, [0])
        broker.restart("kill")
        serves(broker, in_two, [0])
        broker.kill()
    with t.step("a full disk in the middle of a write leaves nothing, and the directory goes on"):
        broker, one, two, in_one, in_two = begin("full")
        faults.inject("write", errno.ENOSPC, in_two, times=1)
        with broker.connect() as connection:
            assert connection.produce(in_two, record(1))[0] == STORAGE_ERROR
            faults.heal()
            assert connection.produce(in_two, record(1)) == (0, 1)
        serves(broker, in_two, [0, 1])
        broker.restart("kill")
        serves(broker, in_two, [0, 1])
        broker.kill()
    with t.step("a write that only half happened before the end of the process is cut off"):
        broker, one, two, in_one, in_two = begin("torn")
        path = os.path.join(two, in_two + "-0", "0" * 20 + ".log")
        size = os.path.getsize(path)
        with open(path, "ab") as file:
            file.write(record(1)[:5000])
        broker.restart("kill")
        serves(broker, in_two, [0])
        assert os.path.getsize(path) == size
        broker.kill()
    with t.step("a read that fails: an error, no wrong bytes, and the others go on"):
        broker, one, two, in_one, in_two = begin("read")
        broker.restart("kill")
        faults.inject("read", errno.EIO, in_two)
        with broker.connect() as connection:
            assert connection.fetch(in_two, 0)[0] == STORAGE_ERROR
        serves(broker, in_one, [0])
        faults.heal()
        broker.restart("kill")
        serves(broker, in_two, [0])
        broker.kill()
    with t.step("a disk that fails while records are sent: the connection ends, the broker does not"):
        broker, one, two, in_one, in_two = begin("sendfile")
        faults.inject("sendfile", errno.EIO, in_two, times=1)
        with broker.connect(timeout=10) as connection:
            with contextlib.suppress(OSError, EOFError, AssertionError):
                stored(connection, in_two)
        faults.heal()
        assert broker.alive()
        serves(broker, in_one, [0])
        broker.kill()
    with t.step("no more open files: refused, and taken up again"):
        broker, one, two, in_one, in_two = begin("files")
        broker.restart("kill")
        faults.inject("open", errno.EMFILE, "t", times=20)
        with broker.connect() as connection:
            with contextlib.suppress(AssertionError):
                connection.produce(in_two, record(1))
            faults.heal()
            wait_until(lambda: connection.produce(in_two, record(1))[0] == 0, "a record taken")
            assert stored(connection, in_one) == [0]
        broker.kill()


@case(60)
@mountable
def space_that_is_promised_and_not_there(t):
    """Delayed allocation: the write succeeds, the flush tells that there is no room (reliability.md, trap 5)."""
    backing = disks.tmpfs(os.path.join(t.directory, "backing"), "size=24m")
    image = disks.Image(os.path.join(backing, "disk.img"), 64, options=["-O", "^has_journal"])
    broker, one, two = two_directories(t, "broker")
    image.mount(two)
    broker.start()
    in_one, in_two = one_topic_each(broker, one, two, {"flush.messages": "1"})
    fill_up(os.path.join(backing, "ballast"))
    with broker.connect() as connection:
        number = 1
        while number < 2000:
            error, _ = connection.produce(in_two, record(number))
            if error:
                break
            number += 1
        with t.step("the record whose flush failed is not acknowledged, nor is any after it"):
            assert error == STORAGE_ERROR, error
            os.remove(os.path.join(backing, "ballast"))
            for _ in range(3):
                assert connection.produce(in_two, record(number))[0] == STORAGE_ERROR
        with t.step("the other directory goes on"):
            assert connection.produce(in_one, record(1)) == (0, 1)
    broker.kill()
    disks.unmount(two)
    image.mount(two)
    with t.step("after the disk was looked at, everything acknowledged is there"), broker.start().connect() as connection:
        found = stored(connection, in_two)
        assert found[:number] == list(range(number)), (len(found), number)
    broker.kill()


def lay_out(t, name, stop="kill"):
    """A stopped broker with a topic of several segments, and what it holds."""
    broker = Broker(os.path.join(t.directory, name))
    broker.start()
    with broker.connect() as connection:
        assert connection.create_topic("t", configs={"internal.segment.bytes": "50000"}) == 0
        assert connection.create_topic("other") == 0
        for number in range(12):
            assert connection.produce("t", record(number)) == (0, number)
        assert connection.produce("other", record(0)) == (0, 0)
    getattr(broker, stop)()
    return broker


@case(150)
def files_that_somebody_damaged(t):
    origin = lay_out(t, "origin", "stop")

    def copy(name):
        directory = os.path.join(t.directory, name)
        shutil.copytree(origin.data, os.path.join(directory, "data"))
        return Broker(directory)

    def overwrite(broker, name, content):
        path = os.path.join(broker.data, name)
        assert os.path.exists(path), name
        with open(path, "wb") as file:
            file.write(content)

    def whole(broker):
        with broker, broker.connect() as connection:
            assert stored(connection, "t") == list(range(12))
            assert stored(connection, "other") == [0]
            assert connection.produce("t", record(12)) == (0, 12)

    garbage = b"\xff\x00garbage\n\n7 x\n"
    for clean in (True, False):
        for name in (
            "recovery-point-offset-checkpoint", "replication-offset-checkpoint", "log-start-offset-checkpoint",
            "t-0/leader-epoch-checkpoint",
        ):
            for kind, content in (("garbled", garbage), ("empty", b""), ("zeroed", b"\0" * 60)):
                with t.step(f"{name} {kind}, {'clean' if clean else 'crashed'}: made anew"):
                    broker = copy(f"{name.replace('/', '-')}-{kind}-{clean}")
                    if not clean:
                        os.remove(os.path.join(broker.data, ".kafka_cleanshutdown"))
                    overwrite(broker, name, content)
                    whole(broker)
    with t.step("a mark of a clean shutdown with garbage in it"):
        broker = copy("mark")
        overwrite(broker, ".kafka_cleanshutdown", garbage)
        whole(broker)
    for kind, content in (("garbled", garbage), ("empty", b""), ("zeroed", b"\0" * 80)):
        with t.step(f"meta.properties {kind}: refused, and nothing is touched"):
            broker = copy(f"meta-{kind}")
            overwrite(broker, "meta.properties", content)
            before = sorted(os.listdir(broker.data))
            refusal(broker, "meta.properties")
            assert sorted(os.listdir(broker.data)) == before
    with t.step("meta.properties gone: refused, the logs are not taken for those of a new cluster"):
        broker = copy("meta-gone")
        os.remove(os.path.join(broker.data, "meta.properties"))
        refusal(broker, "meta.properties", "t-0|other-0|cluster_metadata")
        assert os.path.isdir(broker.partition("t"))
    with t.step("partition.metadata garbled: the file is named, the other partitions serve"):
        broker = copy("partition-metadata")
        overwrite(broker, "t-0/partition.metadata", garbage)
        with broker, broker.connect() as connection:
            assert stored(connection, "other") == [0]
            assert connection.fetch("t", 0)[0] == STORAGE_ERROR
            assert "t-0/partition.metadata" in broker.log()
            broker.kill()
        os.remove(os.path.join(broker.data, "t-0/partition.metadata"))
        whole(broker)
    with t.step("two segments exchanged: told, nothing is cut, and put right they serve"):
        for clean in (True, False):
            broker = copy(f"exchanged-{clean}")
            names = [os.path.basename(path) for path in broker.segments("t")]
            first, second = (os.path.join(broker.partition("t"), name) for name in names[:2])

            def exchange():
                os.rename(first, first + ".x")
                os.rename(second, first)
                os.rename(first + ".x", second)

            sizes = [os.path.getsize(path) for path in broker.segments("t")]
            exchange()
            if not clean:
                for name in (".kafka_cleanshutdown", "recovery-point-offset-checkpoint"):
                    os.remove(os.path.join(broker.data, name))
            with broker, broker.connect() as connection:
                assert stored(connection, "other") == [0]
                assert connection.fetch("t", 0)[0] == STORAGE_ERROR
                broker.kill()
            assert "another segment" in broker.log()
            exchange()
            assert [os.path.getsize(path) for path in broker.segments("t")] == sizes
            whole(broker)
    with t.step("the index of another segment"):
        broker = copy("foreign-index")
        paths = broker.segments("t")
        for kind in (".index", ".timeindex"):
            shutil.copy(paths[0][:-4] + kind, paths[1][:-4] + kind)
        whole(broker)
    with t.step("foreign files and directories are left alone"):
        broker = copy("foreign")
        strange = {
            "notes.txt": b"mine", "t-0/notes.txt": b"mine", "t-0/0000000000000000001x.log": b"mine",
            "t-0/core.1234": b"mine", "lost+found/piece": b"mine", "backup-2024/photo.jpg": b"mine",
            "my data/0.log": b"mine", ".hidden/x": b"mine",
        }
        for name, content in strange.items():
            path = os.path.join(broker.data, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)
        whole(broker)
        broker.start()
        broker.stop()
        for name, content in strange.items():
            with open(os.path.join(broker.data, name), "rb") as file:
                assert file.read() == content, name
    with t.step("a partition that is a symbolic link serves, and its target survives the topic"):
        broker = copy("link")
        target = os.path.join(broker.directory, "elsewhere")
        shutil.move(broker.partition("t"), target)
        os.symlink(target, broker.partition("t"))
        whole(broker)
        kept = sorted(os.listdir(target))
        broker.settings["file.delete.delay.ms"] = "0"
        broker.start()
        with broker.connect() as connection:
            reader = connection.ask(20, 1, wire.array([wire.string("t")]) + struct.pack(">i", 20000))
            reader.unpack("i")
            assert reader.array(lambda r: (r.string(), r.unpack("h")))[0][1] == 0
        broker.restart("stop")
        broker.stop()
        assert not os.path.lexists(broker.partition("t"))
        assert set(kept) <= set(os.listdir(target))
    with t.step("a log directory that is a symbolic link"):
        broker = copy("linked")
        shutil.move(broker.data, broker.data + ".real")
        os.symlink(broker.data + ".real", broker.data)
        whole(broker)


@case(60)
def a_partition_that_may_not_be_read(t):
    """A broker that is not root, and a directory that belongs to somebody else."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        return t.skip("a partition that may not be read", "takes root and setpriv")
    broker = lay_out(t, "broker", "stop")
    os.chmod(t.directory, 0o755)
    disks.run("chown", "-R", "65534:65534", broker.directory)
    broker.prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    for path in (broker.partition("t"), broker.segments("t")[-1]):
        os.chown(path, 0, 0)
        os.chmod(path, 0o700 if os.path.isdir(path) else 0o600)
        with t.step(f"{os.path.basename(path)}: named, and the other partitions serve"), broker:
            with broker.connect() as connection:
                assert connection.fetch("t", 11)[0] == STORAGE_ERROR
                assert connection.produce("other", record(0))[0] == 0
            assert path in broker.log()
            broker.kill()
        os.chown(path, 65534, 65534)
        with t.step(f"{os.path.basename(path)}: readable again, everything is there"), broker:
            with broker.connect() as connection:
                assert stored(connection, "t") == list(range(12))


@case(120)
def a_clock_that_is_wrong(t):
    try:
        faults = disks.Faults(t.directory)
    except disks.Unavailable as reason:
        return t.skip("a clock that is wrong", str(reason))
    now = int(time.time() * 1000)

    def broker_of(name):
        broker = Broker(
            os.path.join(t.directory, name), log_retention_ms=86_400_000, log_retention_check_interval_ms=100,
            log_initial_task_delay_ms=100)
        broker.environment.update(faults.environment)
        return broker

    def fill(broker):
        with broker.connect() as connection:
            assert connection.create_topic("t", configs={"internal.segment.bytes": "30000"}) == 0
            for number in range(6):
                data = wire.batch([(None, b"%d " % number + b"x" * 20000)], timestamp=now)
                assert connection.produce("t", data) == (0, number)

    def values(broker):
        with broker.connect() as connection:
            return stored(connection, "t")

    with t.step("a year ahead while the broker runs: nothing is deleted, and it says so"), broker_of("jump") as broker:
        fill(broker)
        faults.set_clock(YEAR_MS)
        wait_until(lambda: "ahead" in broker.log(), "a warning", 10)
        time.sleep(0.5)
        assert values(broker) == list(range(6))
        with broker.connect() as connection:
            assert connection.produce("t", record(6)) in ((0, 6), (32, -1))
        faults.set_clock(0)
        wait_until(lambda: "again" in broker.log(), "the trust", 10)
        assert values(broker)[:6] == list(range(6))
    with t.step("a year ahead at the start"):
        broker = broker_of("start").start()
        fill(broker)
        broker.stop()
        faults.set_clock(YEAR_MS)
        broker.start()
        wait_until(lambda: "ahead" in broker.log(), "a warning", 10)
        time.sleep(0.5)
        assert values(broker) == list(range(6))
        broker.stop()
        faults.set_clock(0)
        with broker:
            assert values(broker) == list(range(6))
    with t.step("set back a year: nothing is deleted, records are taken, segments roll"), broker_of("back") as broker:
        fill(broker)
        faults.set_clock(-YEAR_MS)
        time.sleep(0.5)
        assert values(broker) == list(range(6))
        with broker.connect() as connection:
            for number in range(6, 12):
                data = wire.batch([(None, b"%d " % number + b"x" * 20000)], timestamp=now - YEAR_MS)
                assert connection.produce("t", data) == (0, number)
        broker.restart("kill")
        assert values(broker) == list(range(12))
        assert len(broker.segments("t")) >= 6
        faults.set_clock(0)
    with t.step("timestamps of the year 292278994 neither stop the broker nor keep segments from rolling"):
        with broker_of("far") as broker, broker.connect() as connection:
            assert connection.create_topic("t", configs={
                "internal.segment.bytes": "30000", "message.timestamp.after.max.ms": str((1 << 63) - 1)}) == 0
            for number in range(6):
                data = wire.batch([(None, b"%d " % number + b"x" * 20000)], timestamp=(1 << 63) - 2)
                assert connection.produce("t", data) == (0, number)
            time.sleep(0.3)
            assert stored(connection, "t") == list(range(6))
            broker.restart("kill")
            assert values(broker) == list(range(6))


@case(90)
def more_partitions_than_files_may_be_open(t):
    if shutil.which("prlimit") is None:
        return t.skip("more partitions than files may be open", "prlimit is not installed")
    broker = Broker(t.directory)
    broker.prefix = ["prlimit", "--nofile=200:200"]
    count = 400
    with broker.start().connect() as connection:
        assert connection.create_topic("t", count) == 0
        for round in range(2):
            with t.step(f"each of {count} partitions takes a record, round {round + 1}"):
                for partition in range(count):
                    wait_until(
                        lambda: connection.produce("t", wire.batch([(None, b"x")]), partition=partition)[0] == 0,
                        f"partition {partition}", 15)
    broker.restart("kill")
    with t.step("and has it after kill -9"), broker.connect() as connection:
        for partition in range(count):
            wait_until(lambda: connection.fetch("t", 0, partition)[0] == 0, f"partition {partition}", 15)
            assert len(connection.fetch_all("t", partition)) >= 2
    broker.stop()
