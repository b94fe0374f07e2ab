//! Connections that end by themselves, and what a socket remembers of them.

use super::{Fix, once};

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
];

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
