"""The peer in Python for conversations that are encrypted or authenticated: pyzmq's sockets, authenticator and certificates.

    security.py ROLE bind|connect ENDPOINT

The certificates are in the directory that ZMQ_TEST_KEYS names. What is printed is as with `peer.py`.
"""

import asyncio
import os
import sys
from pathlib import Path

import zmq
import zmq.auth
from zmq.auth.thread import ThreadAuthenticator

if sys.platform == "win32":
    # The event loop that is usual there cannot wait for the sockets of the authenticator.
    asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())

PATIENCE = int(10_000 * float(os.environ.get("ZMQ_TEST_SLOW", "1")))
MOMENT = 300
KEYS = Path(os.environ["ZMQ_TEST_KEYS"])


def say(line):
    print(line, flush=True)


def expect(got, wanted):
    if got != wanted:
        sys.exit(f"received {got!r}, not {wanted!r}")


def answer(socket):
    expect(socket.recv(), b"Hello")
    socket.send(b"World")


def ask(socket):
    socket.send(b"Hello")
    expect(socket.recv(), b"World")


def hear_nothing(socket):
    expect(socket.poll(MOMENT), 0)


def ask_in_vain(socket):
    socket.send(b"Hello", zmq.DONTWAIT)
    hear_nothing(socket)


def curve_server(socket):
    socket.curve_publickey, socket.curve_secretkey = zmq.auth.load_certificate(KEYS / "theirs.key_secret")
    socket.curve_server = True


def curve_client(socket):
    """Its certificate lies where the server looks for those of its clients."""
    zmq.auth.create_certificates(KEYS / "clients", "pyzmq", metadata={"name": "pyzmq"})
    use_curve(socket, KEYS / "clients" / "pyzmq.key_secret")


def curve_stranger(socket):
    zmq.auth.create_certificates(KEYS, "stranger")
    use_curve(socket, KEYS / "stranger.key_secret")


def use_curve(socket, certificate):
    socket.curve_publickey, socket.curve_secretkey = zmq.auth.load_certificate(certificate)
    socket.curve_serverkey, nothing = zmq.auth.load_certificate(KEYS / "ours.key")
    expect(nothing, None)


def plain_server(socket):
    socket.plain_server = True


def plain_client(socket):
    socket.plain_username, socket.plain_password = b"admin", b"secret"


def plain_stranger(socket):
    socket.plain_username, socket.plain_password = b"admin", b"guess"


ROLES = {
    "curve-server": (zmq.REP, curve_server, answer),
    "curve-server-of-stranger": (zmq.REP, curve_server, hear_nothing),
    "curve-client": (zmq.REQ, curve_client, ask),
    "curve-stranger": (zmq.REQ, curve_stranger, ask_in_vain),
    "plain-server": (zmq.REP, plain_server, answer),
    "plain-server-of-stranger": (zmq.REP, plain_server, hear_nothing),
    "plain-client": (zmq.REQ, plain_client, ask),
    "plain-stranger": (zmq.REQ, plain_stranger, ask_in_vain),
}


def main():
    role, attach, endpoint = sys.argv[1:]
    kind, prepare, conversation = ROLES[role]
    with zmq.Context() as context:
        authenticator = ThreadAuthenticator(context)
        authenticator.start()
        authenticator.allow("127.0.0.1")
        authenticator.configure_plain(domain="*", passwords={"admin": "secret"})
        authenticator.configure_curve(domain="*", location=KEYS / "clients")
        with context.socket(kind) as socket:
            socket.rcvtimeo = socket.sndtimeo = PATIENCE
            socket.linger = 0 if "stranger" in role else PATIENCE
            prepare(socket)
            if attach == "bind":
                socket.bind(endpoint)
                say(f"endpoint {socket.last_endpoint.decode()}")
            else:
                socket.connect(endpoint)
            conversation(socket)
        authenticator.stop()
    say("done")


main()
