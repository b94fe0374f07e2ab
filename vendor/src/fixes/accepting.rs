//! What accepting, connecting, sending and receiving may fail with, and threads that cannot be had.

use super::{Fix, once};

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[
    // A thread that cannot be started is the failure of the socket that needed it. The reaper is started last, so that
    // it never has to be stopped here: it would tell the context's end that it is done.
    once(
        "no-thread",
        "src/thread.hpp",
        "    void start (thread_fn *tfn_, void *arg_, const char *name_);\n",
        "    //  False, and errno, if the system refuses.
    bool start (thread_fn *tfn_, void *arg_, const char *name_);
",
    ),
    Fix {
        name: "no-thread",
        file: "src/thread.cpp",
        anchor: "void zmq::thread_t::start (thread_fn *tfn_, void *arg_, const char *name_)\n",
        times: 3,
        instead: "bool zmq::thread_t::start (thread_fn *tfn_, void *arg_, const char *name_)\n",
    },
    once(
        "no-thread",
        "src/thread.cpp",
        "    win_assert (_descriptor != NULL);\n    _started = true;\n",
        "    if (_descriptor == NULL) {
        errno = EAGAIN;
        return false;
    }
    _started = true;
    return true;
",
    ),
    once(
        "no-thread",
        "src/thread.cpp",
        "        _started = true;\n}\n",
        "        _started = true;
    else
        errno = EAGAIN;
    return _started;
}
",
    ),
    once(
        "no-thread",
        "src/thread.cpp",
        "thread_routine, this);\n    posix_assert (rc);\n    _started = true;\n",
        "thread_routine, this);
    if (rc != 0) {
        errno = rc;
        return false;
    }
    _started = true;
    return true;
",
    ),
    once(
        "no-thread",
        "src/zmq_utils.cpp",
        "    thread->start (func_, arg_, \"ZMQapp\");\n",
        "    if (!thread->start (func_, arg_, \"ZMQapp\")) {
        const int err = errno;
        LIBZMQ_DELETE (thread);
        errno = err;
    }
",
    ),
    once(
        "no-thread",
        "src/zmq_utils.cpp",
        "    zmq::thread_t *p_thread = static_cast<zmq::thread_t *> (thread_);\n",
        "    if (!thread_)
        return;
    zmq::thread_t *p_thread = static_cast<zmq::thread_t *> (thread_);
",
    ),
    once(
        "no-thread",
        "src/ctx.hpp",
        "    void start_thread (thread_t &thread_,\n",
        "    bool start_thread (thread_t &thread_,\n",
    ),
    once(
        "no-thread",
        "src/ctx.cpp",
        "void zmq::thread_ctx_t::start_thread (",
        "bool zmq::thread_ctx_t::start_thread (",
    ),
    once(
        "no-thread",
        "src/ctx.cpp",
        "    thread_.start (tfn_, arg_, namebuf);\n",
        "    return thread_.start (tfn_, arg_, namebuf);\n",
    ),
    once(
        "no-thread",
        "src/poller_base.hpp",
        "    void start (const char *name = NULL);\n",
        "    bool start (const char *name = NULL);\n",
    ),
    once(
        "no-thread",
        "src/poller_base.cpp",
        "void zmq::worker_poller_base_t::start (const char *name_)\n",
        "bool zmq::worker_poller_base_t::start (const char *name_)\n",
    ),
    once(
        "no-thread",
        "src/poller_base.cpp",
        "    _ctx.start_thread (_worker,",
        "    return _ctx.start_thread (_worker,",
    ),
    once(
        "no-thread",
        "src/reaper.hpp",
        "    void start ();\n",
        "    bool start ();\n    //  Called instead of stop, if it was not started.\n    void abandon ();\n",
    ),
    once(
        "no-thread",
        "src/reaper.cpp",
        "void zmq::reaper_t::start ()\n",
        "void zmq::reaper_t::abandon ()
{
    if (_mailbox_handle)
        _poller->rm_fd (_mailbox_handle);
}

bool zmq::reaper_t::start ()
",
    ),
    once(
        "no-thread",
        "src/reaper.cpp",
        "    _poller->start (\"Reaper\");\n",
        "    return _poller->start (\"Reaper\");\n",
    ),
    once(
        "no-thread",
        "src/io_thread.hpp",
        "    void start ();\n",
        "    bool start ();\n    //  Called instead of stop, if it was not started.\n    void abandon ();\n",
    ),
    once(
        "no-thread",
        "src/io_thread.cpp",
        "void zmq::io_thread_t::start ()\n",
        "void zmq::io_thread_t::abandon ()
{
    if (_mailbox_handle)
        _poller->rm_fd (_mailbox_handle);
}

bool zmq::io_thread_t::start ()
",
    ),
    once(
        "no-thread",
        "src/io_thread.cpp",
        "    _poller->start (name);\n",
        "    return _poller->start (name);\n",
    ),
    once(
        "no-thread",
        "src/ctx.cpp",
        "    _slots[reaper_tid] = _reaper->get_mailbox ();\n    _reaper->start ();\n",
        "    _slots[reaper_tid] = _reaper->get_mailbox ();\n",
    ),
    once(
        "no-thread",
        "src/ctx.cpp",
        "        _io_threads.push_back (io_thread);\n        _slots[i] = io_thread->get_mailbox ();\n        io_thread->start ();\n    }\n",
        "        if (!io_thread->start ()) {
            const int err = errno;
            io_thread->abandon ();
            delete io_thread;
            errno = err;
            goto fail_cleanup_reaper;
        }
        _io_threads.push_back (io_thread);
        _slots[i] = io_thread->get_mailbox ();
    }
    if (!_reaper->start ())
        goto fail_cleanup_reaper;
",
    ),
    once(
        "no-thread",
        "src/ctx.cpp",
        "fail_cleanup_reaper:\n    _reaper->stop ();\n    delete _reaper;\n    _reaper = NULL;\n",
        "fail_cleanup_reaper:
    start_error = errno;
    for (size_t i = 0; i != _io_threads.size (); i++) {
        _io_threads[i]->stop ();
        delete _io_threads[i];
    }
    _io_threads.clear ();
    _reaper->abandon ();
    delete _reaper;
    _reaper = NULL;
    errno = start_error;
",
    ),
    once(
        "no-thread",
        "src/ctx.cpp",
        "    const int term_and_reaper_threads_count = 2;\n",
        "    const int term_and_reaper_threads_count = 2;\n    int start_error;\n",
    ),
];
