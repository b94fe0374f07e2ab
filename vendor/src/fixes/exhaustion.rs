//! What lasts until something else changes: nobody may ask for it again and again.

use super::{Fix, once};

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[
    once(
        "A180",
        "src/stream_listener_base.hpp",
        "    virtual void create_engine (fd_t fd);\n",
        "    virtual void create_engine (fd_t fd);

    //  Why the system did not give the connection that was just asked for.
    static int last_error ();

    //  Called after that. If nothing but time helps, as with a lack of
    //  descriptors, the listener is not polled for a moment: whoever waits
    //  would wake the thread at once, and for nothing.
    void rest_after (int error_);

    void timer_event (int id_) ZMQ_OVERRIDE;

    enum
    {
        rest_timer_id = 0x80,
        rest_ms = 100
    };

    //  Whether the system gave a connection, though it may have been turned away.
    bool _given;
    bool _resting;
",
    ),
    once(
        "A180",
        "src/stream_listener_base.cpp",
        "    io_object_t (io_thread_),\n    _s (retired_fd),\n",
        "    io_object_t (io_thread_),\n    _given (false),\n    _resting (false),\n    _s (retired_fd),\n",
    ),
    once(
        "A180",
        "src/stream_listener_base.cpp",
        "    rm_fd (_handle);\n    _handle = static_cast<handle_t> (NULL);\n",
        "    if (_resting) {
        cancel_timer (rest_timer_id);
        _resting = false;
    }
    if (_handle)
        rm_fd (_handle);
    _handle = static_cast<handle_t> (NULL);
",
    ),
    once(
        "A180",
        "src/stream_listener_base.cpp",
        "int zmq::stream_listener_base_t::close ()\n",
        "int zmq::stream_listener_base_t::last_error ()
{
#ifdef ZMQ_HAVE_WINDOWS
    return WSAGetLastError ();
#else
    return errno;
#endif
}

//  Whether it is of one connection, which is gone, or of no connection.
static bool is_of_a_moment (int error_)
{
#ifdef ZMQ_HAVE_WINDOWS
    return error_ == WSAEWOULDBLOCK || error_ == WSAEINTR
           || error_ == WSAECONNRESET || error_ == WSAECONNABORTED;
#else
    const int errors[] = {
      EAGAIN,       EWOULDBLOCK, EINTR,     ECONNABORTED, ECONNRESET,
      EPROTO,       ENETDOWN,    ETIMEDOUT, ENETUNREACH,  EHOSTUNREACH,
      ENOPROTOOPT,
#ifdef EHOSTDOWN
      EHOSTDOWN,
#endif
#ifdef ENONET
      ENONET,
#endif
    };
    for (size_t i = 0; i != sizeof errors / sizeof *errors; i++)
        if (errors[i] == error_)
            return true;
    return false;
#endif
}

static bool is_of_a_lack (int error_)
{
#ifdef ZMQ_HAVE_WINDOWS
    return error_ == WSAEMFILE || error_ == WSAENOBUFS;
#else
    return error_ == EMFILE || error_ == ENFILE || error_ == ENOBUFS
           || error_ == ENOMEM;
#endif
}

void zmq::stream_listener_base_t::rest_after (int error_)
{
    if (_given || is_of_a_moment (error_))
        return;
    if (!_resting) {
        try {
            add_timer (rest_ms, rest_timer_id);
        }
        catch (const std::bad_alloc &) {
            return;
        }
        _resting = true;
        if (is_of_a_lack (error_)) {
            reset_pollin (_handle);
            return;
        }
    }
    //  A listener that was shut down wakes the thread as long as it is polled
    //  for anything.
    rm_fd (_handle);
    _handle = static_cast<handle_t> (NULL);
}

void zmq::stream_listener_base_t::timer_event (int id_)
{
    zmq_assert (id_ == rest_timer_id);
    _resting = false;
    if (!_handle)
        _handle = add_fd (_s);
    set_pollin (_handle);
}

int zmq::stream_listener_base_t::close ()
",
    ),
    once(
        "A180",
        "src/stream_listener_base.cpp",
        "#include \"raw_engine.hpp\"\n",
        "#include \"raw_engine.hpp\"\n\n#include <new>\n",
    ),
    once("A180", "src/tcp_listener.cpp", "    const fd_t fd = accept ();\n", ACCEPT),
    once("A180", "src/ipc_listener.cpp", "    const fd_t fd = accept ();\n", ACCEPT),
    once("A180", "src/ws_listener.cpp", "    const fd_t fd = accept ();\n", ACCEPT),
    once("A180", "src/tipc_listener.cpp", "    fd_t fd = accept ();\n", ACCEPT),
    once("A180", "src/vmci_listener.cpp", "    fd_t fd = accept ();\n", ACCEPT),
    once("A180", "src/tcp_listener.cpp", "        return;\n    }\n\n    int rc = tune", REST_AND_TUNE),
    once("A180", "src/ws_listener.cpp", "        return;\n    }\n\n    int rc = tune", REST_AND_TUNE),
    once("A180", "src/ipc_listener.cpp", "        return;\n    }\n\n    //  Create the", REST_AND_CREATE),
    once("A180", "src/tipc_listener.cpp", "        return;\n    }\n\n    //  Create the", REST_AND_CREATE),
    once(
        "A180",
        "src/vmci_listener.cpp",
        "        return;\n    }\n\n    tune_vmci_buffer",
        "        rest_after (error);\n        return;\n    }\n\n    tune_vmci_buffer",
    ),
    once("A180", "src/tcp_listener.cpp", "    make_socket_noninheritable (sock);\n", GIVEN),
    once("A180", "src/ipc_listener.cpp", "    make_socket_noninheritable (sock);\n", GIVEN),
    once("A180", "src/ws_listener.cpp", "    make_socket_noninheritable (sock);\n", GIVEN),
    // A connection that the system refuses to adjust.
    once("A181", "src/tcp_listener.cpp", "    if (rc != 0) {\n        _socket->event_", CLOSE_AND_TELL),
    once("A181", "src/ws_listener.cpp", "    if (rc != 0) {\n        _socket->event_", CLOSE_AND_TELL),
    once(
        "A181",
        "src/tcp_connecter.cpp",
        "    if (fd == retired_fd || !tune_socket (fd)) {\n",
        CLOSE_CONNECTED,
    ),
    once(
        "A181",
        "src/ws_connecter.cpp",
        "    if (fd == retired_fd || !tune_socket (fd)) {\n",
        CLOSE_CONNECTED,
    ),
];

const ACCEPT: &str = "    _given = false;
    const fd_t fd = accept ();
    const int error = last_error ();
";

const GIVEN: &str = "    _given = true;
    make_socket_noninheritable (sock);
";

const REST_AND_TUNE: &str = "        rest_after (error);
        return;
    }

    int rc = tune";

const REST_AND_CREATE: &str = "        rest_after (error);
        return;
    }

    //  Create the";

const CLOSE_AND_TELL: &str = "    if (rc != 0) {
        const int reason = errno;
#ifdef ZMQ_HAVE_WINDOWS
        closesocket (fd);
#else
        ::close (fd);
#endif
        errno = reason;
        _socket->event_";

/// `connect` has given it away, so that `close` has nothing to close.
const CLOSE_CONNECTED: &str = "    const bool tuned = fd != retired_fd && tune_socket (fd);
    if (!tuned && fd != retired_fd)
        _s = fd;
    if (!tuned) {
";
