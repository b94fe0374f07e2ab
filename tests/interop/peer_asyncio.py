"""The peer in Python with the async sockets of pyzmq; see peer.py for what it does, and how it is talked to.

    peer_asyncio.py ROLE bind|connect ENDPOINT
"""

import asyncio
import select
import sys

# No compiled module is left behind next to the tests.
sys.dont_write_bytecode = True

import zmq
import zmq.asyncio

from peer import DEALER_ID, MESSAGES, OTHER_TOPIC, PATIENCE, SYNC, TOPIC, answer, expect, say


async def req(socket):
    for message in MESSAGES:
        await socket.send_multipart(message)
        expect(await socket.recv_multipart(), answer(message))


async def rep(socket):
    for message in MESSAGES:
        expect(await socket.recv_multipart(), message)
        await socket.send_multipart(answer(message))


async def router_of_dealer(socket):
    """Answers the last request first."""
    for message in MESSAGES:
        expect(await socket.recv_multipart(), [DEALER_ID, *message])
    for message in reversed(MESSAGES):
        await socket.send_multipart([DEALER_ID, *answer(message)])


async def dealer_of_router(socket):
    for message in MESSAGES:
        await socket.send_multipart(message)
    for message in reversed(MESSAGES):
        expect(await socket.recv_multipart(), answer(message))


async def pub(socket):
    # The subscriber says when it is there.
    while not select.select([sys.stdin], [], [], 0)[0]:
        await socket.send(SYNC)
        await asyncio.sleep(0.002)
    for message in MESSAGES:
        await socket.send_multipart([OTHER_TOPIC, *message])
        await socket.send_multipart([TOPIC, *message])


async def sub(socket):
    socket.subscribe(TOPIC)
    expect(await socket.recv_multipart(), [SYNC])
    say("synced")
    for message in MESSAGES:
        while (got := await socket.recv_multipart()) == [SYNC]:
            pass
        expect(got, [TOPIC, *message])


ROLES = {
    "req": (zmq.REQ, req),
    "rep": (zmq.REP, rep),
    "router-of-dealer": (zmq.ROUTER, router_of_dealer),
    "dealer-of-router": (zmq.DEALER, dealer_of_router),
    "pub": (zmq.PUB, pub),
    "sub": (zmq.SUB, sub),
}


async def main():
    role, attach, endpoint = sys.argv[1:]
    kind, conversation = ROLES[role]
    with zmq.asyncio.Context() as context, context.socket(kind) as socket:
        socket.linger = PATIENCE
        if role == "dealer-of-router":
            socket.routing_id = DEALER_ID
        if attach == "bind":
            socket.bind(endpoint)
            say(f"endpoint {socket.last_endpoint.decode()}")
        else:
            socket.connect(endpoint)
        await asyncio.wait_for(conversation(socket), PATIENCE / 1000)
        say("done")


asyncio.run(main())
