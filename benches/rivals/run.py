#!/usr/bin/env python3
"""Compares async sockets of this crate with other ZeroMQ libraries, over tcp on one machine.

    benches/rivals/run.py                        all programs; takes about three minutes after the compilation
    benches/rivals/run.py --rows 'tmq|zmq, '     the programs whose names match this regular expression
    benches/rivals/run.py --rounds 11            runs of each program; default 5
    benches/rivals/run.py --milliseconds 300     approximate length of a run; default 500
    benches/rivals/run.py --no-build             does not compile the programs first
    benches/rivals/run.py blocking --help        compares blocking sockets instead

pyzmq is measured if this Python has it: `pip install pyzmq`. If a program fails, the table contains the first line of its error output.

Each program measures itself: messages of 64 bytes from PUSH to PULL, and half a round trip of 1 byte between REQ and REP. Both sides are
in one process, each with its own thread and runtime. The sides of rzmq share a runtime, and the sides of pyzmq are two processes. The
high-water mark is 1000 on both sides if the library has one. Linger does not affect the result, because the receiver measures. The
programs take turns, so that other work of the machine affects all of them. The tables show medians, with the least and the most in
parentheses. CPU is the processor time of all threads, including the start and the end of the process.
"""

import argparse
import importlib
import importlib.util
import os
import re
import resource
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LIMIT = 120
SIZES = {"throughput": "64", "latency": "1"}
UNITS = {"throughput": "thousand messages/s", "latency": "µs, one way"}


class Program:
    """A program and its settings."""

    def __init__(self, name, command, measurements=("throughput", "latency")):
        self.name = name
        self.command = command
        self.measurements = measurements
        self.counts = {}
        self.figures = {measurement: [] for measurement in measurements}
        self.processor = {measurement: [] for measurement in measurements}
        self.failures = {}

    def run(self, measurement, count):
        """Runs the program. Returns the figure and the processor time, or None if the program failed."""
        command = self.command(measurement, SIZES[measurement], str(count))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
        except (OSError, subprocess.TimeoutExpired) as error:
            self.failures[measurement] = str(error)
            return None
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found = re.search(r"^(?:mean throughput|average latency): ([\d.]+) \[(?:msg/s|us)\]", done.stdout, re.M)
        if not found:
            lines = (done.stderr or done.stdout).strip().splitlines() or [f"exit code {done.returncode}"]
            self.failures[measurement] = lines[0]
            return None
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return float(found[1]), used * 1e9 / count

    def calibrate(self, measurement, seconds):
        """Sets the number of messages that take about `seconds`."""
        count = 20_000 if measurement == "throughput" else 2_000
        measured = self.run(measurement, count)
        if measured:
            rate = measured[0] if measurement == "throughput" else 1e6 / (2 * measured[0])
            self.counts[measurement] = max(int(rate * seconds), 100)

    def measure(self, measurement):
        """Runs the program and stores its results."""
        if measurement not in self.counts or measurement in self.failures:
            return
        measured = self.run(measurement, self.counts[measurement])
        if measured:
            self.figures[measurement].append(measured[0])
            self.processor[measurement].append(measured[1])

    def row(self, measurement, ours):
        """Returns a row of the table."""
        figures = self.figures[measurement]
        if not figures or measurement in self.failures:
            return f"| {self.name} | failed: {self.failures.get(measurement)} | | |"
        scale = 1000 if measurement == "throughput" else 1
        median, least, most = (f(figures) / scale for f in (statistics.median, min, max))
        ratio = f"{statistics.median(figures) / ours:.2f}" if ours else ""
        cpu = statistics.median(self.processor[measurement])
        return f"| {self.name} | {median:.1f} ({least:.1f} to {most:.1f}) | {ratio} | {cpu:.0f} |"


def target(folder):
    """Returns the folder of the programs that cargo compiles for the workspace in `folder`."""
    return Path(os.environ.get("CARGO_TARGET_DIR", folder / "target")) / "release"


def programs():
    """Yields all programs."""

    def example(driver):
        def command(measurement, size, count):
            name = "async_thr" if measurement == "throughput" else "async_lat"
            return [target(ROOT) / "examples" / name, driver, size, count]

        return command

    def rival(name, settings):
        return lambda *arguments: [
            target(HERE) / f"rival-{name}", arguments[0], settings, *arguments[1:]
        ]

    yield Program("zmq, blocking", example("blocking"))
    yield Program("zmq, tokio, `current_thread`", example("tokio"))
    yield Program("zmq, tokio, multi-thread", example("tokio-mt"))
    yield Program("zmq, smol", example("smol"))
    yield Program("tmq 0.5.0", rival("tmq", "plain"))
    yield Program("tmq 0.5.0, `buffered`", rival("tmq", "buffered"), ("throughput",))
    yield Program("async_zmq 0.4.0", rival("async-zmq", "none"))
    yield Program("zmq.rs 0.7.0, `current_thread`", rival("zmq-rs", "current-thread"))
    yield Program("zmq.rs 0.7.0, multi-thread", rival("zmq-rs", "multi-thread"))
    yield Program("rzmq 0.5.28, `current_thread`", rival("rzmq", "current-thread"))
    yield Program("rzmq 0.5.28, multi-thread", rival("rzmq", "multi-thread"))
    yield Program("rzmq 0.5.28, multi-thread, `TCP_CORK`", rival("rzmq", "multi-thread+cork"))
    yield Program("rzmq 0.5.28, multi-thread, io_uring", rival("rzmq", "multi-thread+io-uring"))
    yield Program("omq-tokio 0.33.0", rival("omq", "plain"))
    yield Program("omq-tokio 0.33.0, `recv_many_into`", rival("omq", "batch"), ("throughput",))
    yield Program("monocoque-rs 0.4.2, tokio", rival("monocoque", "eager"))
    yield Program("monocoque-rs 0.4.2, tokio, coalescing", rival("monocoque", "coalescing"), ("throughput",))
    coalescing = "monocoque-rs 0.4.2, tokio, coalescing, `recv_batch`"
    yield Program(coalescing, rival("monocoque", "coalescing+batch"), ("throughput",))
    if importlib.util.find_spec("zmq"):
        version = subprocess.check_output([sys.executable, "-c", "import zmq; print(zmq.__version__)"], text=True)
        python = [sys.executable, HERE / "pyzmq_asyncio.py"]
        yield Program(f"pyzmq {version.strip()}, asyncio", lambda *arguments: [*python, *arguments])


def main():
    if sys.argv[1:2] == ["blocking"]:
        sys.path.insert(0, str(HERE / "blocking"))
        measure = importlib.import_module("measure")
        measure.main(sys.argv[2:])
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", default="")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--milliseconds", type=int, default=500)
    parser.add_argument("--no-build", action="store_true")
    arguments = parser.parse_args()
    if not arguments.no_build:
        examples = ["--example", "async_thr", "--example", "async_lat"]
        cargo = ["cargo", "build", "--release"]
        subprocess.run([*cargo, "--features", "smol,tokio", *examples], cwd=ROOT, check=True)
        subprocess.run([*cargo, "--workspace", "--keep-going"], cwd=HERE, check=False)
    chosen = [program for program in programs() if re.search(arguments.rows, program.name)]
    for measurement in SIZES:
        taking_part = [program for program in chosen if measurement in program.measurements]
        for program in taking_part:
            program.calibrate(measurement, arguments.milliseconds / 1000)
        for number in range(arguments.rounds):
            for program in taking_part if number % 2 == 0 else reversed(taking_part):
                program.measure(measurement)
        tokio = next((program for program in taking_part if program.name.startswith("zmq, tokio")), None)
        ours = tokio and tokio.figures[measurement] and statistics.median(tokio.figures[measurement])
        print(f"\n| {measurement} | {UNITS[measurement]} | ratio to zmq, tokio | CPU, ns |\n|---|---|---|---|")
        for program in taking_part:
            print(program.row(measurement, ours))
    print(f"\nMedians of {arguments.rounds} runs. Load averages at the end: {os.getloadavg()}.")


if __name__ == "__main__":
    main()
