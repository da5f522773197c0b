"""What a person sees in a real terminal: completion in the three shells, pages of the manual. tmux is the terminal."""

import os
import shutil
import subprocess
import time

from broker import ROOT, Broker, executable
from case import case
from cases_first import kcat

COMPLETIONS = os.path.join(ROOT, "completions")
SECONDS = 15


class Terminal:
    """A shell in tmux, which is gone with its server at the end."""

    def __init__(self, t, name, command, variables):
        self.name = name
        self.socket = os.path.join(t.directory, name + ".tmux")
        environment = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "HOME": t.directory, **variables}
        environment.pop("TMUX", None)
        subprocess.run(
            ["tmux", "-S", self.socket, "-f", "/dev/null", "new-session", "-d", "-x", "160", "-y", "50", command],
            env=environment, check=True, timeout=SECONDS)

    def tmux(self, *words):
        return subprocess.run(["tmux", "-S", self.socket, *words], capture_output=True, text=True, timeout=SECONDS)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tmux("kill-server")

    def type(self, text, *keys):
        self.tmux("send-keys", "-l", text)
        for key in keys:
            self.tmux("send-keys", key)

    def screen(self):
        return self.tmux("capture-pane", "-p", "-J").stdout

    def see(self, text, what="is seen"):
        """Waits until the screen has the text."""
        deadline = time.monotonic() + SECONDS
        while text not in self.screen():
            assert time.monotonic() < deadline, f"{self.name}: {text!r} never {what}; the screen:\n{self.screen().rstrip()}"
            time.sleep(0.05)

    def run(self, line, mark):
        """Runs a line that sets the shell up; `mark` is what its echo prints, spelled so that the line has it not."""
        self.type(line, "Enter")
        self.see(mark)
        self.tmux("send-keys", "C-l")

    def completes(self, typed, seen, keys=("Tab",)):
        """What is typed, with the keys behind it, becomes what is seen; the line is thrown away afterwards."""
        self.type(typed, *keys)
        self.see(seen, "completed")
        self.tmux("send-keys", "C-u")
        self.tmux("send-keys", "C-l")


SHELLS = {
    "bash": ("bash --norc --noprofile -i", "PS1='> '; source {}/skafka.bash; echo re''ady"),
    "zsh": ("zsh -f -i", "PS1='> '; fpath=({} $fpath); autoload -Uz compinit; compinit -D -u; echo re''ady"),
    "fish": ("fish --no-config -i", "function fish_prompt; echo '> '; end; source {}/skafka.fish; echo re''ady"),
}


@case(180)
def the_shells_complete_commands_options_and_names_of_the_cluster(t):
    programs = os.path.join(t.directory, "bin")
    os.makedirs(programs)
    open(os.path.join(t.directory, "mine.properties"), "w").close()
    for name in ("skafka", "kafka-log-dirs.sh"):
        os.symlink(executable(), os.path.join(programs, name))
    with Broker(t.directory) as broker:
        for topic in ("orders-of-today", "payments"):
            kcat("-P", "-b", broker.address, "-t", topic, give=b"x\n")
        variables = {"PATH": programs + ":" + os.environ["PATH"]}
        for shell, (command, setup) in SHELLS.items():
            if shutil.which(shell) is None or shutil.which("tmux") is None:
                t.skip(shell, "tmux and the shell are not installed")
                continue
            with t.step(shell), Terminal(t, shell, command, variables) as terminal:
                time.sleep(0.3)
                terminal.run(setup.format(COMPLETIONS), "ready")
                terminal.completes("skafka log-d", "> skafka log-dirs")
                terminal.completes("skafka log-dirs --topic-l", "> skafka log-dirs --topic-list")
                where = f"--bootstrap-server {broker.address}"
                terminal.completes(
                    f"skafka log-dirs {where} --topic-list ord", "--topic-list orders-of-today")
                terminal.completes(f"kafka-log-dirs.sh {where} --topic-list=pay", "--topic-list=payments")
                terminal.completes(f"skafka log-dirs {where} --topic-list payments,ord", "payments,orders-of-today")
                terminal.completes("skafka log-dirs --output json", "jsonl", keys=("Tab", "Tab"))
                terminal.completes(f"skafka storage info --config {t.directory}/mine.p", "mine.properties")
                terminal.completes("skafka log-dirs --bootstrap-server 127.0.0.1:1 --topic-list o", "--topic-list o")
                export = "set -gx SKAFKA_BOOTSTRAP_SERVER" if shell == "fish" else "export SKAFKA_BOOTSTRAP_SERVER="
                terminal.run(f"{export}{' ' if shell == 'fish' else ''}{broker.address}; echo se''t", "set")
                terminal.completes("skafka log-dirs --describe --topic-list pay", "--topic-list payments")


@case(120)
def the_manual_reads_well_at_80_columns(t):
    if shutil.which("man") is None:
        t.skip("man", "man is not installed")
        return
    folder = os.path.join(ROOT, "man")
    environment = {**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8", "MANPAGER": "cat", "MAN_KEEP_FORMATTING": ""}
    for page in sorted(os.listdir(folder)):
        with t.step(page):
            done = subprocess.run(
                ["man", "--warnings=w", "-l", os.path.join(folder, page)], capture_output=True, text=True, timeout=60,
                env=environment)
            assert done.returncode == 0 and done.stderr == "", done.stderr[:500]
            lines = done.stdout.splitlines()
            assert lines[0].split()[0].endswith(f"({page[-1]})"), lines[0]
            long = [line for line in lines if len(line) > 80]
            assert not long, long[:3]
            headings = [line for line in lines if line and line == line.upper() and not line.startswith(" ")]
            wanted = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "COMMANDS", "OUTPUT", "EXIT STATUS", "ENVIRONMENT",
                      "FILES", "EXAMPLES", "SEE ALSO"]
            if page.endswith(".1"):
                order = [heading for heading in headings if heading in wanted]
                assert order == [heading for heading in wanted if heading in order], order
                for heading in ("NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "SEE ALSO"):
                    assert heading in order, (heading, order)
