//! What accepting, connecting, sending and receiving may fail with, by the manuals of the systems: only the connection ends.

use super::{Fix, once};

/// Tcp and ws listeners have the same list twice, once for Android.
const ACCEPTING: &str = "        errno_assert (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR
                      || errno == ECONNABORTED || errno == EPROTO
                      || errno == ENOBUFS || errno == ENOMEM || errno == EMFILE
                      || errno == ENFILE || errno == EINVAL);
";

/// Tcp and ws connecters.
const CONNECTING: &str = "#if !defined(TARGET_OS_IPHONE) || !TARGET_OS_IPHONE
        errno_assert (errno != EBADF && errno != ENOPROTOOPT
                      && errno != ENOTSOCK && errno != ENOBUFS);
#else
        errno_assert (errno != ENOPROTOOPT && errno != ENOTSOCK
                      && errno != ENOBUFS);
#endif
";

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[
    Fix { name: "system-errors", file: "src/tcp_listener.cpp", anchor: ACCEPTING, times: 2, instead: "" },
    Fix { name: "system-errors", file: "src/ws_listener.cpp", anchor: ACCEPTING, times: 2, instead: "" },
    once(
        "system-errors",
        "src/ipc_listener.cpp",
        "        errno_assert (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR
                      || errno == ECONNABORTED || errno == EPROTO
                      || errno == ENFILE || errno == EMFILE
                      || errno == ENOBUFS || errno == ENOMEM
                      || errno == EINVAL);
",
        "",
    ),
    once(
        "system-errors",
        "src/tipc_listener.cpp",
        "        errno_assert (errno == EAGAIN || errno == EWOULDBLOCK
                      || errno == ENOBUFS || errno == EINTR
                      || errno == ECONNABORTED || errno == EPROTO
                      || errno == EMFILE || errno == ENFILE);
",
        "",
    ),
    once("system-errors", "src/tcp_connecter.cpp", CONNECTING, ""),
    once("system-errors", "src/ws_connecter.cpp", CONNECTING, ""),
    once(
        "system-errors",
        "src/ipc_connecter.cpp",
        "        errno_assert (errno == ECONNREFUSED || errno == ECONNRESET
                      || errno == ETIMEDOUT || errno == EHOSTUNREACH
                      || errno == ENETUNREACH || errno == ENETDOWN);
",
        "",
    ),
    once(
        "system-errors",
        "src/tipc_connecter.cpp",
        "        errno_assert (errno == ECONNREFUSED || errno == ECONNRESET
                      || errno == ETIMEDOUT || errno == EHOSTUNREACH
                      || errno == ENETUNREACH || errno == ENETDOWN);
",
        "",
    ),
    // Setting an option of a connection that has failed meanwhile.
    once(
        "system-errors",
        "src/ip.cpp",
        "        errno_assert (errno == ECONNREFUSED || errno == ECONNRESET
                      || errno == ECONNABORTED || errno == EINTR
                      || errno == ETIMEDOUT || errno == EHOSTUNREACH
                      || errno == ENETUNREACH || errno == ENETDOWN
                      || errno == ENETRESET || errno == EINVAL);
",
        "",
    ),
    once(
        "system-errors",
        "src/tcp.cpp",
        "#if !defined(TARGET_OS_IPHONE) || !TARGET_OS_IPHONE
        errno_assert (errno != EACCES && errno != EBADF && errno != EDESTADDRREQ
                      && errno != EFAULT && errno != EISCONN
                      && errno != EMSGSIZE && errno != ENOMEM
                      && errno != ENOTSOCK && errno != EOPNOTSUPP);
#else
        errno_assert (errno != EACCES && errno != EDESTADDRREQ
                      && errno != EFAULT && errno != EISCONN
                      && errno != EMSGSIZE && errno != ENOMEM
                      && errno != ENOTSOCK && errno != EOPNOTSUPP);
#endif
",
        "",
    ),
    once(
        "system-errors",
        "src/tcp.cpp",
        "#if !defined(TARGET_OS_IPHONE) || !TARGET_OS_IPHONE
        errno_assert (errno != EBADF && errno != EFAULT && errno != ENOMEM
                      && errno != ENOTSOCK);
#else
        errno_assert (errno != EFAULT && errno != ENOMEM && errno != ENOTSOCK);
#endif
",
        "",
    ),
    // A peer that is gone is noticed by reading, and what it said before is still to be read. Of a fault on this side the peer
    // knows nothing: without being told it would have kept a connection that is mute for ever. Told, it closes. Nothing more is
    // shut down: some systems then throw away what has arrived.
    once(
        "system-errors",
        "src/stream_engine_base.cpp",
        "#ifndef ZMQ_HAVE_WINDOWS\n#include <unistd.h>\n",
        "#ifndef ZMQ_HAVE_WINDOWS\n#include <sys/socket.h>\n#include <unistd.h>\n",
    ),
    once(
        "system-errors",
        "src/stream_engine_base.cpp",
        "    if (nbytes == -1) {\n        reset_pollout ();\n        return;\n",
        "    if (nbytes == -1) {
#ifdef ZMQ_HAVE_WINDOWS
        ::shutdown (_s, SD_SEND);
#else
        ::shutdown (_s, SHUT_WR);
#endif
        reset_pollout ();
        return;
",
    ),
];
