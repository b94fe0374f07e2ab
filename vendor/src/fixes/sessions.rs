//! Connections that end by themselves, and what a socket remembers of them.

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

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[
    // A child that ends by itself asks its owner for its end. If it was quick, the owner did not know it yet, and it stayed
    // for ever, with its pipe.
    once(
        "A111",
        "src/own.cpp",
        "    //  Plug the object into the I/O thread.
    send_plug (object_);

    //  Take ownership of the object.
    send_own (this, object_);
",
        "    //  It may ask for its end as soon as it is plugged in.
    send_own (this, object_);
    send_plug (object_);
",
    ),
    // With several I/O threads a monitor could hear of what became of a connection before it heard of the connection.
    once(
        "A111",
        "src/stream_connecter_base.cpp",
        "    send_attach (_session, engine);

    //  Shut the connecter down.
    terminate ();

    _socket->event_connected (endpoint_pair, fd_);
",
        CONNECTED,
    ),
    once(
        "A111",
        "src/ws_connecter.cpp",
        "    send_attach (_session, engine);

    //  Shut the connecter down.
    terminate ();

    _socket->event_connected (endpoint_pair, fd_);
",
        CONNECTED,
    ),
    once("A111", "src/stream_listener_base.cpp", ATTACH_AND_TELL, TELL_AND_ATTACH),
    once("A111", "src/ws_listener.cpp", ATTACH_AND_TELL, TELL_AND_ATTACH),
    // What has ended for good asks its owner for its end, and the socket forgets it then: this one, not what has its address or
    // its endpoint. It used to keep the endpoint, and the address of what had been freed.
    once(
        "A112",
        "src/own.hpp",
        "    void term_child (own_t *object_);\n",
        "    void term_child (own_t *object_);

    //  Called when an owned object has asked for its end.
    virtual void child_ends (own_t *object_);
",
    ),
    once(
        "A112",
        "src/own.hpp",
        "  private:\n    //  Set owner of the object\n",
        "  private:
    //  Tells an owned object to end. False if it was told before.
    bool end_child (own_t *object_);

    //  Set owner of the object
",
    ),
    once("A112", "src/own.cpp", "    process_term_req (object_);\n", "    end_child (object_);\n"),
    once(
        "A112",
        "src/own.cpp",
        "void zmq::own_t::process_term_req (own_t *object_)\n{\n",
        "void zmq::own_t::process_term_req (own_t *object_)
{
    if (end_child (object_))
        child_ends (object_);
}

void zmq::own_t::child_ends (own_t *)
{
}

bool zmq::own_t::end_child (own_t *object_)
{
",
    ),
    once(
        "A112",
        "src/own.cpp",
        "        return;

    //  If not found",
        "        return false;

    //  If not found",
    ),
    once(
        "A112",
        "src/own.cpp",
        "    if (0 == _owned.erase (object_))\n        return;\n",
        "    if (0 == _owned.erase (object_))\n        return false;\n",
    ),
    once(
        "A112",
        "src/own.cpp",
        "    send_term (object_, options.linger.load ());\n",
        "    send_term (object_, options.linger.load ());\n    return true;\n",
    ),
    once(
        "A112",
        "src/socket_base.hpp",
        "    endpoints_t _endpoints;\n",
        "    endpoints_t _endpoints;

    //  Where in it the listeners and sessions are that have not ended.
    std::map<own_t *, endpoints_t::iterator> _endpoints_by_child;
    void child_ends (own_t *object_) ZMQ_FINAL;
",
    ),
    once(
        "A112",
        "src/socket_base.cpp",
        "    _endpoints.ZMQ_MAP_INSERT_OR_EMPLACE (endpoint_pair_.identifier (),
                                          endpoint_pipe_t (endpoint_, pipe_));
",
        "    _endpoints_by_child[endpoint_] = _endpoints.ZMQ_MAP_INSERT_OR_EMPLACE (
      endpoint_pair_.identifier (), endpoint_pipe_t (endpoint_, pipe_));
",
    ),
    once(
        "A112",
        "src/socket_base.cpp",
        "        term_child (it->second.first);\n",
        "        _endpoints_by_child.erase (it->second.first);
        term_child (it->second.first);
",
    ),
    once(
        "A112",
        "src/socket_base.cpp",
        "int zmq::socket_base_t::term_endpoint (",
        "void zmq::socket_base_t::child_ends (own_t *object_)
{
    const std::map<own_t *, endpoints_t::iterator>::iterator it =
      _endpoints_by_child.find (object_);
    if (it == _endpoints_by_child.end ())
        return;
    if (it->second->second.second != NULL)
        it->second->second.second->abandon ();
    _endpoints.erase (it->second);
    _endpoints_by_child.erase (it);
}

int zmq::socket_base_t::term_endpoint (",
    ),
    // Its pipe ends a little later. Nothing is to be written to it any more.
    once(
        "A112",
        "src/pipe.hpp",
        "    bool check_hwm () const;\n",
        "    bool check_hwm () const;

    //  Nobody reads what is written from now on.
    void abandon ()
    {
        _abandoned = true;
        _out_active = false;
    }
",
    ),
    once(
        "A112",
        "src/pipe.hpp",
        "    const bool _conflate;\n",
        "    const bool _conflate;\n    bool _abandoned = false;\n",
    ),
    once("A112", "src/pipe.cpp", " && !_terminate_then) {\n", " && !_terminate_then && !_abandoned) {\n"),
    // Which ends are for good: a handshake that failed for a reason that stays, and any end where nothing is to be tried again. After
    // a handshake the peer is right in principle, and what it did wrong ends that connection only.
    once(
        "A112",
        "src/session_base.hpp",
        "    void engine_ready ();\n",
        "    void engine_ready ();

    //  Comes before engine_error, and before monitors hear of the end.
    void engine_ending (bool handshaked_,
                        zmq::i_engine::error_reason_t reason_);
",
    ),
    once(
        "A112",
        "src/session_base.hpp",
        "    void reconnect ();\n",
        "    void reconnect ();

    //  Whether a connection that ended so is made again.
    bool is_made_again (bool handshaked_,
                        zmq::i_engine::error_reason_t reason_) const;

    //  There is no other connection, so nobody reads what is still to be sent.
    void give_up ();
    bool _given_up = false;
",
    ),
    once(
        "A112",
        "src/session_base.cpp",
        "void zmq::session_base_t::engine_error (",
        "bool zmq::session_base_t::is_made_again (
  bool handshaked_, zmq::i_engine::error_reason_t reason_) const
{
    return _active && options.reconnect_ivl > 0
           && (handshaked_ || reason_ != i_engine::protocol_error);
}

void zmq::session_base_t::give_up ()
{
    if (_pending) {
        if (_pipe)
            _pipe->terminate (false);
        if (_zap_pipe)
            _zap_pipe->terminate (false);
    } else if (!_given_up)
        terminate ();
    _given_up = true;
}

void zmq::session_base_t::engine_ending (
  bool handshaked_, zmq::i_engine::error_reason_t reason_)
{
    //  Whoever hears of the end may connect again at once, and the socket is
    //  to have forgotten this connection by then.
    if (_active && !_pending && !is_made_again (handshaked_, reason_))
        give_up ();
}

void zmq::session_base_t::engine_error (",
    ),
    once(
        "A112",
        "src/session_base.cpp",
        "    switch (reason_) {
        case i_engine::timeout_error:
            /* FALLTHROUGH */
        case i_engine::connection_error:
            if (_active) {
                reconnect ();
                break;
            }

        case i_engine::protocol_error:
            if (_pending) {
                if (_pipe)
                    _pipe->terminate (false);
                if (_zap_pipe)
                    _zap_pipe->terminate (false);
            } else {
                terminate ();
            }
            break;
    }
",
        "    if (is_made_again (handshaked_, reason_))
        reconnect ();
    else
        give_up ();
",
    ),
    once(
        "A112",
        "src/session_base.cpp",
        "    if (options.reconnect_ivl > 0)
        start_connecting (true);
    else {
        std::string *ep = new (std::string);
        _addr->to_string (*ep);
        send_term_endpoint (_socket, ep);
    }
",
        "    start_connecting (true);\n",
    ),
    once(
        "A112",
        "src/session_base.cpp",
        "    std::string *ep = new (std::string);
    _addr->to_string (*ep);
    send_term_endpoint (_socket, ep);
}

void zmq::session_base_t::reconnect ()
",
        "    give_up ();
}

void zmq::session_base_t::reconnect ()
",
    ),
    once(
        "A112",
        "src/session_base.cpp",
        "    zmq_assert (!_pending);

    //  If the termination",
        "    zmq_assert (!_pending);

    if (_given_up)
        linger_ = 0;

    //  If the termination",
    ),
    // One that was refused, and is not to be tried again: the session is told in its own thread, too late for the monitor.
    once("A112", "src/tcp_connecter.cpp", "        send_conn_failed (_session);\n", CONNECTION_FAILED),
    once("A112", "src/vmci_connecter.cpp", "        send_conn_failed (_session);\n", CONNECTION_FAILED),
    once(
        "A112",
        "src/stream_engine_base.cpp",
        "    _socket->event_disconnected (_endpoint_uri_pair, _s);\n",
        "    //  Who was refused has not shaken hands.
    const bool handshaked =
      !_handshaking
      && (_mechanism == NULL || _mechanism->status () == mechanism_t::ready);
    _session->engine_ending (handshaked, reason_);
    _socket->event_disconnected (_endpoint_uri_pair, _s);
",
    ),
    once(
        "A112",
        "src/stream_engine_base.cpp",
        "    _session->engine_error (
      !_handshaking
        && (_mechanism == NULL
            || _mechanism->status () != mechanism_t::handshaking),
      reason_);
",
        "    _session->engine_error (handshaked, reason_);\n",
    ),
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
        "    _current_reconnect_ivl (-1),\n",
        "    _current_reconnect_ivl (session_->_last_reconnect_ivl),\n",
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
];

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

const CONNECTION_FAILED: &str = "        send_term_req (_socket, _session);
        send_conn_failed (_session);
";

const CONNECTED: &str = "    _socket->event_connected (endpoint_pair, fd_);
    send_attach (_session, engine);

    //  Shut the connecter down.
    terminate ();
";

const ATTACH_AND_TELL: &str = "    send_attach (session, engine, false);

    _socket->event_accepted (endpoint_pair, fd_);
";

const TELL_AND_ATTACH: &str = "    _socket->event_accepted (endpoint_pair, fd_);
    send_attach (session, engine, false);
";
