//! Sockets that keep the last message only.

use super::{Fix, once};

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[
    // Whether the reader sleeps is known under the lock that guards the message, as both change together.
    once(
        "conflate-last",
        "src/dbuffer.hpp",
        "_front (&_storage[1]), _has_msg (false)\n",
        "_front (&_storage[1]), _has_msg (false),
        _ended (false), _awake (true), _must_wake (false)\n",
    ),
    once(
        "conflate-last",
        "src/dbuffer.hpp",
        "    bool _has_msg;\n",
        "    bool _has_msg;

    //  The writer is done. This is no message, as it would replace the last one.
    bool _ended;

    //  The reader has not found this empty since it was woken.
    bool _awake;

    //  The writer's own: it owes the reader a wake-up.
    bool _must_wake;\n",
    ),
    // The lock is held for some instructions, never while a message is freed.
    once(
        "conflate-last",
        "src/dbuffer.hpp",
        "        if (_sync.try_lock ()) {\n",
        "        const bool ends = value_.is_delimiter ();
        _sync.lock ();
        {\n",
    ),
    once(
        "conflate-last",
        "src/dbuffer.hpp",
        "            _front->move (*_back);\n            _has_msg = true;\n",
        "            if (ends)
                _ended = true;
            else {
                std::swap (_front, _back);
                _has_msg = true;
            }
            if (!_awake) {
                _awake = true;
                _must_wake = true;
            }\n",
    ),
    once(
        "conflate-last",
        "src/dbuffer.hpp",
        "    bool read (msg_t *value_)\n",
        "    //  False if the reader has to be woken, once for each time that it falls asleep.
    bool flush ()
    {
        const bool awake = !_must_wake;
        _must_wake = false;
        return awake;
    }

    bool read (msg_t *value_)\n",
    ),
    once(
        "conflate-last",
        "src/dbuffer.hpp",
        "            _sync.unlock ();\n        }\n",
        "            _sync.unlock ();
        }

        //  What nobody has read.
        const int rc = _back->close ();
        errno_assert (rc == 0);
        _back->init ();\n",
    ),
    once(
        "conflate-last",
        "src/dbuffer.hpp",
        "            if (!_has_msg)\n                return false;\n",
        "            if (!_has_msg) {
                if (!_ended) {
                    _awake = false;
                    return false;
                }
                _ended = false;
                value_->init_delimiter ();
                return true;
            }\n",
    ),
    once(
        "conflate-last",
        "src/dbuffer.hpp",
        "        return _has_msg;\n",
        "        if (_has_msg || _ended)
            return true;
        _awake = false;
        return false;\n",
    ),
    once(
        "conflate-last",
        "src/dbuffer.hpp",
        "        return (*fn_) (*_front);\n",
        "        if (_has_msg)
            return (*fn_) (*_front);
        msg_t end;
        end.init_delimiter ();
        return (*fn_) (end);\n",
    ),
    once("conflate-last", "src/ypipe_conflate.hpp", " : reader_awake (false) {}\n", " {}\n"),
    once("conflate-last", "src/ypipe_conflate.hpp", "    bool reader_awake;\n", ""),
    once("conflate-last", "src/ypipe_conflate.hpp", "return reader_awake;", "return dbuffer.flush ();"),
    once(
        "conflate-last",
        "src/ypipe_conflate.hpp",
        "        if (!res)\n            reader_awake = false;\n",
        "",
    ),
    once(
        "conflate-last",
        "src/ypipe_conflate.hpp",
        "        if (!check_read ())\n            return false;\n",
        "",
    ),
];
