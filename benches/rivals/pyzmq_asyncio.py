"""pyzmq with asyncio, with the arguments and the output of the other programs.

It has no settings. Its two ends are processes, because threads of Python take turns.
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
    """An async socket with the high-water mark of the other programs."""
    made = zmq.asyncio.Context.instance().socket(kind)
    made.set_hwm(1000)
    return made


async def answer(endpoint):
    """Sends back what comes, or sends."""
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
    """Runs in the other process."""
    asyncio.run(answer(endpoint))


async def measure():
    """Asks, or receives."""
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
