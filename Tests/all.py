"""Runs every suite, each step under a deadline, and ends with one line: N passed, N failed.

Steps come one after the other: two compilers at once do not fit a small machine. What a step prints goes to
.build/log; the terminal gets the headline, and the end of the log when a step failed.
"""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LOGS = os.path.join(ROOT, ".build", "log")
WHOLE_RUN_SECONDS = 38 * 60
FUZZ_COUNT = "100000"
PYTHON = os.path.join(ROOT, ".build", "venv", "bin", "python3")

started = time.monotonic()
running = None


def command(variable, fallback):
    return shlex.split(os.environ.get(variable, fallback))


def end_group(process):
    """Ends a step with everything it started: each step leads its own session, and ends those it made itself."""
    for number, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, None)):
        try:
            os.killpg(process.pid, number)
            process.wait(seconds)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


def interrupted(number, _frame):
    if running is not None:
        end_group(running)
    sys.exit(128 + number)


def step(name, arguments, seconds, show=None):
    """Runs one command; returns True when it ended with 0 in time. Lines that match `show` reach the terminal."""
    global running
    left = WHOLE_RUN_SECONDS - (time.monotonic() - started)
    seconds = max(1, min(seconds, left))
    path = os.path.join(LOGS, name.replace(" ", "-") + ".log")
    print(f"== {name}", flush=True)
    began = time.monotonic()
    with open(path, "wb") as log:
        running = subprocess.Popen(
            arguments, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        status = wait(running, path, began + seconds, show)
        if status is None:
            end_group(running)
        running = None
    took = time.monotonic() - began
    if status == 0:
        print(f"   {took:.0f} s", flush=True)
        return True
    print(f"   failed after {took:.0f} s: " + ("deadline passed" if status is None else f"exit {status}"), flush=True)
    explain(path)
    return False


def wait(process, path, deadline, show):
    with open(path, errors="replace") as log:
        while True:
            status = process.poll()
            for line in log:
                if show and re.search(show, line):
                    print("   " + line.rstrip(), flush=True)
            if status is not None:
                return status
            if time.monotonic() > deadline:
                return None
            time.sleep(0.2)


def explain(path):
    """The errors of a log, then its end."""
    with open(path, errors="replace") as log:
        lines = [line.rstrip() for line in log]
    errors = [line for line in lines if re.search(r"error:|warning:|✘|Fatal error|Sanitizer", line)]
    for line in errors[:60]:
        print("   | " + line)
    for line in lines[-40:]:
        print("   : " + line)
    sys.stdout.flush()


def unit_counts(path):
    """Passed and failed cases of the reports that `swift test --xunit-output` writes, one for each library."""
    passed = failed = 0
    for name in (path, path.replace(".xml", "-swift-testing.xml")):
        if not os.path.exists(name):
            continue
        for case in ElementTree.parse(name).iter("testcase"):
            if case.find("skipped") is not None:
                continue
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
            else:
                passed += 1
    return passed, failed


def unit_suite():
    build = command("BUILD_TESTS", "swift build --build-tests")
    if not step("build tests", build, 14 * 60):
        return 0, 1
    report = os.path.join(ROOT, ".build", "unit.xml")
    for old in (report, report.replace(".xml", "-swift-testing.xml")):
        if os.path.exists(old):
            os.remove(old)
    run = command("RUN_TESTS", "swift test --skip-build") + ["--xunit-output", report]
    good = step("unit tests", run, 6 * 60, show=r"^✘|Test run with")
    passed, failed = unit_counts(report)
    # A crash or an empty run leaves no report of a failure: it counts as one.
    if (not good or passed == 0) and failed == 0:
        failed = 1
    fuzz = [os.path.join(ROOT, ".build", "debug", "fuzz"), "--count", FUZZ_COUNT]
    if step("a little fuzzing", fuzz, 3 * 60):
        passed += 1
    else:
        failed += 1
    return passed, failed


def conformance_suite():
    if not step("build release", command("BUILD_RELEASE", "swift build -c release --product skafka"), 14 * 60):
        return 0, 1
    report = os.path.join(ROOT, ".build", "conformance.json")
    if os.path.exists(report):
        os.remove(report)
    arguments = [PYTHON, "Tests/Conformance/run.py", "--report", report]
    good = step("conformance", arguments, 22 * 60, show=r"^(ok|FAIL|skip|     )")
    passed = failed = 0
    if os.path.exists(report):
        with open(report) as file:
            counts = json.load(file)
        passed, failed = counts["passed"], counts["failed"]
    if (not good or passed == 0) and failed == 0:
        failed += 1
    return passed, failed


def main():
    signal.signal(signal.SIGTERM, interrupted)
    signal.signal(signal.SIGINT, interrupted)
    os.makedirs(LOGS, exist_ok=True)
    passed = failed = 0
    for suite in (unit_suite, conformance_suite):
        good, bad = suite()
        passed += good
        failed += bad
    print(f"{passed} passed, {failed} failed", flush=True)
    return 0 if failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
