"""Measures pyzmq with asyncio. The arguments and the output are the same as for the other programs.

This program has no settings. Its two sides are processes, because only one thread of a Python process runs at a time.
"""

import asyncio
import multiprocessing
import sys
import time

import zmq
import zmq.asyncio

measurement, size, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
payload = bytes(size)


def socket(kind):
    """Returns an async socket with the high-water mark of the other programs."""
    made = zmq.asyncio.Context.instance().socket(kind)
    made.set_hwm(1000)
    return made


async def answer(endpoint):
    """Returns each request to its sender, or sends messages."""
    if measurement == "latency":
        with socket(zmq.REP) as responder:
            responder.connect(endpoint)
            for _ in range(count + 1):
                await responder.send(await responder.recv())
    else:
        with socket(zmq.PUSH) as sender:
            sender.connect(endpoint)
            for _ in range(count):
                await sender.send(payload)


def run_other_end(endpoint):
    """Runs the other side, in the other process."""
    asyncio.run(answer(endpoint))


async def measure():
    """Sends requests or receives messages, and prints the result."""
    with socket(zmq.REQ if measurement == "latency" else zmq.PULL) as measuring:
        port = measuring.bind_to_random_port("tcp://127.0.0.1")
        other = multiprocessing.get_context("spawn").Process(target=run_other_end, args=[f"tcp://127.0.0.1:{port}"])
        other.start()
        if measurement == "latency":
            await measuring.send(payload)
        await measuring.recv()
        start = time.perf_counter()
        for _ in range(count if measurement == "latency" else count - 1):
            if measurement == "latency":
                await measuring.send(payload)
            await measuring.recv()
        seconds = time.perf_counter() - start
        other.join()
    if measurement == "latency":
        print(f"average latency: {seconds * 1e6 / (count * 2):.3f} [us]")
    else:
        print(f"mean throughput: {count / seconds:.0f} [msg/s]")


if __name__ == "__main__":
    asyncio.run(measure())
