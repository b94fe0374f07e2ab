"""The programs of the comparison of blocking calls: their names, settings and commands."""

import sys
from pathlib import Path

import peers
from install import PYZMQ, ZEROMQ_JS

HERE = Path(__file__).resolve().parent
ROWS = ("throughput", "latency", "memory", "subscriptions")


class Program:
    """A library with its settings."""

    def __init__(self, name, settings, command, rows=ROWS, environment=None, greeting=peers.ZMTP):
        self.name = name
        self.settings = settings
        self.command = command
        self.rows = rows
        self.environment = environment or {}
        self.greeting = greeting


def perf(folder):
    """Returns the command of the programs for libzmq: its own programs for the throughput, and `end-libzmq` for the other rows."""

    def command(role, port, size, count):
        program = {"pull": "local_thr", "push": "remote_thr"}.get(role)
        if program:
            return [folder / "perf" / program, f"tcp://127.0.0.1:{port}", size, count]
        return [folder / "end-libzmq", role, port, size, count]

    return command


def programs(folder):
    """Returns all programs."""

    def end(*words):
        return lambda *arguments: [*words, *arguments]

    def crate(name):
        return end(folder / "cargo/release" / f"end-{name}")

    python = end(sys.executable, HERE / "pyzmq.py")
    # The environment variable lets the program find the package, because node looks beside the program.
    javascript = {"ZEROMQ_JS": str(folder / "npm")}
    ours = end(folder / "this_crate/release/end-this-crate")
    batches = end(folder / "end-libzmq-batches")
    eager = "async calls on tokio; `push` collects 64 KiB before it sends (coalescing)"
    return [
        Program("zmq (this crate)", "`MessageMut`, `recv_to`", ours),
        Program("libzmq 4.3.5, C", "for the throughput, its programs `local_thr` and `remote_thr`; for the other tables, the loops of the other programs", perf(folder)),
        Program("libzmq 4.3.5, C, batches of 64 KiB", "draft options `ZMQ_IN_BATCH_SIZE` and `ZMQ_OUT_BATCH_SIZE`", batches),
        Program("zmq 0.10.0", "`with_size`, `recv`; libzmq 4.3.4, which it compiles", crate("zmq-0-10")),
        Program("cppzmq 4.9.0", "one `message_t` for all messages; libzmq 4.3.5", end(folder / "end-cppzmq")),
        Program(
            f"pyzmq {PYZMQ}",
            "`copy=False` from 16 KiB; libzmq 4.3.5",
            python,
            environment={"PYTHONPATH": str(folder / "python")},
        ),
        Program(f"zeromq.js {ZEROMQ_JS}", "async calls; libzmq 4.3.5", end("node", HERE / "zeromq.mjs"), environment=javascript),
        Program("nng 1.5.2", "its own protocol; `nng_sendmsg`, `nng_recvmsg`", end(folder / "end-nng"), greeting=peers.SP),
        Program("zmq.rs 0.7.0", "async calls on tokio, `current_thread`", crate("zmq-rs")),
        Program("rzmq 0.5.28", "async calls on tokio, multi-thread", crate("rzmq")),
        Program("omq-tokio 0.33.0", "blocking calls, `recv_many_into`", crate("omq")),
        Program("monocoque-rs 0.4.2", eager, crate("monocoque")),
    ]
