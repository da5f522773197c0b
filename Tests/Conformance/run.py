"""Real clients against the real executable.

    run.py [--long] [--report FILE] [--list] [PATTERN...]

Every case runs in a process and a directory of its own, under a deadline, so one that hangs or crashes costs one
failure and nothing else. SKAFKA_BIN names the executable.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

MODULES = sorted(name[:-3] for name in os.listdir(HERE) if name.startswith("cases_") and name.endswith(".py"))
RESULT = "@result "


class Case:
    """What a case function gets: a directory, the mode, and steps that are counted one by one."""

    def __init__(self, name, directory, is_long):
        self.name = name
        self.directory = directory
        self.is_long = is_long
        self.results = 0

    @contextlib.contextmanager
    def step(self, name):
        """A failure inside is recorded, and the case goes on behind it."""
        try:
            yield
        except Exception:
            self.report(name, traceback.format_exc(limit=-3))
        else:
            self.report(name, None)

    def report(self, name, trouble):
        self.results += 1
        print(RESULT + json.dumps({"name": name, "trouble": trouble}), flush=True)

    def skip(self, name, reason):
        self.results += 1
        print(RESULT + json.dumps({"name": name, "skip": reason}), flush=True)


def all_cases():
    """(name, function, seconds) in the order of the modules and of their lines."""
    cases = []
    for module in MODULES:
        for function in vars(__import__(module)).values():
            if hasattr(function, "case_seconds"):
                cases.append((function.__name__.replace("_", " "), function, function.case_seconds))
    return cases


def run_one(name, directory, is_long):
    """The child's side: runs a case in this process."""
    import broker

    function = {case: function for case, function, _ in all_cases()}[name]
    case = Case(name, directory, is_long)
    try:
        function(case)
        if case.results == 0:
            case.report(name, None)
    except Exception:
        case.report(name, traceback.format_exc(limit=-4))
    for each in broker.started:
        each.kill()
        print(f"log of {each.address}:")
        print("\n".join(each.log().splitlines()[-25:]))


def run_case(name, seconds, is_long):
    """The parent's side: (results, output) of a case in a process group that is gone afterwards."""
    directory = tempfile.mkdtemp(prefix="skafka-conformance-")
    output = os.path.join(directory, "output")
    arguments = [sys.executable, os.path.abspath(__file__), "--one", name, "--directory", directory]
    if is_long:
        arguments.append("--long")
    trouble = None
    try:
        with open(output, "wb") as file:
            child = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, start_new_session=True)
            try:
                status = child.wait(seconds)
                if status != 0:
                    trouble = f"the case ended with {status}"
            except subprocess.TimeoutExpired:
                trouble = f"not done after {seconds} s"
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        with open(output, errors="replace") as file:
            lines = file.read().splitlines()
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    results = [json.loads(line[len(RESULT):]) for line in lines if line.startswith(RESULT)]
    if trouble:
        results.append({"name": name, "trouble": trouble})
    return results, [line for line in lines if not line.startswith(RESULT)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("patterns", nargs="*")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--report")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--directory", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        run_one(options.one, options.directory, options.long)
        return 0
    # A case that was interrupted takes its group along: SystemExit runs the `finally` above.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    passed = failed = skipped = 0
    began = time.monotonic()
    for name, _, seconds in all_cases():
        if options.patterns and not any(re.search(pattern, name) for pattern in options.patterns):
            continue
        if options.list:
            print(name)
            continue
        at = time.monotonic()
        results, output = run_case(name, seconds * (6 if options.long else 1), options.long)
        took = time.monotonic() - at
        bad = False
        for result in results:
            if "skip" in result:
                skipped += 1
                print(f"skip {result['name']}: {result['skip']}")
            elif result["trouble"]:
                failed += 1
                bad = True
                print(f"FAIL {result['name']}")
                for line in result["trouble"].rstrip().splitlines():
                    print("     " + line)
            else:
                passed += 1
                print(f"ok   {result['name']}")
        print(f"     [{name}: {took:.1f} s]")
        if bad:
            for line in output[-60:]:
                print("     : " + line)
        sys.stdout.flush()
        if options.report:
            # After every case, so that a run that is cut short has its counts as well.
            with open(options.report, "w") as file:
                json.dump({"passed": passed, "failed": failed, "skipped": skipped}, file)
    if options.list:
        return 0
    print(f"real clients: {passed} good, {failed} bad, {skipped} skipped, {time.monotonic() - began:.0f} s")
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
