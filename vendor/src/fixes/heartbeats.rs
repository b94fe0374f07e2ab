//! Heartbeats, subscriptions beyond the high-water mark, and what is no ZMTP.

use super::{Fix, once};

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[
    // Subscriptions, and the groups of a DISH, are state: to lose one is to be deaf. They neither wait for a place in the queue
    // nor are dropped for want of one.
    once(
        "subscriptions-hwm",
        "src/pipe.hpp",
        "    bool check_hwm () const;\n",
        "    bool check_hwm () const;

    //  Writes a whole message, however many there are. False if the pipe is being ended.
    bool write_past_hwm (const msg_t *msg_);\n",
    ),
    once(
        "subscriptions-hwm",
        "src/pipe.cpp",
        "bool zmq::pipe_t::check_hwm () const\n",
        "bool zmq::pipe_t::write_past_hwm (const msg_t *msg_)
{
    if (unlikely (_state != active || !_out_pipe))
        return false;
    _out_pipe->write (*msg_, false);
    _msgs_written++;
    return true;
}

bool zmq::pipe_t::check_hwm () const\n",
    ),
    once(
        "subscriptions-hwm",
        "src/dist.hpp",
        "    static bool has_out ();\n",
        "    //  Sends a message of one part to each pipe, whether it is full or not. Not for the middle of a message.
    int send_past_hwm (zmq::msg_t *msg_);

    //  The pipe has a new and empty queue.
    void hiccuped (zmq::pipe_t *pipe_);

    static bool has_out ();\n",
    ),
    once(
        "subscriptions-hwm",
        "src/dist.cpp",
        "bool zmq::dist_t::has_out ()\n",
        "int zmq::dist_t::send_past_hwm (msg_t *msg_)
{
    for (pipes_t::size_type i = 0; i != _pipes.size (); ++i) {
        msg_t copy;
        int rc = copy.init ();
        errno_assert (rc == 0);
        rc = copy.copy (*msg_);
        errno_assert (rc == 0);
        if (_pipes[i]->write_past_hwm (&copy))
            _pipes[i]->flush ();
        else {
            rc = copy.close ();
            errno_assert (rc == 0);
        }
    }
    int rc = msg_->close ();
    errno_assert (rc == 0);
    rc = msg_->init ();
    errno_assert (rc == 0);
    return 0;
}

void zmq::dist_t::hiccuped (pipe_t *pipe_)
{
    if (_pipes.index (pipe_) >= _eligible)
        activated (pipe_);
}

bool zmq::dist_t::has_out ()\n",
    ),
    once(
        "subscriptions-hwm",
        "src/xsub.cpp",
        "    const bool first_part = !_more_send;\n",
        "    const bool alone = !_more_send && !(msg_->flags () & msg_t::more);
    const bool first_part = !_more_send;\n",
    ),
    once(
        "subscriptions-hwm",
        "src/xsub.cpp",
        "        _subscriptions.add (data, size);
        _process_subscribe = true;
        return _dist.send_to_all (msg_);\n",
        "        _subscriptions.add (data, size);
        _process_subscribe = true;
        return alone ? _dist.send_past_hwm (msg_) : _dist.send_to_all (msg_);\n",
    ),
    once(
        "subscriptions-hwm",
        "src/xsub.cpp",
        "        if (rm_result || _verbose_unsubs)
            return _dist.send_to_all (msg_);\n",
        "        if (rm_result || _verbose_unsubs)
            return alone ? _dist.send_past_hwm (msg_)
                         : _dist.send_to_all (msg_);\n",
    ),
    once(
        "subscriptions-hwm",
        "src/xsub.cpp",
        "    const bool sent = pipe->write (&msg);\n",
        "    const bool sent = pipe->write_past_hwm (&msg);\n",
    ),
    once(
        "subscriptions-hwm",
        "src/xsub.cpp",
        "    //  Send all the cached subscriptions to the hiccuped pipe.\n",
        "    _dist.hiccuped (pipe_);

    //  Send all the cached subscriptions to the hiccuped pipe.\n",
    ),
    Fix {
        name: "subscriptions-hwm",
        file: "src/dish.cpp",
        anchor: "_dist.send_to_all (&msg)",
        times: 2,
        instead: "_dist.send_past_hwm (&msg)",
    },
    once(
        "subscriptions-hwm",
        "src/dish.cpp",
        "        pipe_->write (&msg);\n",
        "        if (!pipe_->write_past_hwm (&msg)) {
            rc = msg.close ();
            errno_assert (rc == 0);
        }\n",
    ),
    // Whoever sends is alive, however slowly its message arrives; and of whom we do not read, we cannot say anything.
    once(
        "heartbeat-alive",
        "src/stream_engine_base.hpp",
        "    bool _has_heartbeat_timer;\n",
        "    bool _has_heartbeat_timer;

    //  How long the peer asked us to wait for it, in milliseconds.
    int _ttl = 0;

    //  Something was read since that timer was started.
    bool _heard = false;\n",
    ),
    once(
        "heartbeat-alive",
        "src/stream_engine_base.cpp",
        "        //  Adjust input size\n",
        "        _heard = true;
        if (unlikely (_has_timeout_timer)) {
            _has_timeout_timer = false;
            cancel_timer (heartbeat_timeout_timer_id);
        }

        //  Adjust input size\n",
    ),
    once(
        "heartbeat-alive",
        "src/stream_engine_base.cpp",
        "    if (_has_ttl_timer) {
        _has_ttl_timer = false;
        cancel_timer (heartbeat_ttl_timer_id);
    }\n",
        "",
    ),
    once(
        "heartbeat-alive",
        "src/stream_engine_base.cpp",
        "        _has_ttl_timer = false;
        error (timeout_error);\n",
        "        _has_ttl_timer = false;
        if (_heard || _input_stopped) {
            _heard = false;
            add_timer (_ttl, heartbeat_ttl_timer_id);
            _has_ttl_timer = true;
        } else
            error (timeout_error);\n",
    ),
    once(
        "heartbeat-alive",
        "src/stream_engine_base.cpp",
        "        _has_timeout_timer = false;
        error (timeout_error);\n",
        "        _has_timeout_timer = false;
        //  The next heartbeat starts it again.
        if (!_input_stopped)
            error (timeout_error);\n",
    ),
    // The number of milliseconds did not fit.
    once(
        "heartbeat-alive",
        "src/zmtp_engine.cpp",
        "        remote_heartbeat_ttl *= 100;\n",
        "        _ttl = remote_heartbeat_ttl * 100;
        _heard = false;
        if (_has_ttl_timer) {
            _has_ttl_timer = false;
            cancel_timer (heartbeat_ttl_timer_id);
        }\n",
    ),
    once(
        "heartbeat-alive",
        "src/zmtp_engine.cpp",
        "add_timer (remote_heartbeat_ttl, heartbeat_ttl_timer_id);",
        "add_timer (_ttl, heartbeat_ttl_timer_id);",
    ),
    // Commands are for the engine and belong to no group.
    once(
        "heartbeat-dish",
        "src/dish.cpp",
        "    if (_state == group) {\n        if ((msg_->flags () & msg_t::more) != msg_t::more) {\n",
        "    if (msg_->flags () & msg_t::command)
        return session_base_t::push_msg (msg_);

    if (_state == group) {\n        if ((msg_->flags () & msg_t::more) != msg_t::more) {\n",
    ),
    // ZMTP 1 has no greeting, so that nearly everything looked like it. But of the byte after a frame's length seven bits are
    // zero, which is so of nothing else that is usual.
    once(
        "no-zmtp",
        "src/zmtp_engine.cpp",
        "        if (_greeting_recv[0] != 0xff) {\n",
        "        if (_greeting_recv[0] != 0xff) {
            if (_greeting_bytes_read < 2 && _greeting_recv[0] != 0)
                continue;
            if (_greeting_recv[0] == 0
                || (_greeting_recv[1] & ~static_cast<int> (msg_t::more)) != 0) {
                errno = EPROTO;
                error (connection_error);
                return -1;
            }\n",
    ),
    once(
        "no-zmtp",
        "src/v1_decoder.cpp",
        "    //  Store the flags from the wire into the message structure.\n",
        "    if ((_tmpbuf[0] & ~static_cast<int> (msg_t::more)) != 0) {
        errno = EPROTO;
        return -1;
    }

    //  Store the flags from the wire into the message structure.\n",
    ),
];
