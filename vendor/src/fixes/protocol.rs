//! What peers may say that no protocol allows, or when none expects it. Any peer that reaches a bound socket can; most of
//! these ended the process.

use super::{Fix, once};

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[
    // What waited because the queue was full is read when its sender may be gone; there is nobody to answer then.
    once(
        "late-ping",
        "src/stream_engine_base.cpp",
        "void zmq::stream_engine_base_t::out_event ()\n{\n    zmq_assert (!_io_error);\n",
        "void zmq::stream_engine_base_t::out_event ()
{
    if (unlikely (_io_error))
        return;
",
    ),
    // The answer to a PING without its two bytes of time took up to 16 bytes from behind it.
    once(
        "short-ping",
        "src/zmtp_engine.cpp",
        "        uint16_t remote_heartbeat_ttl;\n",
        "        uint16_t remote_heartbeat_ttl;
        if (msg_->size () < ping_ttl_len)
            return -1;
",
    ),
    once(
        "short-ping",
        "src/zmtp_engine.cpp",
        "    const uint8_t cmd_name_size =
      *(static_cast<const uint8_t *> (msg_->data ()));
",
        "    if (unlikely (msg_->size () == 0))
        return -1;
    const uint8_t cmd_name_size =
      *(static_cast<const uint8_t *> (msg_->data ()));
",
    ),
    // A peer's first words, in protocols that have no handshake, while the socket is being closed.
    once(
        "first-words",
        "src/zmtp_engine.cpp",
        "session ()->push_msg (msg_);\n        errno_assert (rc == 0);\n",
        "session ()->push_msg (msg_);\n        if (rc != 0)\n            return -1;\n",
    ),
    once(
        "first-words",
        "src/zmtp_engine.cpp",
        "        rc = session ()->push_msg (&subscription);\n        errno_assert (rc == 0);\n",
        "        rc = session ()->push_msg (&subscription);
        if (rc != 0) {
            rc = subscription.close ();
            errno_assert (rc == 0);
            errno = EAGAIN;
            return -1;
        }
",
    ),
    once(
        "first-words",
        "src/ws_engine.cpp",
        "session ()->push_msg (msg_);\n        errno_assert (rc == 0);\n",
        "session ()->push_msg (msg_);\n        if (rc != 0)\n            return -1;\n",
    ),
    // A peer that the socket let go of, or never took. What it says used to wait for ever, and the connection with it,
    // as nobody read on to see its end.
    once(
        "turned-away",
        "src/session_base.cpp",
        "    errno = EAGAIN;
    return -1;
}

int zmq::session_base_t::read_zap_msg (msg_t *msg_)
",
        "    if (unheard || (!_pipe && !_pending && !is_terminating ())) {
        int rc = msg_->close ();
        errno_assert (rc == 0);
        rc = msg_->init ();
        errno_assert (rc == 0);
        return 0;
    }

    errno = EAGAIN;
    return -1;
}

int zmq::session_base_t::read_zap_msg (msg_t *msg_)
",
    ),
    once(
        "turned-away",
        "src/session_base.cpp",
        "    //  If we are waiting for pending messages to be sent, at this point
    //  we are sure",
        "    else if (!is_terminating () && pipe_ended && !_pending && _engine)
        _engine->restart_input ();

    //  If we are waiting for pending messages to be sent, at this point
    //  we are sure",
    ),
    once(
        "turned-away",
        "src/session_base.cpp",
        "    if (pipe_ == _pipe) {\n        // If this is our current pipe, remove it\n",
        "    const bool pipe_ended = pipe_ == _pipe;
    if (pipe_ended) {
        // If this is our current pipe, remove it
",
    ),
    once(
        "turned-away",
        "src/stream_engine_base.cpp",
        "    zmq_assert (_input_stopped);\n    zmq_assert (_session != NULL);\n",
        "    if (!_input_stopped)
        return true;
    zmq_assert (_session != NULL);
",
    ),
    // The same for one that is gone while its messages wait, if the socket is closed or lets go of it before reading them.
    // Ending a context waited for ever then.
    once(
        "turned-away",
        "src/pipe.hpp",
        "    bool check_hwm () const;\n",
        "    bool check_hwm () const;

    //  The other end has said its last word.
    bool is_ending () const { return _state != active; }
",
    ),
    once(
        "turned-away",
        "src/session_base.hpp",
        "    virtual void reset ();\n",
        "    virtual void reset ();
    bool is_pipe_ending () const { return _pipe && _pipe->is_ending (); }
",
    ),
    once(
        "turned-away",
        "src/stream_engine_base.cpp",
        "    if (_input_stopped) {\n        rm_fd (_handle);\n",
        "    if (_input_stopped) {
        if (_session->is_pipe_ending ()) {
            error (connection_error);
            return false;
        }
        rm_fd (_handle);
",
    ),
    once(
        "turned-away",
        "src/stream_engine_base.cpp",
        "        rm_fd (_handle);
        _io_error = true;
",
        "        rm_fd (_handle);
        _io_error = true;
        add_timer (farewell_interval, farewell_timer_id);
        _has_farewell_timer = true;
",
    ),
    once(
        "turned-away",
        "src/stream_engine_base.cpp",
        "    //  Cancel all fd subscriptions.\n",
        "    if (_has_farewell_timer) {
        cancel_timer (farewell_timer_id);
        _has_farewell_timer = false;
    }

    //  Cancel all fd subscriptions.
",
    ),
    once(
        "turned-away",
        "src/stream_engine_base.cpp",
        "    } else if (id_ == heartbeat_ivl_timer_id) {\n",
        "    } else if (id_ == farewell_timer_id) {
        _has_farewell_timer = false;
        if (_session->is_pipe_ending ())
            error (connection_error);
        else {
            add_timer (farewell_interval, farewell_timer_id);
            _has_farewell_timer = true;
        }
    } else if (id_ == heartbeat_ivl_timer_id) {
",
    ),
    once(
        "turned-away",
        "src/stream_engine_base.hpp",
        "    bool _has_ttl_timer;\n",
        "    bool _has_ttl_timer;

    //  While messages of a peer that is gone wait to be read: asks whether somebody still will.
    enum
    {
        farewell_timer_id = 0x90,
        farewell_interval = 100
    };
    bool _has_farewell_timer = false;
",
    ),
    // PUSH and SCATTER read nothing; a queue that nobody empties had the same effect.
    once(
        "turned-away",
        "src/session_base.cpp",
        "    if (_pipe && _pipe->write (msg_)) {\n",
        "    const bool unheard =
      options.type == ZMQ_PUSH || options.type == ZMQ_SCATTER;
    if (!unheard && _pipe && _pipe->write (msg_)) {
",
    ),
    // A ROUTER or REP kept whoever came with another one's id, read nothing of theirs, and not their end either.
    once(
        "turned-away",
        "src/router.cpp",
        "                if (!_handover)
                    //  Ignore peers with duplicate ID
                    return false;
",
        "                if (!_handover) {
                    //  What they say is dropped.
                    pipe_->terminate (false);
                    return false;
                }
",
    ),
    // A malformed request of a peer that was gone already took the next one's reply along.
    once(
        "lost-reply",
        "src/router.cpp",
        "        _current_out->rollback ();
        _current_out = NULL;
        _more_out = false;
    }
",
        "        _current_out->rollback ();
        _current_out = NULL;
    }
    _more_out = false;
",
    ),
    // A frame that is none ends the connection. Without a number, the error could pass for a full queue.
    once(
        "ws-frames",
        "src/ws_decoder.cpp",
        "int zmq::ws_decoder_t::opcode_ready (unsigned char const *)\n{\n",
        "int zmq::ws_decoder_t::opcode_ready (unsigned char const *)\n{\n    errno = EPROTO;\n",
    ),
    once(
        "ws-frames",
        "src/ws_decoder.cpp",
        "size_first_byte_ready (unsigned char const *read_from_)\n{\n",
        "size_first_byte_ready (unsigned char const *read_from_)\n{\n    errno = EPROTO;\n",
    ),
    once(
        "ws-frames",
        "src/ws_decoder.cpp",
        "short_size_ready (unsigned char const *read_from_)\n{\n",
        "short_size_ready (unsigned char const *read_from_)\n{\n    errno = EPROTO;\n",
    ),
    once(
        "ws-frames",
        "src/ws_decoder.cpp",
        "long_size_ready (unsigned char const *read_from_)\n{\n",
        "long_size_ready (unsigned char const *read_from_)\n{\n    errno = EPROTO;\n",
    ),
    once(
        "ws-frames",
        "src/ws_decoder.cpp",
        "mask_ready (unsigned char const *read_from_)\n{\n",
        "mask_ready (unsigned char const *read_from_)\n{\n    errno = EPROTO;\n",
    ),
    // The time for handshakes is for those of WebSockets too.
    once(
        "ws-handshake",
        "src/ws_engine.cpp",
        "    start_ws_handshake ();\n    set_pollin ();\n",
        "    set_handshake_timer ();\n    start_ws_handshake ();\n    set_pollin ();\n",
    ),
    // The group of a message whose body never came.
    once(
        "lost-group",
        "src/dish.cpp",
        "zmq::dish_session_t::~dish_session_t ()\n{\n",
        "zmq::dish_session_t::~dish_session_t ()\n{\n    if (_state == body)\n        _group_msg.close ();\n",
    ),
    once(
        "lost-group",
        "src/dish.cpp",
        "    session_base_t::reset ();\n    _state = group;\n",
        "    session_base_t::reset ();
    if (_state == body)
        _group_msg.close ();
    _state = group;
",
    ),
];
