"""File systems to hurt: loop-mounted images and tmpfs in a mount namespace of the case's own, and faults by a shim.

The namespace goes with the last process of the case, however it ends, and takes every mount and loop device along.
"""

import ctypes
import mmap
import os
import shutil
import struct
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CLONE_NEWNS = 0x20000


class Unavailable(Exception):
    """Why this machine cannot inject the fault."""


def run(*arguments):
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise Unavailable(f"{' '.join(arguments)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def private_mounts(*tools):
    """From here on mounts are seen by this process and its children only."""
    if os.geteuid() != 0:
        raise Unavailable("mounting takes root")
    for tool in ("mount", "umount", "mkfs.ext4", *tools):
        if shutil.which(tool) is None:
            raise Unavailable(f"{tool} is not installed")
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
        raise Unavailable("no mount namespace: " + os.strerror(ctypes.get_errno()))
    run("mount", "--make-rprivate", "/")


class Image:
    """A file system in a sparse file."""

    def __init__(self, path, megabytes, kind="ext4", options=()):
        self.path = path
        with open(path, "wb") as file:
            file.truncate(megabytes << 20)
        run(f"mkfs.{kind}", "-q", *options, path)

    def mount(self, at):
        mount_image(self.path, at)
        return at


def mount_image(path, at):
    os.makedirs(at, exist_ok=True)
    run("mount", "-o", "loop", path, at)


def tmpfs(at, options):
    os.makedirs(at, exist_ok=True)
    run("mount", "-t", "tmpfs", "-o", options, "tmpfs", at)
    return at


def unmount(at):
    run("umount", at)


class Faults:
    """Faults in system calls of a process that was started with `environment`; see shim.c for the layout."""

    CALLS = {name: number for number, name in enumerate(
        ["write", "read", "flush", "open", "rename", "truncate", "sendfile"], 1)}

    def __init__(self, directory):
        compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        if compiler is None:
            raise Unavailable("no C compiler for the shim")
        library = os.path.join(directory, "shim.so")
        run(compiler, "-O1", "-shared", "-fPIC", "-o", library, os.path.join(HERE, "shim.c"), "-ldl")
        self.control = os.path.join(directory, "faults")
        with open(self.control, "wb") as file:
            file.truncate(4096)
        with open(self.control, "r+b") as file:
            self.page = mmap.mmap(file.fileno(), 4096)
        self.environment = {"LD_PRELOAD": library, "SHIM_CONTROL": self.control}

    def inject(self, call, error, where, after=0, times=1 << 30):
        """The calls of a kind on files whose path has `where` in it fail, from one on, so many times."""
        self.page[4:20] = struct.pack("<iiii", self.CALLS[call], error, after, times)
        self.page[32:288] = where.encode().ljust(256, b"\0")
        self.page[0:4] = struct.pack("<i", 1)

    def heal(self):
        self.page[0:4] = struct.pack("<i", 0)

    @property
    def hits(self):
        return struct.unpack("<i", self.page[20:24])[0]

    def set_clock(self, milliseconds):
        """The wall clock is off by so much; the monotonic one is not."""
        self.page[24:32] = struct.pack("<q", milliseconds)


def scratch(prefix="skafka-disk-"):
    return tempfile.mkdtemp(prefix=prefix)
