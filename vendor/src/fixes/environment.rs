//! What the system may refuse, or interrupt: descriptors, scheduling, memory, and datagrams that are not there yet.

use super::{Fix, once};

/// Attaches the engine if it could be made ready.
macro_rules! unusable {
    ($engine:literal) => {
        concat!(
            "        if (rc != 0) {\n            report (_socket, _addr);\n            delete ",
            $engine,
            ";\n            return;\n        }\n        send_attach (this, ",
            $engine,
            ");\n"
        )
    };
}

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[
    // A name that begins with @ is not in the file system, but a file may have the same one.
    once(
        "abstract-name",
        "src/ipc_listener.cpp",
        "        ::unlink (addr.c_str ());\n",
        "        if (addr[0] != '@')\n            ::unlink (addr.c_str ());\n",
    ),
    once(
        "A24",
        "src/ctx.cpp",
        "    const int ios = _io_thread_count;\n    _opt_sync.unlock ();\n",
        "    const int ios = _io_thread_count;
    _opt_sync.unlock ();
    if (mazmq > INT_MAX - term_and_reaper_threads_count - ios) {
        errno = ENOMEM;
        return false;
    }
",
    ),
    once(
        "A24",
        "src/ctx.cpp",
        "    catch (const std::bad_alloc &) {\n",
        "    catch (const std::exception &) {\n",
    ),
    // A thread that may not have the scheduling asked for goes on with what it has.
    once(
        "A25",
        "src/thread.cpp",
        "    if (rc == ENOSYS)\n        return;\n#endif\n\n    posix_assert (rc);\n",
        "    if (rc == ENOSYS)\n        return;\n#endif\n",
    ),
    once("A26", "src/thread.cpp", "        errno_assert (rc != -1);\n        // IMP", "        // IMP"),
    once(
        "A27",
        "src/thread.cpp",
        "sizeof (cpu_set_t), &cpuset);\n        posix_assert (rc);\n",
        "sizeof (cpu_set_t), &cpuset);\n",
    ),
    // A datagram socket without a datagram, or without room for one, is nothing to give it up for: the number of the
    // error was looked for in the wrong place.
    once(
        "udp-again",
        "src/udp_engine.cpp",
        "            if (rc != EWOULDBLOCK) {\n",
        "            if (errno != EWOULDBLOCK && errno != EAGAIN && errno != EINTR) {\n",
    ),
    once(
        "udp-again",
        "src/udp_engine.cpp",
        "        if (nbytes != EWOULDBLOCK) {\n",
        "        if (errno != EWOULDBLOCK && errno != EAGAIN && errno != EINTR) {\n",
    ),
    // Where an address or a descriptor for datagrams cannot be had, the socket's monitor hears of it.
    once(
        "A71",
        "src/session_base.cpp",
        "void zmq::session_base_t::start_connecting (bool wait_)\n{\n",
        "static void report (zmq::socket_base_t *socket_, zmq::address_t *addr_)
{
    const int error = zmq_errno ();
    std::string endpoint;
    addr_->to_string (endpoint);
    socket_->event_bind_failed (
      zmq::make_unconnected_bind_endpoint_pair (endpoint), error);
}

void zmq::session_base_t::start_connecting (bool wait_)
{
",
    ),
    once(
        "A71",
        "src/session_base.cpp",
        "        errno_assert (rc == 0);\n\n        send_attach (this, engine);\n",
        unusable!("engine"),
    ),
    // The same for an address that OpenPGM or NORM cannot use.
    once(
        "A76",
        "src/session_base.cpp",
        "            errno_assert (rc == 0);\n\n            send_attach (this, pgm_sender);\n",
        unusable!("pgm_sender"),
    ),
    once(
        "A76",
        "src/session_base.cpp",
        "            errno_assert (rc == 0);\n\n            send_attach (this, pgm_receiver);\n",
        unusable!("pgm_receiver"),
    ),
    once(
        "A76",
        "src/session_base.cpp",
        "            errno_assert (rc == 0);\n\n            send_attach (this, norm_sender);\n",
        unusable!("norm_sender"),
    ),
    once(
        "A76",
        "src/session_base.cpp",
        "            errno_assert (rc == 0);\n\n            send_attach (this, norm_receiver);\n",
        unusable!("norm_receiver"),
    ),
    // What closing a thread-safe socket takes is got with the socket, while that can still fail.
    once(
        "A73",
        "src/socket_base.cpp",
        "        _mailbox = new (std::nothrow) mailbox_safe_t (&_sync);\n        zmq_assert (_mailbox);\n",
        "        _reaper_signaler = new (std::nothrow) signaler_t ();
        zmq_assert (_reaper_signaler);
        if (_reaper_signaler->valid ()) {
            _mailbox = new (std::nothrow) mailbox_safe_t (&_sync);
            zmq_assert (_mailbox);
        } else
            _mailbox = NULL;
",
    ),
    once(
        "A73",
        "src/socket_base.cpp",
        "        _reaper_signaler = new (std::nothrow) signaler_t ();\n        zmq_assert (_reaper_signaler);\n\n        //  Add",
        "        //  Add",
    ),
    once(
        "A73",
        "src/socket_base.cpp",
        "        s->_destroyed = true;\n        LIBZMQ_DELETE (s);\n",
        "        const int err = errno;
        s->_destroyed = true;
        LIBZMQ_DELETE (s);
        errno = err;
",
    ),
    // OpenPGM ends the process when a network has more parts than an interface and two groups.
    once(
        "A77",
        "src/pgm_socket.cpp",
        "    //  Parse port number, start from end for IPv6\n",
        "    if (std::count (network_, network_ + strlen (network_), ';') > 2) {
        errno = EINVAL;
        return -1;
    }

    //  Parse port number, start from end for IPv6
",
    ),
    once("A77", "src/pgm_socket.cpp", "#include <string>\n", "#include <string>\n#include <algorithm>\n"),
];
