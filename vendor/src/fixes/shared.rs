//! What sockets that several threads may use could do to each other.

use super::{Fix, once};

/// The edits, in the order of application. A mailbox of such a socket had the socket's own lock: who sent to a peer held
/// one socket's lock and waited for the other's, and two that sent to each other waited for ever. Now the mailbox has a lock
/// that is held for no longer than it takes to look into it.
pub(super) const FIXES: &[Fix] = &[
    once(
        "A78",
        "src/mailbox_safe.hpp",
        "    //  Synchronize access to the mailbox from receivers and senders\n    mutex_t *const _sync;\n",
        "    //  The lock of the socket, which its threads hold while they receive
    mutex_t *const _sync;

    //  The lock of the mailbox. No other is taken while it is held.
    mutex_t _own;
",
    ),
    once(
        "A78",
        "src/mailbox_safe.cpp",
        "    _sync->lock ();
    _sync->unlock ();
}

void zmq::mailbox_safe_t::add_signaler (signaler_t *signaler_)
{
    _signalers",
        "    _own.lock ();
    _own.unlock ();
}

void zmq::mailbox_safe_t::add_signaler (signaler_t *signaler_)
{
    scoped_lock_t lock (_own);
    _signalers",
    ),
    once(
        "A78",
        "src/mailbox_safe.cpp",
        "    // TODO: make a copy of array and signal outside the lock\n",
        "    scoped_lock_t lock (_own);\n",
    ),
    once(
        "A78",
        "src/mailbox_safe.cpp",
        "    _signalers.clear ();\n",
        "    scoped_lock_t lock (_own);\n    _signalers.clear ();\n",
    ),
    once(
        "A78",
        "src/mailbox_safe.cpp",
        "    _sync->lock ();\n    _cpipe.write (cmd_, false);\n",
        "    scoped_lock_t lock (_own);\n    _cpipe.write (cmd_, false);\n",
    ),
    once(
        "A78",
        "src/mailbox_safe.cpp",
        "            (*it)->send ();
        }
    }

    _sync->unlock ();
}
",
        "            (*it)->send ();
        }
    }
}
",
    ),
    once(
        "A78",
        "src/mailbox_safe.cpp",
        "    if (_cpipe.read (cmd_))
        return 0;
",
        "    _own.lock ();
    if (_cpipe.read (cmd_)) {
        _own.unlock ();
        return 0;
    }
",
    ),
    once(
        "A78",
        "src/mailbox_safe.cpp",
        "        _sync->unlock ();
        _sync->lock ();
    } else {
",
        "        _own.unlock ();
        _sync->unlock ();
        _sync->lock ();
    } else {
",
    ),
    once(
        "A78",
        "src/mailbox_safe.cpp",
        "        const int rc = _cond_var.wait (_sync, timeout_);
        if (rc == -1) {
",
        "        _sync->unlock ();
        const int rc = _cond_var.wait (&_own, timeout_);
        const int err = errno;
        _own.unlock ();
        _sync->lock ();
        errno = err;
        if (rc == -1) {
",
    ),
    once(
        "A78",
        "src/mailbox_safe.cpp",
        "    const bool ok = _cpipe.read (cmd_);

    if (!ok) {
",
        "    _own.lock ();
    const bool ok = _cpipe.read (cmd_);
    _own.unlock ();

    if (!ok) {
",
    ),
];
