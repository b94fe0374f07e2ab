//! Connections that end in the middle of something.

use super::{Fix, once};

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[
    // A socket gave a connection up of which it had received the first parts of a message, and aborted at the next. Now it does
    // so once it has received the last.
    once(
        "A94",
        "src/pipe.hpp",
        "    void terminate (bool delay_);\n",
        "    void terminate (bool delay_);

    //  The same, but not before the message has been read of which the first parts were.
    void terminate_after_message (bool delay_);

    //  Drops the routing id, if that is what comes first.
    void drop_routing_id ();
",
    ),
    once(
        "A94",
        "src/pipe.hpp",
        "    const bool _conflate;\n",
        "    const bool _conflate;

    //  Whether more parts follow of the message that is being read; and whether, and how, to terminate then.
    bool _in_message = false;
    bool _terminate_then = false;
    bool _terminate_delay = false;
",
    ),
    once(
        "A94",
        "src/pipe.cpp",
        "    if (_lwm > 0 && _msgs_read % _lwm == 0)
        send_activate_write (_peer, _msgs_read);

    return true;
}
",
        "    if (_lwm > 0 && _msgs_read % _lwm == 0)
        send_activate_write (_peer, _msgs_read);

    _in_message = (msg_->flags () & msg_t::more) != 0;
    if (_terminate_then && !_in_message) {
        _terminate_then = false;
        terminate (_terminate_delay);
    }

    return true;
}

void zmq::pipe_t::terminate_after_message (bool delay_)
{
    if (!_in_message || _conflate
        || (_state != active && _state != waiting_for_delimiter)) {
        terminate (delay_);
        return;
    }
    _terminate_then = true;
    _terminate_delay = delay_;
    _out_active = false;
}

static bool is_routing_id_message (const zmq::msg_t &msg_)
{
    return msg_.is_routing_id ();
}

void zmq::pipe_t::drop_routing_id ()
{
    if (!_in_pipe->check_read () || !_in_pipe->probe (is_routing_id_message))
        return;
    msg_t msg;
    const bool ok = _in_pipe->read (&msg);
    zmq_assert (ok);
    const int rc = msg.close ();
    errno_assert (rc == 0);
}
",
    ),
    once(
        "A94",
        "src/pipe.cpp",
        "    if (!_out_active && _state == active) {\n",
        "    if (!_out_active && _state == active && !_terminate_then) {\n",
    ),
    once(
        "A94",
        "src/socket_base.cpp",
        "        it->second->terminate (true);\n",
        "        it->second->terminate_after_message (true);\n",
    ),
    once(
        "A94",
        "src/socket_base.cpp",
        "            it->second.second->terminate (false);\n",
        "            it->second.second->terminate_after_message (false);\n",
    ),
    once(
        "A94",
        "src/socket_base.cpp",
        "    if (options.immediate == 1)\n        pipe_->terminate (false);\n",
        "    if (options.immediate == 1)\n        pipe_->terminate_after_message (false);\n",
    ),
    // Who binds an inproc name drops the routing id of those who wait. That of a conflating one is not there any more if it has
    // sent something, which was dropped instead, or has left, which aborted.
    once(
        "A95",
        "src/ctx.cpp",
        "        msg_t msg;
        const bool ok = pending_connection_.bind_pipe->read (&msg);
        zmq_assert (ok);
        const int rc = msg.close ();
        errno_assert (rc == 0);
    }

    if (!get_effective_conflate_option",
        "        pending_connection_.bind_pipe->drop_routing_id ();
    }

    if (!get_effective_conflate_option",
    ),
    // Who waited for the name, and was closed since, is freed as soon as it is told that the name is bound.
    once(
        "A96",
        "src/ctx.cpp",
        "    bind_socket_->inc_seqnum ();
    pending_connection_.bind_pipe->set_tid (bind_socket_->get_tid ());
",
        "    bind_socket_->inc_seqnum ();
    pending_connection_.bind_pipe->set_tid (bind_socket_->get_tid ());
    const bool is_open = pending_connection_.endpoint.socket->check_tag ();
",
    ),
    once(
        "A96",
        "src/ctx.cpp",
        "        && pending_connection_.endpoint.socket->check_tag ()) {\n",
        "        && is_open) {\n",
    ),
    // The same look, and those of wrong calls, may come while another thread closes the socket.
    once("A96", "src/socket_base.hpp", "    uint32_t _tag;\n", "    std::atomic<uint32_t> _tag;\n"),
    once("A96", "src/socket_base.hpp", "#include <string>\n", "#include <atomic>\n#include <string>\n"),
    once(
        "A96",
        "src/socket_base.cpp",
        "    return _tag == 0xbaddecaf;\n",
        "    return _tag.load (std::memory_order_relaxed) == 0xbaddecaf;\n",
    ),
];
