//! Options of sockets that the system refuses, and closing: a call fails, or a connection ends, and nothing else.
//! And what Windows answers with.

use super::{Fix, once};

/// Several descriptors are closed like this. Some systems report there that the peer is gone.
const CLOSED: &str = "errno_assert (rc == 0 || errno != EBADF);\n";

/// Tcp and ws listeners.
const REUSE: &str = "    wsa_assert (rc != SOCKET_ERROR);
#elif defined ZMQ_HAVE_VXWORKS
    rc =
      setsockopt (_s, SOL_SOCKET, SO_REUSEADDR, (char *) &flag, sizeof (int));
    errno_assert (rc == 0);
#else
    rc = setsockopt (_s, SOL_SOCKET, SO_REUSEADDR, &flag, sizeof (int));
    errno_assert (rc == 0);
#endif
";

const REUSE_IF_POSSIBLE: &str = "    if (rc == SOCKET_ERROR) {
        errno = wsa_error_to_errno (WSAGetLastError ());
        goto error;
    }
#else
#if defined ZMQ_HAVE_VXWORKS
    rc =
      setsockopt (_s, SOL_SOCKET, SO_REUSEADDR, (char *) &flag, sizeof (int));
#else
    rc = setsockopt (_s, SOL_SOCKET, SO_REUSEADDR, &flag, sizeof (int));
#endif
    if (rc != 0)
        goto error;
#endif
";

/// Tcp, ws and ipc listeners.
const ACCEPTED: &str = "        wsa_assert (last_error == WSAEWOULDBLOCK || last_error == WSAECONNRESET
                    || last_error == WSAEMFILE || last_error == WSAENOBUFS);
";

/// Tcp and ws connecters.
const CONNECTED: &str = "        if (err == WSAEBADF || err == WSAENOPROTOOPT || err == WSAENOTSOCK
            || err == WSAENOBUFS) {
            wsa_assert_no (err);
        }
";

/// All connecters, and ip.cpp.
const ASKED: &str = "    zmq_assert (rc == 0);\n    if (err != 0) {\n";
const ASKED_OR_SO: &str = "    if (rc != 0)\n        err = WSAGetLastError ();\n    if (err != 0) {\n";

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[
    once(
        "A170",
        "src/ip.hpp",
        "void enable_ipv4_mapping (",
        "//  False, and errno, if the system refuses.\nbool enable_ipv4_mapping (",
    ),
    once("A170", "src/ip.cpp", "void zmq::enable_ipv4_mapping (", "bool zmq::enable_ipv4_mapping ("),
    once(
        "A170",
        "src/ip.cpp",
        "    wsa_assert (rc != SOCKET_ERROR);\n#else\n    errno_assert (rc == 0);\n#endif\n#endif\n}\n",
        "    if (rc == SOCKET_ERROR) {
        errno = wsa_error_to_errno (WSAGetLastError ());
        return false;
    }
#else
    if (rc != 0)
        return false;
#endif
#endif
    return true;
}
",
    ),
    once(
        "A170",
        "src/tcp.cpp",
        "        enable_ipv4_mapping (s);\n",
        "        if (!enable_ipv4_mapping (s))\n            goto setsockopt_error;\n",
    ),
    once(
        "A170",
        "src/ip.cpp",
        "    if (rc != 0 && errno == EINVAL)\n        return -1;\n    errno_assert (rc == 0);\n",
        "    if (rc != 0)\n        return -1;\n",
    ),
    once(
        "A170",
        "src/ip.cpp",
        "    rc = zmq::set_nosigpipe (s);\n    errno_assert (rc == 0);\n",
        "    rc = zmq::set_nosigpipe (s);
#ifndef ZMQ_HAVE_WINDOWS
    if (rc != 0) {
        const int err = errno;
        close (s);
        errno = err;
        return retired_fd;
    }
#endif
",
    ),
    // No address is known then.
    once(
        "A170",
        "src/ip.cpp",
        "#ifdef ZMQ_HAVE_WINDOWS
        const int last_error = WSAGetLastError ();
        wsa_assert (last_error != WSANOTINITIALISED && last_error != WSAEFAULT
                    && last_error != WSAEINPROGRESS
                    && last_error != WSAENOTSOCK);
#elif !defined(TARGET_OS_IPHONE) || !TARGET_OS_IPHONE
        errno_assert (errno != EBADF && errno != EFAULT && errno != ENOTSOCK);
#else
        errno_assert (errno != EFAULT && errno != ENOTSOCK);
#endif
        return 0;
",
        "        return 0;\n",
    ),
    once("A170", "src/tcp_listener.cpp", REUSE, REUSE_IF_POSSIBLE),
    once("A170", "src/ws_listener.cpp", REUSE, REUSE_IF_POSSIBLE),
    once(
        "A170",
        "src/tcp_connecter.cpp",
        "        wsa_assert (rc != SOCKET_ERROR);\n#elif",
        "        if (rc == SOCKET_ERROR)
            errno = wsa_error_to_errno (WSAGetLastError ());
#elif",
    ),
    once(
        "A170",
        "src/tcp_connecter.cpp",
        "                         sizeof (int));\n        errno_assert (rc == 0);\n#else\n        rc = setsockopt (_s, SOL_SOCKET, SO_REUSEADDR, &flag, sizeof (int));\n        errno_assert (rc == 0);\n#endif\n",
        "                         sizeof (int));
#else
        rc = setsockopt (_s, SOL_SOCKET, SO_REUSEADDR, &flag, sizeof (int));
#endif
        if (rc != 0)
            return -1;
",
    ),
    Fix {
        name: "A170",
        file: "src/tcp_listener.cpp",
        anchor: "errno_assert (rc == 0);\n",
        times: 2,
        instead: CLOSED,
    },
    once("A170", "src/ws_listener.cpp", "errno_assert (rc == 0);\n", CLOSED),
    Fix {
        name: "A170",
        file: "src/ipc_listener.cpp",
        anchor: "errno_assert (rc == 0);\n",
        times: 3,
        instead: CLOSED,
    },
    once("A170", "src/stream_listener_base.cpp", "errno_assert (rc == 0);\n", CLOSED),
    once("A170", "src/stream_connecter_base.cpp", "errno_assert (rc == 0);\n", CLOSED),
    once("A170", "src/tcp.cpp", "errno_assert (rc == 0);\n", CLOSED),
    once(
        "A170",
        "src/stream_engine_base.cpp",
        "            rc = 0;\n#endif\n        errno_assert (rc == 0);\n",
        "            rc = 0;\n#endif\n        errno_assert (rc == 0 || errno != EBADF);\n",
    ),
    once(
        "A170",
        "src/udp_engine.cpp",
        "        int rc = close (_fd);\n        errno_assert (rc == 0);\n",
        "        int rc = close (_fd);\n        errno_assert (rc == 0 || errno != EBADF);\n",
    ),
    // The same again would be refused at once, and for ever.
    once(
        "A171",
        "src/udp_engine.cpp",
        "            assert_success_or_recoverable (_fd, rc);\n            error (connection_error);\n            return;\n        }\n    }\n",
        "            error (protocol_error);\n            return;\n        }\n    }\n",
    ),
    // The greeting to a proxy that is connected to at once was never made.
    once(
        "A172",
        "src/socks_connecter.cpp",
        "        set_pollout (_handle);\n        _status = sending_greeting;\n",
        "        set_pollout (_handle);\n        _status = waiting_for_proxy_connection;\n",
    ),
    // Windows, which nobody has tried.
    once("A170", "src/tcp_listener.cpp", ACCEPTED, "        errno = wsa_error_to_errno (last_error);\n"),
    once("A170", "src/ws_listener.cpp", ACCEPTED, "        errno = wsa_error_to_errno (last_error);\n"),
    once("A170", "src/ipc_listener.cpp", ACCEPTED, "        errno = wsa_error_to_errno (last_error);\n"),
    once("A170", "src/tcp_connecter.cpp", CONNECTED, ""),
    once("A170", "src/ws_connecter.cpp", CONNECTED, "        errno = wsa_error_to_errno (err);\n"),
    once("A170", "src/tcp_connecter.cpp", ASKED, ASKED_OR_SO),
    once("A170", "src/ws_connecter.cpp", ASKED, ASKED_OR_SO),
    once("A170", "src/socks_connecter.cpp", ASKED, ASKED_OR_SO),
    once(
        "A170",
        "src/socks_connecter.cpp",
        "        wsa_assert (err == WSAECONNREFUSED || err == WSAETIMEDOUT
                    || err == WSAECONNABORTED || err == WSAEHOSTUNREACH
                    || err == WSAENETUNREACH || err == WSAENETDOWN
                    || err == WSAEACCES || err == WSAEINVAL
                    || err == WSAEADDRINUSE);
",
        "        errno = wsa_error_to_errno (err);\n",
    ),
    once("A170", "src/ip.cpp", ASKED, ASKED_OR_SO),
    once(
        "A170",
        "src/ip.cpp",
        "        wsa_assert (err == WSAECONNREFUSED || err == WSAECONNRESET
                    || err == WSAECONNABORTED || err == WSAEINTR
                    || err == WSAETIMEDOUT || err == WSAEHOSTUNREACH
                    || err == WSAENETUNREACH || err == WSAENETDOWN
                    || err == WSAENETRESET || err == WSAEACCES
                    || err == WSAEINVAL || err == WSAEADDRINUSE);
",
        "        errno = wsa_error_to_errno (err);\n",
    ),
    once("A170", "src/err.cpp", "            wsa_assert (false);\n", "            return EIO;\n"),
    once(
        "A170",
        "src/tcp.cpp",
        "    wsa_assert (nbytes != SOCKET_ERROR);\n    return nbytes;\n",
        "    if (nbytes == SOCKET_ERROR)\n        return -1;\n    return nbytes;\n",
    ),
    // A few of them are EAGAIN to libzmq, and to be read from again for ever.
    once(
        "A170",
        "src/tcp.cpp",
        "            wsa_assert (
              last_error == WSAENETDOWN || last_error == WSAENETRESET
              || last_error == WSAECONNABORTED || last_error == WSAETIMEDOUT
              || last_error == WSAECONNRESET || last_error == WSAECONNREFUSED
              || last_error == WSAENOTCONN || last_error == WSAENOBUFS);
            errno = wsa_error_to_errno (last_error);
",
        "            errno = wsa_error_to_errno (last_error);
            if (errno == EAGAIN)
                errno = ECONNRESET;
",
    ),
    once(
        "A170",
        "src/tcp.cpp",
        "            wsa_assert (false);\n",
        "            //  It is no more than a wish.\n",
    ),
    // Layers that others put between a program and the network have descriptors of their own.
    once("A170", "src/ip.cpp", "    win_assert (brc);\n#elif", "    LIBZMQ_UNUSED (brc);\n#elif"),
    once(
        "A170",
        "src/ip.cpp",
        "&tcp_nodelay), sizeof tcp_nodelay);\n    wsa_assert (rc != SOCKET_ERROR);\n",
        "&tcp_nodelay), sizeof tcp_nodelay);\n    LIBZMQ_UNUSED (rc);\n",
    ),
    // What wakes a thread there is a connection, which whatever guards the network may refuse.
    once(
        "A170",
        "src/ip.cpp",
        "    wsa_assert (listener != INVALID_SOCKET);\n",
        "    if (listener == INVALID_SOCKET) {
        if (sync != NULL)
            CloseHandle (sync);
        return -1;
    }
",
    ),
    once(
        "A170",
        "src/ip.cpp",
        "                         sizeof so_reuseaddr);\n    wsa_assert (rc != SOCKET_ERROR);\n",
        "                         sizeof so_reuseaddr);\n",
    ),
    once(
        "A170",
        "src/ip.cpp",
        "    wsa_assert (*w_ != INVALID_SOCKET);\n",
        "    if (*w_ == INVALID_SOCKET) {
        const int err = errno;
        closesocket (listener);
        if (sync != NULL)
            CloseHandle (sync);
        errno = err;
        return -1;
    }
",
    ),
    once(
        "A170",
        "src/ip.cpp",
        "                wsa_assert (nbytes != SOCKET_ERROR);\n                still_to_send -= nbytes;\n",
        "                if (nbytes == SOCKET_ERROR)\n                    break;\n                still_to_send -= nbytes;\n",
    ),
    once(
        "A170",
        "src/ip.cpp",
        "            wsa_assert (nbytes != SOCKET_ERROR);\n            still_to_recv -= nbytes;\n",
        "            if (nbytes == 0)
                WSASetLastError (WSAECONNRESET);
            if (nbytes == 0 || nbytes == SOCKET_ERROR)
                break;
            still_to_recv -= nbytes;
",
    ),
    once(
        "A170",
        "src/ip.cpp",
        "        free (dummy);\n",
        "        free (dummy);
        if (still_to_send || still_to_recv) {
            const int last_error = WSAGetLastError ();
            closesocket (*r_);
            WSASetLastError (last_error);
            *r_ = INVALID_SOCKET;
        }
",
    ),
    once(
        "A170",
        "src/ip.cpp",
        "                      &lcladdr_len);\n    wsa_assert (rc != -1);\n",
        "                      &lcladdr_len);
    if (rc != 0) {
        ipc_fallback_on_tcpip = true;
        goto error_closelistener;
    }
",
    ),
    once(
        "A170",
        "src/ip.cpp",
        "    errno_assert (*r_ != -1);\n\n    //  Close the listener socket, we don't need it anymore.\n",
        "    if (*r_ == retired_fd) {
        ipc_fallback_on_tcpip = true;
        goto error_closeclient;
    }

    //  Close the listener socket, we don't need it anymore.
",
    ),
    once(
        "A170",
        "src/ip.cpp",
        "        errno_assert (rc == 0);\n    }\n\n    // TODO or use",
        "        if (rc != 0)\n            return -1;\n    }\n\n    // TODO or use",
    ),
];
