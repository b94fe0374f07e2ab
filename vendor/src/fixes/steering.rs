//! `zmq_ppoll`, and the commands of `zmq_proxy_steerable`.

use super::{Fix, once};

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[
    // It waited with sets of 1024 descriptors, and wrote behind them. Now it is `zmq_poll`, which waits with ppoll().
    once("A40", "src/zmq.cpp", "#ifdef ZMQ_HAVE_PPOLL\n#include \"polling_util.hpp\"\n", "#if 0\n"),
    once(
        "A40",
        "src/zmq.cpp",
        "int zmq_poll (zmq_pollitem_t *items_, int nitems_, long timeout_)\n{\n",
        "//  Waits with the signal mask that `mask_` points to, or with the thread's own if it is null.
static int poll_items (zmq_pollitem_t *items_,
                       int nitems_,
                       long timeout_,
                       const void *mask_);

int zmq_poll (zmq_pollitem_t *items_, int nitems_, long timeout_)
{
    return poll_items (items_, nitems_, timeout_, NULL);
}

#if defined ZMQ_HAVE_PPOLL_CALL
static int poll_with_mask (pollfd *pollfds_,
                           int nitems_,
                           int timeout_,
                           const void *mask_)
{
    if (!mask_)
        return poll (pollfds_, nitems_, timeout_);
    timespec timeout;
    timeout.tv_sec = timeout_ / 1000;
    timeout.tv_nsec = timeout_ % 1000 * 1000000;
    return ppoll (pollfds_, nitems_, timeout_ < 0 ? NULL : &timeout,
                  static_cast<const sigset_t *> (mask_));
}
#endif

static int poll_items (zmq_pollitem_t *items_,
                       int nitems_,
                       long timeout_,
                       const void *mask_)
{
#if defined ZMQ_HAVE_PPOLL_CALL
    if (mask_ && nitems_ == 0)
        return poll_with_mask (
          NULL, 0,
          timeout_ > INT_MAX ? INT_MAX : static_cast<int> (timeout_), mask_);
#else
    LIBZMQ_UNUSED (mask_);
#endif
",
    ),
    // A thread-safe socket has no descriptor to wait for: with a mask, asking for it is the error.
    once(
        "A40",
        "src/zmq.cpp",
        "                if (s->is_thread_safe ())\n",
        "                if (s->is_thread_safe () && !mask_)\n",
    ),
    once(
        "A40",
        "src/zmq.cpp",
        "            const int rc = poll (&pollfds[0], nitems_, timeout);\n",
        "#if defined ZMQ_HAVE_PPOLL_CALL
            const int rc =
              poll_with_mask (&pollfds[0], nitems_, timeout, mask_);
#else
            const int rc = poll (&pollfds[0], nitems_, timeout);
#endif
",
    ),
    once(
        "A40",
        "src/zmq.cpp",
        "#else\n    errno = ENOTSUP;\n    return -1;\n#endif // ZMQ_HAVE_PPOLL\n",
        "#elif defined ZMQ_HAVE_PPOLL_CALL
    return poll_items (items_, nitems_, timeout_, sigmask_);
#else
    LIBZMQ_UNUSED (items_);
    LIBZMQ_UNUSED (nitems_);
    LIBZMQ_UNUSED (timeout_);
    LIBZMQ_UNUSED (sigmask_);
    errno = ENOTSUP;
    return -1;
#endif
",
    ),
    // PAUSE resumed, as every other command of five bytes did, and RESUME paused.
    once(
        "steering",
        "src/proxy.cpp",
        "    if (msiz == 5 && memcmp (command, \"\\x05PAUSE\", 6)) {\n        state = active;\n",
        "    if (msiz == 5 && 0 == memcmp (command, \"PAUSE\", 5)) {
        state = paused;
",
    ),
    once(
        "steering",
        "src/proxy.cpp",
        "0 == memcmp (command, \"RESUME\", 6)) {\n        state = paused;\n",
        "0 == memcmp (command, \"RESUME\", 6)) {
        state = active;
",
    ),
    // Replying through a socket that cannot send, such as a SUB, ended the proxy.
    once(
        "steering",
        "src/proxy.cpp",
        "            rc = control_->send (&cmsg, ind < 7 ? ZMQ_SNDMORE : 0);\n            if (unlikely (rc < 0)) {\n",
        "            rc = control_->send (&cmsg, ind < 7 ? ZMQ_SNDMORE : 0);
            if (rc < 0 && errno == ENOTSUP) {
                cmsg.close ();
                return 0;
            }
            if (unlikely (rc < 0)) {
",
    ),
    once(
        "steering",
        "src/proxy.cpp",
        "    cmsg.init_size (0);\n    rc = control_->send (&cmsg, 0);\n",
        "    cmsg.close ();
    cmsg.init ();
    rc = control_->send (&cmsg, 0);
    if (rc < 0 && errno == ENOTSUP) {
        cmsg.close ();
        return 0;
    }
",
    ),
    // While paused it looked at its sockets again and again, as long as there was something to forward.
    once(
        "steering",
        "src/proxy.cpp",
        "        //  Blocking wait initially only for 'ZMQ_POLLIN' - 'poller_wait' points to 'poller_in'.\n",
        "        //  Until it is told to go on, nothing else can matter.
        if (state == paused) {
            zmq_pollitem_t item = {control_, 0, ZMQ_POLLIN, 0};
            rc = zmq_poll (&item, 1, -1);
            CHECK_RC_EXIT_ON_FAILURE ();
            if (item.revents & ZMQ_POLLIN) {
                rc = handle_control (control_, state, stats);
                CHECK_RC_EXIT_ON_FAILURE ();
            }
            continue;
        }

        //  Blocking wait initially only for 'ZMQ_POLLIN' - 'poller_wait' points to 'poller_in'.
",
    ),
    once(
        "steering",
        "src/proxy.cpp",
        "        //  Wait while there are either requests or replies to process.\n        rc = zmq_poll (&items[0], qt_poll_items, -1);\n",
        "        //  Until it is told to go on, nothing but a command can matter.
        rc = state == paused ? zmq_poll (&items[2], 1, -1)
                             : zmq_poll (&items[0], qt_poll_items, -1);
",
    ),
];
