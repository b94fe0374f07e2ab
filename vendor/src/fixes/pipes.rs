//! Messages and pipes that were left half-way.

use super::{Fix, once};

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[
    // What an XPUB receives is a copy. It got all the flags of the original, also the one that says that others count on the same
    // bytes, and nobody had counted.
    once(
        "A101",
        "src/xpub.cpp",
        "_pending_flags.push_back (msg.flags ());",
        "_pending_flags.push_back (msg.flags () & msg_t::more);",
    ),
    // The group of a message is counted apart from its bytes if it is long. Where one message went to several peers, only the bytes
    // were counted, and not even a count was kept for short bytes.
    once(
        "A102",
        "src/msg.hpp",
        "    bool is_vsm () const;\n",
        "    bool is_vsm () const;

    //  Whether its group has a count of its own.
    bool has_long_group () const;

    //  Whether its bytes belong to somebody else, who is told when they are not needed any more.
    bool is_lent () const;
",
    ),
    once(
        "A102",
        "src/msg.cpp",
        "bool zmq::msg_t::is_vsm () const\n{\n",
        "bool zmq::msg_t::has_long_group () const
{
    return _u.base.group.type == group_type_long;
}

bool zmq::msg_t::is_lent () const
{
    return _u.base.type == type_lmsg && _u.lmsg.content->ffn != NULL;
}

bool zmq::msg_t::is_vsm () const
{
",
    ),
    once(
        "A102",
        "src/msg.cpp",
        "    //  VSMs, CMSGS and delimiters can be copied straight away.",
        "    if (has_long_group ())
        _u.base.group.lgroup.content->refcnt.add (refs_);

    //  VSMs, CMSGS and delimiters can be copied straight away.",
    ),
    once(
        "A102",
        "src/msg.cpp",
        "    //  If there's only one reference close the message.\n",
        "    if (has_long_group ()) {
        long_group_t *const group = _u.base.group.lgroup.content;
        if (!group->refcnt.sub (refs_)) {
            group->refcnt.~atomic_counter_t ();
            free (group);
        }
        _u.base.group.sgroup.type = group_type_short;
    }

    //  If there's only one reference close the message.
",
    ),
    once(
        "A102",
        "src/dist.cpp",
        "    if (msg_->is_vsm ()) {\n",
        "    if (msg_->is_vsm () && !msg_->has_long_group ()) {\n",
    ),
    // What a ws client sends is masked. That happened in place, in bytes which belong to the program.
    once(
        "A103",
        "src/ws_encoder.cpp",
        "            || in_progress ()->is_cmsg ()) {\n",
        "            || in_progress ()->is_cmsg () || in_progress ()->is_lent ()) {\n",
    ),
    // The first parts of a message whose peer went before its last were never freed: they were neither taken back nor read. A new
    // queue in the place of the old one, which a subscriber gets when it is connected anew, lost them in the same way, and what
    // came after them went out as a message of its own.
    once(
        "A104",
        "src/pipe.cpp",
        "            _state = term_ack_sent;\n            _out_pipe = NULL;\n",
        "            _state = term_ack_sent;\n            rollback ();\n            _out_pipe = NULL;\n",
    ),
    once(
        "A104",
        "src/pipe.cpp",
        "    else if (_state == delimiter_received) {\n        _state = term_ack_sent;\n",
        "    else if (_state == delimiter_received) {\n        _state = term_ack_sent;\n        rollback ();\n",
    ),
    once(
        "A104",
        "src/pipe.cpp",
        "    zmq_assert (_out_pipe);\n    _out_pipe->flush ();\n",
        "    zmq_assert (_out_pipe);\n    rollback ();\n    _out_pipe->flush ();\n",
    ),
    once(
        "A104",
        "src/dist.hpp",
        "    void pipe_terminated (zmq::pipe_t *pipe_);\n",
        "    void pipe_terminated (zmq::pipe_t *pipe_);

    //  The queue of the pipe is a new one: the rest of a message of which it has no beginning does not go there.
    void skip_rest (zmq::pipe_t *pipe_);
",
    ),
    once(
        "A104",
        "src/dist.cpp",
        "void zmq::dist_t::activated (pipe_t *pipe_)\n{\n",
        "void zmq::dist_t::skip_rest (pipe_t *pipe_)
{
    if (!_more)
        return;
    if (_pipes.index (pipe_) < _matching) {
        _pipes.swap (_pipes.index (pipe_), _matching - 1);
        _matching--;
    }
    if (_pipes.index (pipe_) < _active) {
        _pipes.swap (_pipes.index (pipe_), _active - 1);
        _active--;
    }
}

void zmq::dist_t::activated (pipe_t *pipe_)
{
",
    ),
    once(
        "A104",
        "src/xsub.cpp",
        "void zmq::xsub_t::xhiccuped (pipe_t *pipe_)\n{\n",
        "void zmq::xsub_t::xhiccuped (pipe_t *pipe_)\n{\n    _dist.skip_rest (pipe_);\n\n",
    ),
    once(
        "A104",
        "src/radio.cpp",
        "zmq::radio_session_t::~radio_session_t ()\n{\n",
        "zmq::radio_session_t::~radio_session_t ()\n{\n    if (_state == body)\n        _pending_msg.close ();\n",
    ),
    once(
        "A104",
        "src/radio.cpp",
        "void zmq::radio_session_t::reset ()\n{\n",
        "void zmq::radio_session_t::reset ()\n{\n    if (_state == body)\n        _pending_msg.close ();\n",
    ),
    // A connection was lost in the middle of a message that was sent, and its pipe was ending already: the rest of the message cannot
    // be read from it, and need not.
    once(
        "A105",
        "src/session_base.cpp",
        "        rc = pull_msg (&msg);\n        errno_assert (rc == 0);\n        rc = msg.close ();\n",
        "        if (pull_msg (&msg) != 0)\n            _incomplete_in = false;\n        rc = msg.close ();\n",
    ),
    // Whether a connection is given up when it is lost was asked twice: of the options as they were when it was made, and of those
    // of the socket, which may have changed.
    once(
        "A106",
        "src/pipe.hpp",
        "    void set_endpoint_pair (endpoint_uri_pair_t endpoint_pair_);\n",
        "    //  Whether it ends with its connection.
    void set_immediate () { _immediate = true; }
    bool is_immediate () const { return _immediate; }

    void set_endpoint_pair (endpoint_uri_pair_t endpoint_pair_);
",
    ),
    once(
        "A106",
        "src/pipe.hpp",
        "    const bool _conflate;\n",
        "    const bool _conflate;\n    bool _immediate = false;\n",
    ),
    once(
        "A106",
        "src/session_base.cpp",
        "        pipes[1]->set_endpoint_pair (_engine->get_endpoint ());\n",
        "        pipes[1]->set_endpoint_pair (_engine->get_endpoint ());
        if (options.immediate == 1)
            pipes[1]->set_immediate ();
",
    ),
    once(
        "A106",
        "src/socket_base.cpp",
        "    if (options.immediate == 1)\n        pipe_->terminate_after_message (false);\n",
        "    if (pipe_->is_immediate ())\n        pipe_->terminate_after_message (false);\n",
    ),
    once(
        "A106",
        "src/socket_base.cpp",
        "xhiccuped (pipe_t *)\n{\n    zmq_assert (false);\n}\n",
        "xhiccuped (pipe_t *)\n{\n}\n",
    ),
    // A pipe that waits for its inproc name to be bound belongs to nobody. Its end was told to the thread of the one that connected,
    // which could still be about it when the binder had taken it.
    once(
        "A107",
        "src/pipe.hpp",
        "    void set_endpoint_pair (endpoint_uri_pair_t endpoint_pair_);\n",
        "    //  Of who connected to an inproc name: its peer waits for the bind. All three with the context's lock for endpoints.
    void await_bind ();
    void set_bound () { _is_unbound = false; }
    //  Tells the peer of the end, if it still waits.
    bool process_term_unbound ();

    void set_endpoint_pair (endpoint_uri_pair_t endpoint_pair_);
",
    ),
    once(
        "A107",
        "src/pipe.hpp",
        "    const bool _conflate;\n",
        "    const bool _conflate;
    //  Whether the peer did wait for a bind at some time; and whether this pipe does.
    bool _awaited_bind = false;
    bool _is_unbound = false;
",
    ),
    once(
        "A107",
        "src/pipe.cpp",
        "void zmq::pipe_t::set_nodelay ()\n{\n",
        "void zmq::pipe_t::await_bind ()
{
    _awaited_bind = true;
    _peer->_is_unbound = true;
}

bool zmq::pipe_t::process_term_unbound ()
{
    if (!_is_unbound)
        return false;
    process_pipe_term ();
    return true;
}

void zmq::pipe_t::set_nodelay ()
{
",
    ),
    once("A107", "src/pipe.cpp", "#include \"pipe.hpp\"\n", "#include \"pipe.hpp\"\n#include \"ctx.hpp\"\n"),
    once(
        "A107",
        "src/pipe.cpp",
        "    if (_state == active) {\n        send_pipe_term (_peer);\n",
        "    if (_state == active) {
        if (!_awaited_bind || !get_ctx ()->term_unbound (_peer))
            send_pipe_term (_peer);
",
    ),
    once(
        "A107",
        "src/ctx.hpp",
        "    void connect_pending (const char *addr_,",
        "    //  Tells a pipe of the end of its peer, if nobody has bound its name yet.
    bool term_unbound (pipe_t *pipe_);
    void connect_pending (const char *addr_,",
    ),
    once(
        "A107",
        "src/ctx.cpp",
        "void zmq::ctx_t::connect_pending (const char *addr_,",
        "bool zmq::ctx_t::term_unbound (pipe_t *pipe_)
{
    scoped_lock_t locker (_endpoints_sync);
    return pipe_->process_term_unbound ();
}

void zmq::ctx_t::connect_pending (const char *addr_,",
    ),
    once(
        "A107",
        "src/ctx.cpp",
        "        endpoint_.socket->inc_seqnum ();\n",
        "        endpoint_.socket->inc_seqnum ();\n        pipes_[0]->await_bind ();\n",
    ),
    once(
        "A107",
        "src/ctx.cpp",
        "    pending_connection_.bind_pipe->set_tid (bind_socket_->get_tid ());\n",
        "    pending_connection_.bind_pipe->set_tid (bind_socket_->get_tid ());
    pending_connection_.bind_pipe->set_bound ();
",
    ),
    // A socket that had ended its pipe had said so in the queue that a subscriber's session replaces when its connection is lost.
    once(
        "A190",
        "src/pipe.cpp",
        "    _out_pipe = static_cast<upipe_t *> (pipe_);\n    _out_active = true;\n",
        "    _out_pipe = static_cast<upipe_t *> (pipe_);
    if (_state == term_req_sent1) {
        msg_t delimiter;
        delimiter.init_delimiter ();
        _out_pipe->write (delimiter, false);
        flush ();
        return;
    }
    _out_active = true;
",
    ),
    // Of a message that came, one byte less than of one that was made lay in the message itself.
    once("short-inside", "src/msg.cpp", "    if (size_ < max_vsm_size) {\n", "    if (size_ <= max_vsm_size) {\n"),
];
