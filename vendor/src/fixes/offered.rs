//! Messages that a session offers again, as the queue was full.

use super::{Fix, once};

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[
    // The group was taken out of its message at the first time, which was to be seen by the group that the body has; but the
    // empty group is none.
    once(
        "A162",
        "src/dish.cpp",
        "    rc = _group_msg.close ();
    errno_assert (rc == 0);
has_group:
",
        "    rc = _group_msg.close ();
    errno_assert (rc == 0);
    rc = _group_msg.init ();
    errno_assert (rc == 0);
has_group:
",
    ),
    // A REQ was told what comes next though what was offered had not been taken.
    once(
        "A163",
        "src/req.hpp",
        "    } _state;\n",
        "    } _state;

    //  Changes the state if the message is taken.
    int push_msg (msg_t *msg_, state_t next_);
",
    ),
    once(
        "A163",
        "src/req.hpp",
        "    enum\n    {\n        bottom,",
        "    enum state_t\n    {\n        bottom,",
    ),
    once(
        "A163",
        "src/req.cpp",
        "int zmq::req_session_t::push_msg (msg_t *msg_)\n",
        "int zmq::req_session_t::push_msg (msg_t *msg_, state_t next_)
{
    const int rc = session_base_t::push_msg (msg_);
    if (rc == 0)
        _state = next_;
    return rc;
}

int zmq::req_session_t::push_msg (msg_t *msg_)\n",
    ),
    once(
        "A163",
        "src/req.cpp",
        "                    _state = request_id;
                    return session_base_t::push_msg (msg_);
",
        "                    return push_msg (msg_, request_id);\n",
    ),
    once(
        "A163",
        "src/req.cpp",
        "                    _state = body;
                    return session_base_t::push_msg (msg_);
",
        "                    return push_msg (msg_, body);\n",
    ),
    once(
        "A163",
        "src/req.cpp",
        "                _state = body;
                return session_base_t::push_msg (msg_);
",
        "                return push_msg (msg_, body);\n",
    ),
    once(
        "A163",
        "src/req.cpp",
        "                _state = bottom;
                return session_base_t::push_msg (msg_);
",
        "                return push_msg (msg_, bottom);\n",
    ),
];
