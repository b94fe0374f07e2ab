//! Connecting once more: how soon, to whom, and in whose place.

use super::{Fix, once};

/// A new pipe takes the place of one that is ending.
macro_rules! succeed {
    () => {
        "        _pipe = pipe_;
    else if (!_in_message
             && (_pipe->is_leaving ()
                 || (!_pipe->check_read () && _pipe->is_leaving ()))) {
        if (_pipe->is_open_to_read ())
            _former.push_back (_pipe);
        _pipe = pipe_;
    } else
"
    };
}

/// A pipe is no more.
macro_rules! ended {
    ($class:literal) => {
        concat!(
            "    if (pipe_ == _pipe) {
        _pipe = NULL;
        _in_message = false;
        return;
    }
    for (std::deque<pipe_t *>::iterator it = _former.begin ();
         it != _former.end (); ++it)
        if (*it == pipe_) {
            _former.erase (it);
            return;
        }
}

zmq::pipe_t *zmq::",
            $class,
            "::pipe_to_read ()
{
    while (!_former.empty ()) {
        pipe_t *const pipe = _former.front ();
        if (pipe->check_read () || pipe->is_open_to_read ())
            return pipe;
        _former.pop_front ();
    }
    return _pipe;
}
"
        )
    };
}

/// The edits, in the order of application; those of `sessions` come before.
pub(super) const FIXES: &[Fix] = &[
    // PAIR and CHANNEL turned whoever came away while their last connection was ending, and were without one for ever. Now they
    // take the new one, and read what is left of the former.
    once(
        "pair-again",
        "src/pipe.hpp",
        "    bool is_ending () const { return _state != active; }\n",
        "    bool is_ending () const { return _state != active; }

    //  Nothing more can be written to it.
    bool is_leaving () const
    {
        return _state != active || _terminate_then || _abandoned;
    }

    //  There may still be something to read.
    bool is_open_to_read () const
    {
        return _state == active || _state == waiting_for_delimiter;
    }
",
    ),
    once("pair-again", "src/pair.hpp", "    zmq::pipe_t *_pipe;\n", FORMER),
    once("pair-again", "src/channel.hpp", "    zmq::pipe_t *_pipe;\n", FORMER),
    once(
        "pair-again",
        "src/pair.hpp",
        "#include \"blob.hpp\"\n",
        "#include <deque>\n#include \"blob.hpp\"\n",
    ),
    once(
        "pair-again",
        "src/channel.hpp",
        "#include \"blob.hpp\"\n",
        "#include <deque>\n#include \"blob.hpp\"\n",
    ),
    once("pair-again", "src/pair.cpp", "        _pipe = pipe_;\n    else\n", succeed!()),
    once("pair-again", "src/channel.cpp", "        _pipe = pipe_;\n    else\n", succeed!()),
    once(
        "pair-again",
        "src/pair.cpp",
        "    if (pipe_ == _pipe) {\n        _pipe = NULL;\n    }\n}\n",
        ended!("pair_t"),
    ),
    once(
        "pair-again",
        "src/channel.cpp",
        "    if (pipe_ == _pipe)\n        _pipe = NULL;\n}\n",
        ended!("channel_t"),
    ),
    once(
        "pair-again",
        "src/pair.cpp",
        "    if (!(msg_->flags () & msg_t::more))\n        _pipe->flush ();\n",
        "    _in_message = (msg_->flags () & msg_t::more) != 0;
    if (!_in_message)
        _pipe->flush ();
",
    ),
    once("pair-again", "src/pair.cpp", "    if (!_pipe || !_pipe->read (msg_)) {\n", READ),
    once(
        "pair-again",
        "src/pair.cpp",
        "    if (!_pipe)\n        return false;\n\n    return _pipe->check_read ();\n",
        CHECK,
    ),
    once("pair-again", "src/channel.cpp", "    if (!_pipe) {\n        //  Initialise", CHANNEL_READ),
    Fix {
        name: "pair-again",
        file: "src/channel.cpp",
        anchor: "_pipe->read (msg_);",
        times: 4,
        instead: "from->read (msg_);",
    },
    once(
        "pair-again",
        "src/channel.cpp",
        "    if (!_pipe)\n        return false;\n\n    return _pipe->check_read ();\n",
        CHECK,
    ),
    // Who came too early for a PAIR was kept, and nothing that it said was heard, also when the place was free again. Now it is
    // hung up on, and tries again.
    once(
        "pair-again",
        "src/session_base.cpp",
        "    if (!is_terminating () && options.raw_socket) {\n",
        "    const bool is_turned_away =
      pipe_ended && !_active && !_pending
      && (options.type == ZMQ_PAIR || options.type == ZMQ_CHANNEL);
    if (!is_terminating () && (options.raw_socket || is_turned_away)) {
",
    ),
    // The interval between attempts began anew with each connection that was made, though it was lost before it was of use.
    once(
        "reconnect-max",
        "src/session_base.hpp",
        "    void engine_ready ();\n",
        "    void engine_ready ();

    //  The last interval before an attempt since there was a handshake, or -1.
    //  The connecter writes it before the session gets the engine from it.
    int _last_reconnect_ivl = -1;
",
    ),
    once(
        "reconnect-max",
        "src/session_base.cpp",
        "void zmq::session_base_t::engine_ready ()\n{\n",
        "void zmq::session_base_t::engine_ready ()\n{\n    _last_reconnect_ivl = -1;\n\n",
    ),
    once(
        "reconnect-max",
        "src/stream_connecter_base.cpp",
        "    zmq_assert (_addr);\n",
        "    zmq_assert (_addr);\n    _current_reconnect_ivl = session_->_last_reconnect_ivl;\n",
    ),
    once(
        "reconnect-max",
        "src/stream_connecter_base.hpp",
        "    void add_reconnect_timer ();\n",
        "    void add_reconnect_timer ();

    //  Leaves the interval to the session's next connecter.
    void remember_reconnect_ivl ();
",
    ),
    once(
        "reconnect-max",
        "src/stream_connecter_base.cpp",
        "void zmq::stream_connecter_base_t::rm_handle ()\n",
        "void zmq::stream_connecter_base_t::remember_reconnect_ivl ()
{
    _session->_last_reconnect_ivl = _current_reconnect_ivl;
}

void zmq::stream_connecter_base_t::rm_handle ()
",
    ),
    once("reconnect-max", "src/stream_connecter_base.cpp", "    send_attach (_session, engine);\n", REMEMBER),
    once("reconnect-max", "src/ws_connecter.cpp", "    send_attach (_session, engine);\n", REMEMBER),
    // TCP connects a socket to itself if the system gives it the port that it connects to. It heard itself then, or nobody, and
    // kept the port from its server.
    once(
        "A113",
        "src/tcp.hpp",
        "void tcp_tune_loopback_fast_path (",
        "//  Whether a connected socket is its own peer. If so, closing it ends the
//  connection without a trace, so that the port is free at once.
bool is_connected_to_itself (fd_t socket_);

void tcp_tune_loopback_fast_path (",
    ),
    once(
        "A113",
        "src/tcp.cpp",
        "int zmq::tune_tcp_socket (fd_t s_)\n",
        "bool zmq::is_connected_to_itself (fd_t socket_)
{
    sockaddr_storage local, remote;
    if (get_socket_address (socket_, socket_end_local, &local) == 0
        || get_socket_address (socket_, socket_end_remote, &remote) == 0
        || local.ss_family != remote.ss_family)
        return false;

    bool same = false;
    if (local.ss_family == AF_INET) {
        const sockaddr_in *const l = reinterpret_cast<sockaddr_in *> (&local);
        const sockaddr_in *const r = reinterpret_cast<sockaddr_in *> (&remote);
        same = l->sin_port == r->sin_port
               && memcmp (&l->sin_addr, &r->sin_addr, sizeof l->sin_addr) == 0;
    } else if (local.ss_family == AF_INET6) {
        const sockaddr_in6 *const l = reinterpret_cast<sockaddr_in6 *> (&local);
        const sockaddr_in6 *const r =
          reinterpret_cast<sockaddr_in6 *> (&remote);
        same = l->sin6_port == r->sin6_port
               && memcmp (&l->sin6_addr, &r->sin6_addr, sizeof l->sin6_addr)
                    == 0;
    }
    if (!same)
        return false;

    struct linger nothing_left;
    memset (&nothing_left, 0, sizeof nothing_left);
    nothing_left.l_onoff = 1;
    //  Without it the port is taken a little longer.
    setsockopt (socket_, SOL_SOCKET, SO_LINGER,
                reinterpret_cast<char *> (&nothing_left), sizeof nothing_left);
    errno = ECONNREFUSED;
    return true;
}

int zmq::tune_tcp_socket (fd_t s_)
",
    ),
    once(
        "A113",
        "src/tcp.cpp",
        "#include \"options.hpp\"\n",
        "#include \"options.hpp\"\n#include \"address.hpp\"\n#include <string.h>\n",
    ),
    once("A113", "src/tcp_connecter.cpp", "    //  Return the newly connected socket.\n", REFUSE_ITSELF),
    once("A113", "src/ws_connecter.cpp", "    //  Return the newly connected socket.\n", REFUSE_ITSELF),
    once(
        "A113",
        "src/socks_connecter.cpp",
        "    rc = tune_tcp_socket (_s);\n",
        "    if (is_connected_to_itself (_s))
        return -1;

    rc = tune_tcp_socket (_s);
",
    ),
    once(
        "A113",
        "src/socks_connecter.cpp",
        "    if (rc == 0)\n        return 0;\n",
        "    if (rc == 0)\n        return is_connected_to_itself (_s) ? -1 : 0;\n",
    ),
];

const REFUSE_ITSELF: &str = "    if (is_connected_to_itself (_s))
        return retired_fd;

    //  Return the newly connected socket.
";

const REMEMBER: &str = "    remember_reconnect_ivl ();
    send_attach (_session, engine);
";

const FORMER: &str = "    zmq::pipe_t *_pipe;

    //  Those before, as long as there may be something to read from them; and whether a message has been sent in part.
    std::deque<zmq::pipe_t *> _former;
    bool _in_message = false;
    zmq::pipe_t *pipe_to_read ();
";

const READ: &str = "    pipe_t *const from = pipe_to_read ();
    if (!from || !from->read (msg_)) {
";

const CHECK: &str = "    pipe_t *const from = pipe_to_read ();
    return from && from->check_read ();
";

const CHANNEL_READ: &str = "    pipe_t *const from = pipe_to_read ();
    if (!from) {
        //  Initialise";
