"""Starting, refusing to start, and being asked for things by signal."""

import os
import re
import signal
import socket
import subprocess
import urllib.request

import wire
from broker import Broker, executable, free_port, wait_until
from case import case


def refusal(broker, *words):
    """The broker must end by itself, not with 0, and say all the words in one line."""
    seen = len(broker.log())
    status = broker.launch().wait_for_end(15)
    said = broker.log()[seen:]
    assert status not in (0, None) and status > 0, f"exit code {status}; {said}"
    fitting = [line for line in said.splitlines() if all(re.search(word, line, re.IGNORECASE) for word in words)]
    assert fitting, f"no line with {words} in: {said}"
    return said


@case(90)
def refusals_to_start(t):
    def fresh(name, **settings):
        return Broker(os.path.join(t.directory, name), **settings)

    with t.step("a number that is none: the line names key and value"):
        said = refusal(fresh("number", num_network_threads="many"), "num.network.threads", "many")
        assert len(said.splitlines()) <= 3, said
    with t.step("a number out of range"):
        refusal(fresh("range", num_network_threads="0"), "num.network.threads", r"\b0\b")
    with t.step("a listener that is none"):
        refusal(fresh("listener", listeners="nonsense"), "listeners", "nonsense")
    with t.step("a setting that nobody knows is reported once, and the broker starts"):
        with fresh("unknown", no_such_setting="1") as broker:
            wait_until(lambda: "no.such.setting" in broker.log(), "the name in the log")
            assert broker.log().count("no.such.setting") == 1, broker.log()
    with t.step("a file that is not there"):
        done = subprocess.run(
            [executable(), "server-start", os.path.join(t.directory, "nowhere.properties")],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=15)
        assert done.returncode > 0 and "nowhere.properties" in done.stdout + done.stderr, done
    with t.step("a port in use"):
        with socket.socket() as holder:
            broker = fresh("port")
            holder.bind(("127.0.0.1", broker.port))
            holder.listen()
            refusal(broker, str(broker.port), "in use|address")
    with t.step("a directory that another broker holds"):
        with fresh("held") as first:
            second = fresh("second", log_dirs=first.data)
            refusal(second, re.escape(first.data), "lock|use|another")
            with first.connect() as connection:
                connection.api_versions()
    with t.step("directories of two clusters"):
        one, two = fresh("one"), fresh("two")
        for each in (one, two):
            each.start()
            each.stop()
        change(os.path.join(two.data, "meta.properties"), r"cluster\.id=.*", "cluster.id=AAAAAAAAAAAAAAAAAAAAAA")
        both = fresh("both", log_dirs=f"{one.data},{two.data}")
        refusal(both, "cluster")
    with t.step("a directory of another node"):
        other = fresh("node")
        other.start()
        other.stop()
        other.settings["node.id"] = "2"
        refusal(other, r"node\.?\s?id|broker\.?id", r"\b1\b")
    with t.step("a directory that cannot be written"):
        path = os.path.join(t.directory, "a-file")
        open(path, "w").close()
        refusal(fresh("unwritable", log_dirs=os.path.join(path, "data")), re.escape(path))


def change(path, pattern, replacement):
    with open(path) as file:
        text = file.read()
    with open(path, "w") as file:
        file.write(re.sub(pattern, replacement, text))


@case(90)
def starting_and_stopping(t):
    with t.step("an empty directory is formatted by the start"):
        with Broker(os.path.join(t.directory, "empty")) as broker:
            with open(os.path.join(broker.data, "meta.properties")) as file:
                text = file.read()
            assert re.search(r"^cluster\.id=[\w-]{22}$", text, re.M) and re.search(r"^node\.id=1$", text, re.M), text
    with t.step("a file and a directory that was never formatted: refused, with what to do"):
        broker = Broker(os.path.join(t.directory, "file"))
        assert broker.launch(file=True).wait_for_end(15) > 0
        assert broker.data in broker.log() and "storage format" in broker.log(), broker.log()
    with t.step("a file is read, and --override wins over it"):
        broker = Broker(os.path.join(t.directory, "override")).start()
        broker.stop()
        broker.launch(file=True)
        wait_until(lambda: reaches(broker.port), "an answer on the port of the file")
        broker.stop()
        port = free_port()
        process = subprocess.Popen(
            [executable(), "server-start", broker.properties, "--override", f"listeners=PLAINTEXT://127.0.0.1:{port}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=broker.environment)
        try:
            wait_until(lambda: reaches(port), "an answer on the other port")
        finally:
            process.terminate()
            assert process.wait(20) == 0
    with t.step("SIGINT ends the broker in order as well"):
        broker = Broker(os.path.join(t.directory, "interrupt")).start()
        status = broker.signal(signal.SIGINT).wait_for_end(20)
        assert status in (0, 130), status
        assert os.path.exists(os.path.join(broker.data, ".kafka_cleanshutdown")), os.listdir(broker.data)
    with t.step("a stop does not wait for clients that stay connected or wait for records"):
        broker = Broker(os.path.join(t.directory, "busy")).start()
        with broker.connect() as idle, broker.connect() as waiting:
            idle.api_versions()
            assert waiting.create_topic("t") == 0
            from cases_first import fetch_body
            waiting.send(waiting.frame(wire.FETCH, 4, fetch_body("t", 0, wait_ms=60000, min_bytes=1)))
            assert broker.signal(signal.SIGTERM).wait_for_end(15) == 0
    with t.step("SIGHUP opens the log file again, and the broker goes on serving"):
        broker = Broker(os.path.join(t.directory, "hangup"))
        broker.environment["LOG_DIR"] = broker.directory
        with broker:
            log = os.path.join(broker.directory, "server.log")
            os.rename(log, log + ".1")
            broker.signal(signal.SIGHUP)
            wait_until(lambda: os.path.exists(log), "a new log file")
            with broker.connect() as connection:
                connection.api_versions()
                connection.send(b"GET / HTTP/1.1\r\n\r\n")
                assert connection.closed_within(10)
            wait_until(lambda: os.path.getsize(log) > 0, "a line in the new log file")


def reaches(port):
    try:
        with wire.Connection(port, timeout=5) as connection:
            connection.api_versions()
            return True
    except (OSError, EOFError):
        return False


@case(60)
def metrics_are_served_as_text(t):
    port = free_port()
    with Broker(t.directory, metrics_listener=f"127.0.0.1:{port}") as broker:
        with broker.connect() as connection:
            assert connection.create_topic("t") == 0
            assert connection.produce("t", wire.batch([(None, b"x")]))[0] == 0
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            kind = answer.headers["Content-Type"]
            text = answer.read().decode()
        assert answer.status == 200 and kind.startswith("text/plain"), kind
        samples = [line for line in text.splitlines() if line and not line.startswith("#")]
        odd = [line for line in samples if not re.fullmatch(r'[a-zA-Z_:][\w:]*(\{.*\})? [-+\d.eEInfNa]+', line)]
        assert samples and not odd, odd[:5]
        assert 'skafka_requests_total{api="Produce"} 1' in samples, text[:3000]
