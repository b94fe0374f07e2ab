"""One end of a connection of pyzmq, with its blocking calls. The crate `ends` describes the arguments and the roles.

The calls get and return `bytes`, which pyzmq copies. For large messages, `copy=False` is faster: it is used from 16 KiB.
"""

import os
import struct
import sys
import threading
import time

import zmq

HIGH_WATER_MARK = 1000
WARM_UP = 200
FIRST_PREFIX = b"a"
PUBLISHED = 99_999
PAUSE = 500e-6

role, port, size, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
endpoint = f"tcp://127.0.0.1:{port}"
copies = size < 16_384
now = time.monotonic_ns


def socket(kind):
    """Returns a socket with the high-water mark of the other programs."""
    made = zmq.Context.instance().socket(kind)
    made.set_hwm(HIGH_WATER_MARK)
    return made


def end_with_input():
    """Ends the process when its standard input ends."""
    os.read(0, 1)
    os._exit(0)


def finish(line):
    """Prints the result, and ends the process."""
    print(line, flush=True)
    os._exit(0)


def report_latencies(nanoseconds):
    """Prints percentiles."""
    nanoseconds.sort()
    figures = [nanoseconds[min(int(len(nanoseconds) * share), len(nanoseconds) - 1)] / 1000 for share in (0.5, 0.99, 0.999)]
    finish("percentiles: {:.3f} {:.3f} {:.3f} [us]".format(*figures))


def prefix(number):
    """Returns the prefix with this number."""
    return b"t%08d" % number


def pull():
    """Receives messages."""
    receiver = socket(zmq.PULL)
    receiver.bind(endpoint)
    recv = receiver.recv
    recv(copy=copies)
    first = now()
    for _ in range(count - 1):
        recv(copy=copies)
    finish(f"mean throughput: {count * 1e9 / (now() - first):.0f} [msg/s]")


def push():
    """Sends messages."""
    sender = socket(zmq.PUSH)
    sender.connect(endpoint)
    send, message = sender.send, bytes(size)
    for _ in range(count):
        send(message, copy=copies)
    threading.Event().wait()


def rep():
    """Returns each message to its sender."""
    responder = socket(zmq.REP)
    responder.bind(endpoint)
    while True:
        responder.send(responder.recv())


def req():
    """Measures round trips."""
    requester = socket(zmq.REQ)
    requester.connect(endpoint)
    latencies, message = [], bytes(size)
    for number in range(WARM_UP + count):
        start = now()
        requester.send(message)
        requester.recv()
        if number >= WARM_UP:
            latencies.append(now() - start)
    report_latencies(latencies)


def pub():
    """Publishes messages that match the first and the last subscription."""
    publisher = socket(zmq.PUB)
    publisher.bind(endpoint)
    while True:
        for topic in (FIRST_PREFIX, prefix(PUBLISHED)):
            publisher.send(topic + struct.pack("=Q", now()))
            time.sleep(PAUSE)


def sub():
    """Subscribes, and measures the messages that match."""
    subscriber = socket(zmq.SUB)
    subscriber.set(zmq.SNDHWM, 0)  # libzmq as released drops subscriptions beyond this mark
    subscriber.subscribe(FIRST_PREFIX)
    subscriber.connect(endpoint)
    subscriber.recv()
    print("connected", flush=True)
    sys.stdin.readline()
    start, resumed, latencies = now(), None, []
    for number in range(PUBLISHED + 1 - size, PUBLISHED + 1):
        subscriber.subscribe(prefix(number))
    while len(latencies) < count:
        message = subscriber.recv()
        if message.startswith(FIRST_PREFIX):
            continue
        received = now()
        if resumed is None:
            print(f"subscribed: {(received - start) / 1e9:.6f} [s]", flush=True)
            sys.stdin.readline()
            resumed = now()
        elif (sent := struct.unpack("=Q", message[-8:])[0]) > resumed:
            latencies.append(received - sent)
    report_latencies(latencies)


if role != "sub":
    threading.Thread(target=end_with_input, daemon=True).start()
{"pull": pull, "idle": pull, "push": push, "rep": rep, "req": req, "pub": pub, "sub": sub}[role]()
