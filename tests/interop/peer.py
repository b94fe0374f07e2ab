"""The peer in Python: has one conversation with a socket of another binding, and exits with 0 if all went well.

    peer.py ROLE bind|connect ENDPOINT

The roles, and what they send and expect, are those of `conversation.rs`; here they are written a second time, so that
nothing is taken for right because one side believes it. On standard output it says `endpoint ...` once bound,
`synced` once it receives what is published, and `done` at the end; a line on standard input tells a publisher to begin.
"""

import os
import sys
import threading

import zmq

PATIENCE = int(10_000 * float(os.environ.get("ZMQ_TEST_SLOW", "1")))

TOPIC, OTHER_TOPIC, SYNC = b"\0topic\xff", b"\0topic\xfe", b"\0topic\xffsync"
DEALER_ID = b"\x01dealer\0\xc3\xbf"


def pattern(size):
    return (bytes(range(251)) * (size // 251 + 1))[:size]


MESSAGES = [
    [b"Hello"],
    [b""],
    [bytes(range(256))],
    [b"", b"", b""],
    [b"", b"between empty frames", b""],
    # Where frames begin to have a long header, and where they outgrow the receive buffer.
    [pattern(size) for size in (33, 34, 254, 255, 256, 8191, 8192, 8193)],
    [bytes([i]) for i in range(256)],
    [pattern(1 << 20), b"tail"],
]


def answer(message):
    return message[::-1]


def expect(got, wanted):
    if got != wanted:
        shorten = lambda frames: [frame[:40] for frame in frames[:10]]
        sys.exit(f"received {shorten(got)}, not {shorten(wanted)}")


def say(line):
    print(line, flush=True)


def req(socket):
    for message in MESSAGES:
        socket.send_multipart(message)
        expect(socket.recv_multipart(), answer(message))


def rep(socket):
    for message in MESSAGES:
        expect(socket.recv_multipart(), message)
        socket.send_multipart(answer(message))


def router_of_req(socket):
    for message in MESSAGES:
        id, *request = socket.recv_multipart()
        expect(request, [b"", *message])
        socket.send_multipart([id, b"", *answer(message)])


def router_of_dealer(socket):
    """Answers the last request first."""
    for message in MESSAGES:
        expect(socket.recv_multipart(), [DEALER_ID, *message])
    for message in reversed(MESSAGES):
        socket.send_multipart([DEALER_ID, *answer(message)])


def router_of_requester(socket):
    """Answers the last request first. The requests come in any order."""
    requests = [socket.recv_multipart() for _ in MESSAGES]
    for id, number, empty, *message in requests:
        expect([b"%d" % len(number), empty], [b"8", b""])
    expect(sorted(request[3:] for request in requests), sorted(MESSAGES))
    for id, number, empty, *message in reversed(requests):
        socket.send_multipart([id, number, empty, *answer(message)])


def dealer_of_rep(socket):
    for message in MESSAGES:
        socket.send_multipart([b"", *message])
    for message in MESSAGES:
        expect(socket.recv_multipart(), [b"", *answer(message)])


def dealer_of_router(socket):
    for message in MESSAGES:
        socket.send_multipart(message)
    for message in reversed(MESSAGES):
        expect(socket.recv_multipart(), answer(message))


def pub(socket):
    # A publisher cannot tell when its subscriber is there; that one says so.
    begin = threading.Event()
    # On Windows, only sockets can be polled.
    threading.Thread(target=lambda: sys.stdin.readline() and begin.set(), daemon=True).start()
    while not begin.wait(0.002):
        socket.send(SYNC)
    for message in MESSAGES:
        socket.send_multipart([OTHER_TOPIC, *message])
        socket.send_multipart([TOPIC, *message])


def sub(socket):
    socket.subscribe(TOPIC)
    expect(socket.recv_multipart(), [SYNC])
    say("synced")
    for message in MESSAGES:
        while (got := socket.recv_multipart()) == [SYNC]:
            pass
        expect(got, [TOPIC, *message])


def push(socket):
    for message in MESSAGES:
        socket.send_multipart(message)


def pull(socket):
    for message in MESSAGES:
        expect(socket.recv_multipart(), message)


def pair(socket):
    push(socket)
    pull(socket)


ROLES = {
    "req": (zmq.REQ, req),
    "rep": (zmq.REP, rep),
    "router-of-req": (zmq.ROUTER, router_of_req),
    "router-of-dealer": (zmq.ROUTER, router_of_dealer),
    "router-of-requester": (zmq.ROUTER, router_of_requester),
    "dealer-of-rep": (zmq.DEALER, dealer_of_rep),
    "dealer-of-router": (zmq.DEALER, dealer_of_router),
    "pub": (zmq.PUB, pub),
    "sub": (zmq.SUB, sub),
    "push": (zmq.PUSH, push),
    "pull": (zmq.PULL, pull),
    "pair": (zmq.PAIR, pair),
}


def main():
    role, attach, endpoint = sys.argv[1:]
    kind, conversation = ROLES[role]
    with zmq.Context() as context, context.socket(kind) as socket:
        socket.rcvtimeo = socket.sndtimeo = socket.linger = PATIENCE
        if role == "dealer-of-router":
            socket.routing_id = DEALER_ID
        if attach == "bind":
            socket.bind(endpoint)
            say(f"endpoint {socket.last_endpoint.decode()}")
        else:
            socket.connect(endpoint)
        conversation(socket)
        say("done")


if __name__ == "__main__":
    main()
