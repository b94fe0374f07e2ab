"""Peers of a PULL socket that connect, complete the handshake, and then stay idle. They are plain TCP connections in one process."""

import resource
import selectors
import socket
import struct
import time

# The greeting of ZMTP 3.0 with the mechanism NULL, and the command READY of a PUSH socket.
GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
PROPERTIES = b"\x05READY\x0bSocket-Type" + struct.pack(">I", 4) + b"PUSH"
ZMTP = GREETING + b"\x04" + bytes([len(PROPERTIES)]) + PROPERTIES
# The greeting of nng's protocol with the number of the socket type PUSH.
SP = b"\0SP\0\0\x50\0\0"
GREETING_LENGTH = 64
LIMIT = 25
# libzmq keeps at most 100 connections that it has not accepted.
AT_ONCE = 50


def is_complete(received, greeting):
    """Returns whether the other side has completed its part of the handshake."""
    if greeting == SP:
        return len(received) >= 8
    # The greeting, and then the command READY: flags, length and body.
    return len(received) > GREETING_LENGTH + 1 and len(received) >= GREETING_LENGTH + 2 + received[GREETING_LENGTH + 1]


def most():
    """Returns how many peers the limit of open files allows, in this process and in the one that is measured."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return min(10_000, hard - 100)


def connect(port, count, greeting):
    """Returns connections after their handshake."""
    connections, deadline = [], time.monotonic() + LIMIT
    with selectors.DefaultSelector() as selector:
        while len(connections) < count:
            waiting = min(AT_ONCE, count - len(connections))
            for _ in range(waiting):
                connection = socket.create_connection(("127.0.0.1", port), timeout=LIMIT)
                connections.append(connection)
                connection.sendall(greeting[:GREETING_LENGTH])
                connection.setblocking(False)
                selector.register(connection, selectors.EVENT_READ, bytearray())
            while waiting:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{len(connections) - waiting} of {count} peers are connected after {LIMIT} s")
                for key, _ in selector.select(1):
                    received = key.fileobj.recv(4096)
                    if not received:
                        raise ConnectionError(f"peer {len(connections)} was disconnected")
                    # Some libraries accept the command READY only after their own greeting.
                    if len(key.data) < GREETING_LENGTH <= len(key.data) + len(received) and greeting == ZMTP:
                        key.fileobj.sendall(greeting[GREETING_LENGTH:])
                    key.data.extend(received)
                    if is_complete(key.data, greeting):
                        selector.unregister(key.fileobj)
                        waiting -= 1
    return connections


def close(connections):
    """Closes connections, and requires that the other side has closed none of them. Leaves no connection in the state TIME_WAIT."""
    closed = 0
    # A library may end when the first connection breaks, so check all before closing any.
    for connection in connections:
        try:
            closed += connection.recv(4096) == b""
        except BlockingIOError:
            pass
        except OSError:
            closed += 1
    for connection in connections:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    if closed:
        raise ConnectionError(f"{closed} of {len(connections)} idle peers were disconnected")
