//! Calls that a C program should not make, and that ended its process or corrupted its memory. The safe layer keeps most
//! of them out by itself; here they are closed for C code in the same process too.

use super::{Fix, once};

/// Refuses a null pointer, with this result.
macro_rules! no_address {
    ($result:literal) => {
        concat!("    if (!addr_) {\n        errno = EFAULT;\n        return ", $result, ";\n    }\n")
    };
}

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[
    // REP is a ROUTER inside, and takes it for granted that it can drop a reply.
    once(
        "A9",
        "src/router.cpp",
        "        case ZMQ_ROUTER_MANDATORY:\n            if (is_int && value >= 0) {\n",
        "        case ZMQ_ROUTER_MANDATORY:
            if (is_int && value >= 0
                && (value == 0 || options.type != ZMQ_REP)) {
",
    ),
    // Over inproc any kind can meet any other. To a STREAM, each part is a piece of the stream.
    Fix {
        name: "A11",
        file: "src/stream.cpp",
        anchor: "zmq_assert ((_prefetched_msg.flags () & msg_t::more) == 0);",
        times: 2,
        instead: "_prefetched_msg.reset_flags (msg_t::more);",
    },
    // Kinds whose handshake has no name for them.
    once(
        "A13",
        "src/socket_base.cpp",
        "    socket_base_t *s = NULL;\n    switch (type_) {\n",
        "    socket_base_t *s = NULL;
#ifndef ZMQ_BUILD_DRAFT_API
    if (type_ > ZMQ_STREAM) {
        errno = EINVAL;
        return NULL;
    }
#endif
    switch (type_) {
",
    ),
    // Whoever sits at the handler's address gets the request; without an answer nobody is let in.
    once(
        "A14",
        "src/session_base.cpp",
        "    zmq_assert (peer.options.type == ZMQ_REP || peer.options.type == ZMQ_ROUTER
                || peer.options.type == ZMQ_SERVER);
",
        "",
    ),
    // The caller keeps what could not be sent.
    once(
        "A15",
        "src/dgram.cpp",
        "    // If there's no out pipe, just drop it.
    if (!_pipe) {
        const int rc = msg_->close ();
        errno_assert (rc == 0);
",
        "    if (!_pipe) {
        errno = EHOSTUNREACH;
",
    ),
    // One group after another: the first is let go, and one that is too long refused.
    once(
        "A18",
        "src/msg.cpp",
        "    size_t length = strnlen (group_, ZMQ_GROUP_MAX_LENGTH);\n",
        "    size_t length = strnlen (group_, ZMQ_GROUP_MAX_LENGTH + 1);\n",
    ),
    once(
        "A18",
        "src/msg.cpp",
        "    if (length_ > 14) {\n",
        "    if (_u.base.group.type == group_type_long) {
        long_group_t *const former = _u.base.group.lgroup.content;
        if (!former->refcnt.sub (1)) {
            former->refcnt.~atomic_counter_t ();
            free (former);
        }
        _u.base.group.sgroup.type = group_type_short;
    }

    if (length_ > 14) {
",
    ),
    once(
        "A19",
        "src/zmq_utils.cpp",
        "    if (zmq_z85_decode (secret_key, z85_secret_key_) == NULL)\n        return -1;\n",
        "    if (strlen (z85_secret_key_) != 40) {
        errno = EINVAL;
        return -1;
    }
    if (zmq_z85_decode (secret_key, z85_secret_key_) == NULL)
        return -1;
",
    ),
    // A handler may do anything but destroy the timers, and no interval is too short or too long.
    once(
        "A20, A21",
        "src/timers.cpp",
        "int zmq::timers_t::add (",
        "static uint64_t due (uint64_t now_, size_t interval_)
{
    const uint64_t longest = std::numeric_limits<int64_t>::max ();
    return now_ + std::min (static_cast<uint64_t> (interval_), longest);
}

int zmq::timers_t::add (",
    ),
    once("A20, A21", "src/timers.cpp", "#include <algorithm>\n", "#include <algorithm>\n#include <limits>\n"),
    Fix {
        name: "A20, A21",
        file: "src/timers.cpp",
        anchor: "_clock.now_ms () + interval_;",
        times: 2,
        instead: "due (_clock.now_ms (), interval_);",
    },
    once(
        "A20, A21",
        "src/timers.cpp",
        "_clock.now_ms () + timer.interval;",
        "due (_clock.now_ms (), timer.interval);",
    ),
    once(
        "A20, A21",
        "src/timers.cpp",
        "            res = std::max (static_cast<long> (it->first - now), 0l);\n",
        "            const uint64_t longest = std::numeric_limits<long>::max ();
            res = it->first <= now ? 0
                                   : static_cast<long> (std::min<uint64_t> (
                                       it->first - now, longest));
",
    ),
    once(
        "A20, A21",
        "src/timers.cpp",
        "int zmq::timers_t::execute ()\n{\n    const uint64_t now = _clock.now_ms ();\n",
        "int zmq::timers_t::execute ()
{
    const uint64_t now = _clock.now_ms ();

    //  Each is put back before its handler runs, later than now, and nothing of it is used afterwards.
    while (!_timers.empty () && _timers.begin ()->first <= now) {
        const timer_t timer = _timers.begin ()->second;
        _timers.erase (_timers.begin ());
        if (_cancelled_timers.erase (timer.timer_id))
            continue;
        _timers.insert (timersmap_t::value_type (
          due (now, std::max<size_t> (timer.interval, 1)), timer));
        timer.handler (timer.timer_id, timer.arg);
    }
    return 0;
}

#if 0
{
",
    ),
    once("A20, A21", "src/timers.cpp", "    _timers.erase (begin, it);\n\n    return 0;\n}\n", "}\n#endif\n"),
    // A list that the system refuses as too long.
    once(
        "A29",
        "src/zmq.cpp",
        "            const int rc = poll (&pollfds[0], nitems_, timeout);\n            if (rc == -1 && errno == EINTR) {\n",
        "            const int rc = poll (&pollfds[0], nitems_, timeout);
            if (rc == -1
                && (errno == EINTR || errno == EINVAL || errno == ENOMEM)) {
",
    ),
    once(
        "A29",
        "src/socket_poller.cpp",
        "        const int rc = poll (_pollfds, _pollset_size, timeout);\n        if (rc == -1 && errno == EINTR) {\n",
        "        const int rc = poll (_pollfds, _pollset_size, timeout);
        if (rc == -1
            && (errno == EINTR || errno == EINVAL || errno == ENOMEM)) {
",
    ),
    // Pointers that are none.
    once(
        "A30",
        "src/zmq.cpp",
        "int zmq_poll (zmq_pollitem_t *items_, int nitems_, long timeout_)\n{\n",
        "int zmq_poll (zmq_pollitem_t *items_, int nitems_, long timeout_)
{
    if (nitems_ < 0 || (nitems_ > 0 && !items_)) {
        errno = nitems_ < 0 ? EINVAL : EFAULT;
        return -1;
    }
",
    ),
    once(
        "A36",
        "src/zmq.cpp",
        "int zmq_bind (void *s_, const char *addr_)\n{\n",
        concat!("int zmq_bind (void *s_, const char *addr_)\n{\n", no_address!("-1")),
    ),
    once(
        "A36",
        "src/zmq.cpp",
        "int zmq_connect (void *s_, const char *addr_)\n{\n",
        concat!("int zmq_connect (void *s_, const char *addr_)\n{\n", no_address!("-1")),
    ),
    once(
        "A36",
        "src/zmq.cpp",
        "zmq_connect_peer (void *s_, const char *addr_)\n{\n",
        concat!("zmq_connect_peer (void *s_, const char *addr_)\n{\n", no_address!("0")),
    ),
    once(
        "A42",
        "src/zmq.cpp",
        "                    const void *optval_,\n                    size_t optvallen_)\n{\n",
        "                    const void *optval_,
                    size_t optvallen_)
{
    if (!optval_ && optvallen_ > 0) {
        errno = EFAULT;
        return -1;
    }
",
    ),
    once(
        "A42",
        "src/zmq.cpp",
        "                     const void *optval_,\n                     size_t optvallen_)\n{\n",
        "                     const void *optval_,
                     size_t optvallen_)
{
    if (!optval_ && optvallen_ > 0) {
        errno = EFAULT;
        return -1;
    }
",
    ),
    // What a socket says of itself after the context was shut down is an error.
    Fix {
        name: "A32",
        file: "src/socket_poller.cpp",
        anchor: "                    zmq_assert (rc == 0);\n\n                    _pollfds",
        times: 1,
        instead: "                    if (rc != 0) {
                        _need_rebuild = true;
                        return -1;
                    }

                    _pollfds",
    },
    // With one socket on both sides those two are not there.
    once(
        "A35",
        "src/proxy.cpp",
        "        rc = poller_send_blocked->add (control_, NULL, ZMQ_POLLIN);\n",
        "        if (frontend_ != backend_) {
        rc = poller_send_blocked->add (control_, NULL, ZMQ_POLLIN);
",
    ),
    once(
        "A35",
        "src/proxy.cpp",
        "        rc = poller_backend_only->add (control_, NULL, ZMQ_POLLIN);
        CHECK_RC_EXIT_ON_FAILURE ();
",
        "        rc = poller_backend_only->add (control_, NULL, ZMQ_POLLIN);
        CHECK_RC_EXIT_ON_FAILURE ();
        }
",
    ),
    // The old form of an event has 32 bits for the descriptor, which Windows does not use more of either.
    once(
        "A41",
        "src/socket_base.cpp",
        "                zmq_assert (values_[0]
                            <= std::numeric_limits<uint32_t>::max ());
",
        "",
    ),
    // A server that demands a domain, and has none, lets nobody in.
    once(
        "A72",
        "src/plain_server.cpp",
        "    if (options.zap_enforce_domain)\n        zmq_assert (zap_required ());\n",
        "",
    ),
    once(
        "A72",
        "src/plain_server.cpp",
        "    rc = session->zap_connect ();\n    if (rc != 0) {\n",
        "    const bool no_domain = options.zap_enforce_domain && !zap_required ();
    if (no_domain)
        errno = EPROTO;
    rc = no_domain ? -1 : session->zap_connect ();
    if (rc != 0) {
",
    ),
];
