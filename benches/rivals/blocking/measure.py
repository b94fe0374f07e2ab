"""Compares blocking sockets of this crate with other ZeroMQ libraries and nng, over tcp on one machine.

    benches/rivals/run.py blocking                  installs and measures everything; measuring takes about seven minutes
    benches/rivals/run.py blocking --install        only installs and compiles
    benches/rivals/run.py blocking --no-install     does not install anything
    benches/rivals/run.py blocking --folder F       installs into the folder F; default target/rivals
    benches/rivals/run.py blocking --rows throughput,memory  only these rows; the others are latency and subscriptions
    benches/rivals/run.py blocking --programs 'zmq|nng'  only the programs whose names match this regular expression
    benches/rivals/run.py blocking --rounds N       runs of each program; default 6
    benches/rivals/run.py blocking --milliseconds N approximate length of a run in milliseconds; default 150
    benches/rivals/run.py blocking --limit N        the most seconds that a run may take; default 15. A busy machine needs more

Each end of a connection is a process of its own. The programs take turns, so that other work of the machine affects all of them.
The script writes the figures to blocking.json in the folder, and `tables.py` makes tables from them.
"""

import argparse
import json
import os
import platform
import re
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import peers
import tables
from install import install
from programs import ROWS, programs

ROOT = Path(__file__).resolve().parents[3]
SIZES = [16, 64, 256, 1024, 4096, 16_384, 65_536]
ROUND_TRIPS = [1, 1024]
SUBSCRIPTIONS = 100_000
SUBSCRIBED_MESSAGES = 100
# The most seconds that a run may take. `--limit` changes it.
LIMIT = 15
# A program that needs more seconds for a run is not run again in the same row.
SLOW = 4
# The number of peers for a program that does not accept as many as the others.
FEWER_PEERS = 1000
# The memory of peers hardly varies, so this many runs are enough.
MEMORY_ROUNDS = 3


class Failure(Exception):
    """A program that failed."""


def free_port():
    """Returns a free port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def listens(port):
    """Returns whether a process listens on the port."""
    text = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    return re.search(rf":{port:04X} [0-9A-F:]+ 0A ", text) is not None


class Process:
    """A process of a program."""

    def __init__(self, program, role, port, size, count):
        self.output = tempfile.TemporaryFile("w+")
        self.errors = tempfile.TemporaryFile("w+")
        self.role = role
        command = [str(word) for word in program.command(role, port, size, count)]
        environment = {**os.environ, **program.environment}
        output = subprocess.PIPE if role == "sub" else self.output
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=self.errors, text=True, env=environment)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """Ends the process."""
        try:
            self.child.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self.child.wait(2)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        for file in (self.output, self.errors, self.child.stdout):
            if file:
                file.close()

    def fail(self, what):
        """Raises an error with the first line of the process's error output."""
        self.errors.seek(0)
        lines = [line for line in self.errors.read().splitlines() if line.strip()]
        raise Failure(f"{self.role}: {lines[0] if lines else what}")

    def wait_until_listening(self, port):
        """Waits until the process has bound its socket."""
        deadline = time.monotonic() + LIMIT
        while not listens(port):
            if self.child.poll() is not None or time.monotonic() > deadline:
                self.fail("does not listen")
            time.sleep(0.002)

    def wait_for_result(self, pattern, other):
        """Waits for the end of this process, and returns the numbers that it printed."""
        deadline = time.monotonic() + LIMIT
        while True:
            try:
                self.child.wait(0.5)
                break
            except subprocess.TimeoutExpired:
                if other.child.poll() not in (None, 0):
                    other.fail(f"exit code {other.child.returncode}")
                if time.monotonic() > deadline:
                    self.fail(f"no result after {LIMIT} s")
        self.output.seek(0)
        found = re.search(pattern, self.output.read(), re.M)
        if not found:
            self.fail(f"exit code {self.child.returncode}")
        return [float(number) for number in found.groups()]

    def ask(self, pattern):
        """Waits for a line of the output, and returns the numbers in it."""
        line = self.child.stdout.readline()
        found = re.match(pattern, line)
        if not found:
            self.fail(line.strip() or "no output")
        return [float(number) for number in found.groups()]

    def go_on(self):
        """Sends the line for which the process waits."""
        self.child.stdin.write("\n")
        self.child.stdin.flush()

    def memory(self):
        """Returns the resident memory in bytes."""
        text = Path(f"/proc/{self.child.pid}/smaps_rollup").read_text()
        return int(re.search(r"^Rss:\s+(\d+)", text, re.M)[1]) * 1024


def processor_time():
    """Returns the processor time of all processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def throughput(program, size, count):
    """Returns messages per second, and the processor time of both processes."""
    before, port = processor_time(), free_port()
    with Process(program, "pull", port, size, count) as receiver:
        receiver.wait_until_listening(port)
        with Process(program, "push", port, size, count) as sender:
            rate, = receiver.wait_for_result(r"^mean throughput: ([\d.]+) \[msg/s\]", sender)
    return rate, processor_time() - before


def latency(program, size, count):
    """Returns percentiles of round trips, in microseconds."""
    port = free_port()
    with Process(program, "rep", port, size, count) as responder:
        responder.wait_until_listening(port)
        with Process(program, "req", port, size, count) as requester:
            return requester.wait_for_result(r"^percentiles: ([\d.]+) ([\d.]+) ([\d.]+) \[us\]", responder)


def memory(program, count):
    """Returns the bytes of each idle peer."""
    port, connections = free_port(), []
    with Process(program, "idle", port, 1, 2) as receiver:
        receiver.wait_until_listening(port)
        try:
            connections += peers.connect(port, peers.AT_ONCE, program.greeting)
            time.sleep(0.1)
            before = receiver.memory()
            connections += peers.connect(port, count - len(connections), program.greeting)
            time.sleep(0.3)
            after = receiver.memory()
        except OSError as error:
            receiver.fail(str(error))
        peers.close(connections)
    return (after - before) / (count - peers.AT_ONCE)


def subscriptions(program):
    """Returns the seconds until all subscriptions work, the bytes of each in both processes, and the time of a message in µs."""
    port = free_port()
    with Process(program, "pub", port, 0, 0) as publisher:
        publisher.wait_until_listening(port)
        with Process(program, "sub", port, SUBSCRIPTIONS, SUBSCRIBED_MESSAGES) as subscriber:
            killer = threading.Timer(LIMIT, subscriber.child.kill)
            killer.start()
            try:
                subscriber.ask("connected")
                before = publisher.memory() + subscriber.memory()
                subscriber.go_on()
                seconds, = subscriber.ask(r"subscribed: ([\d.]+) \[s\]")
                after = publisher.memory() + subscriber.memory()
                subscriber.go_on()
                median = subscriber.ask(r"percentiles: ([\d.]+) ")[0]
            except Failure as failure:
                raise failure if killer.is_alive() else Failure(f"not finished after {LIMIT} s") from None
            finally:
                killer.cancel()
    return seconds, (after - before) / SUBSCRIPTIONS, median


class Measurements:
    """The figures of all programs."""

    def __init__(self, chosen, arguments):
        self.chosen = chosen
        self.rounds = arguments.rounds
        self.seconds = arguments.milliseconds / 1000
        self.figures = {}
        self.failures = {}
        self.slow = {}
        self.fewer_peers = {}

    def take(self, row, program, measurement, *arguments):
        """Measures once. Stores the first failure, after which the program does not take part in the row."""
        if program.name in self.failures.get(row, {}) or program.name in self.slow.get(row, []):
            return None
        try:
            return measurement(program, *arguments)
        except (Failure, OSError) as error:
            print(f"{row}: {program.name} failed: {error}", file=sys.stderr)
            self.failures.setdefault(row, {})[program.name] = str(error)
            return None

    def alternate(self, row, kind, measurement, rounds=None):
        """Runs all programs in turn. `measurement` takes a program."""
        start = time.monotonic()
        taking_part = [program for program in self.chosen if kind in program.rows]
        for number in range(min(self.rounds, rounds or self.rounds)):
            for program in taking_part if number % 2 == 0 else reversed(taking_part):
                before = time.monotonic()
                measured = self.take(row, program, measurement)
                if measured is not None:
                    if time.monotonic() - before > SLOW and self.rounds > 1:
                        self.slow.setdefault(row, []).append(program.name)
                    self.figures.setdefault(row, {}).setdefault(program.name, []).append(measured)
        print(f"{row}: {time.monotonic() - start:.0f} s", file=sys.stderr)

    def throughput(self):
        """Measures the throughput of all sizes, and the processor time without the start of the processes."""
        start = {}
        for program in self.chosen:
            short = [self.take("start", program, throughput, 16, 10) for _ in range(3)]
            start[program.name] = statistics.median(run[1] if run else 0 for run in short)
        for size in SIZES:
            row, counts = f"throughput {size}", {}
            for program in self.chosen:
                measured = self.take(row, program, throughput, size, 20_000 if size < 4096 else 4_000)
                if measured:
                    counts[program.name] = min(max(int(measured[0] * self.seconds), 4_000), 10_000_000)

            def measure(program):
                count = counts[program.name]
                rate, used = throughput(program, size, count)
                return rate, max(used - start[program.name], 0) * 1e6 / count

            self.alternate(row, "throughput", measure)

    def latency(self):
        """Measures round trips."""
        for size in ROUND_TRIPS:
            row, counts = f"latency {size}", {}
            for program in self.chosen:
                measured = self.take(row, program, latency, size, 200)
                if measured:
                    counts[program.name] = max(int(self.seconds * 2e6 / measured[0]), 2_000)
            self.alternate(row, "latency", lambda program: latency(program, size, counts[program.name]))

    def memory(self):
        """Measures the memory of idle peers."""
        count = peers.most()
        self.figures["peers"] = count

        def measure(program):
            if program.name not in self.fewer_peers:
                try:
                    return memory(program, count)
                except (Failure, OSError) as error:
                    self.fewer_peers[program.name] = f"measured with {FEWER_PEERS:,} peers, because {count:,} peers failed with the error '{error}'"
            return memory(program, min(count, FEWER_PEERS))

        self.alternate("memory", "memory", measure, MEMORY_ROUNDS)

    def subscriptions(self):
        """Measures many subscriptions."""
        self.alternate("subscriptions", "subscriptions", subscriptions)


def main(words):
    global LIMIT
    parser = argparse.ArgumentParser(prog="run.py blocking", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=ROOT / "target/rivals")
    parser.add_argument("--rows", default=",".join(ROWS))
    parser.add_argument("--programs", default="")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--milliseconds", type=int, default=150)
    parser.add_argument("--limit", type=int, default=LIMIT)
    parser.add_argument("--install", action="store_true")
    parser.add_argument("--no-install", action="store_true")
    arguments = parser.parse_args(words)
    LIMIT = arguments.limit
    folder = arguments.folder.resolve()
    if not arguments.no_install:
        install(folder)
    if arguments.install:
        return
    rows = arguments.rows.split(",")
    if unknown := set(rows) - set(ROWS):
        parser.error(f"no row is called {', '.join(unknown)}; the rows are {', '.join(ROWS)}")
    chosen = [program for program in programs(folder) if re.search(arguments.programs, program.name)]
    measurements, start = Measurements(chosen, arguments), time.monotonic()
    for row in ROWS:
        if row in rows:
            getattr(measurements, row)()
    result = {
        "programs": [[program.name, program.settings] for program in chosen],
        "rounds": arguments.rounds,
        "machine": f"{os.cpu_count()} processors, {platform.system()} {platform.machine()}",
        "load": os.getloadavg(),
        "figures": measurements.figures,
        "failures": measurements.failures,
        "slow": measurements.slow,
        "fewer peers": measurements.fewer_peers,
    }
    (folder / "blocking.json").write_text(json.dumps(result, indent=1))
    print(f"{time.monotonic() - start:.0f} s; the load averages are {os.getloadavg()}", file=sys.stderr)
    print(tables.tables(result))
