//! Pipes that a socket still remembered when they were gone.

use super::{Fix, once};

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[
    // Which pipe each subscription came from. There was one for a subscription that came in manual mode, and none for a message,
    // so that the two lists went out of step; and one that was gone stayed in the list.
    once(
        "A160",
        "src/xpub.cpp",
        "\n                _pending_pipes.push_back (pipe_);\n            } else {\n",
        "            } else {\n",
    ),
    once(
        "A160",
        "src/xpub.cpp",
        "                _pending_data.push_back (ZMQ_MOVE (notification));\n",
        "                _pending_data.push_back (ZMQ_MOVE (notification));\n                _pending_pipes.push_back (pipe_);\n",
    ),
    once(
        "A160",
        "src/xpub.cpp",
        "_pending_flags.push_back (msg.flags () & msg_t::more);",
        "_pending_pipes.push_back (pipe_);
            _pending_flags.push_back ((msg.flags () & msg_t::more)
                                      | is_no_subscription);",
    ),
    once(
        "A160",
        "src/xpub.cpp",
        "zmq::xpub_t::xpub_t (",
        "//  Among the flags of what is pending: it is a message, and not a subscription
//  or the end of one.
enum
{
    is_no_subscription = 0x80
};

zmq::xpub_t::xpub_t (",
    ),
    once(
        "A160",
        "src/xpub.cpp",
        "    if (_manual && !_pending_pipes.empty ()) {
        _last_pipe = _pending_pipes.front ();
        _pending_pipes.pop_front ();

        // If the distributor doesn't know about this pipe it must have already
        // been terminated and thus we can't allow manual subscriptions.
        if (_last_pipe != NULL && !_dist.has_pipe (_last_pipe)) {
            _last_pipe = NULL;
        }
    }
",
        "    if (!(_pending_flags.front () & is_no_subscription))
        _last_pipe = _pending_pipes.front ();
    _pending_pipes.pop_front ();
",
    ),
    once(
        "A160",
        "src/xpub.cpp",
        "    msg_->set_flags (_pending_flags.front ());\n",
        "    msg_->set_flags (_pending_flags.front () & msg_t::more);\n",
    ),
    // Another pipe's end took the last pipe away.
    once(
        "A160",
        "src/xpub.cpp",
        "
        if (self_->_manual) {
            self_->_last_pipe = NULL;
            self_->_pending_pipes.push_back (NULL);
        }
",
        "        self_->_pending_pipes.push_back (NULL);\n",
    ),
    // In whichever mode it goes.
    once(
        "A160",
        "src/xpub.cpp",
        "
        // In case the pipe is currently set as last we must clear it to prevent
        // subscriptions from being re-added.
        if (pipe_ == _last_pipe) {
            _last_pipe = NULL;
        }
    } else {
",
        "    } else {
        _manual_subscriptions.rm (pipe_, stub, static_cast<void *> (NULL),
                                  false);
",
    ),
    once(
        "A160",
        "src/xpub.cpp",
        "    _dist.pipe_terminated (pipe_);\n",
        "    std::replace (_pending_pipes.begin (), _pending_pipes.end (), pipe_,
                  static_cast<pipe_t *> (NULL));
    if (pipe_ == _last_pipe)
        _last_pipe = NULL;

    _dist.pipe_terminated (pipe_);\n",
    ),
    once("A160", "src/xpub.cpp", "#include <string.h>\n", "#include <string.h>\n#include <algorithm>\n"),
    // The peer whose place another one took is to go once its message was received, and may be gone by then.
    once(
        "A161",
        "src/router.cpp",
        "        pipe_->rollback ();
        if (pipe_ == _current_out)
",
        "        pipe_->rollback ();
        if (pipe_ == _current_in) {
            _current_in = NULL;
            _terminate_current_in = false;
        }
        if (pipe_ == _current_out)
",
    ),
    // Who tells the monitor of something frees what it could not tell.
    Fix {
        name: "A164",
        file: "src/socket_base.cpp",
        anchor: "zmq_msg_send (&msg, _monitor_socket, ZMQ_SNDMORE);",
        times: 5,
        instead: "send_or_close (&msg, _monitor_socket, ZMQ_SNDMORE);",
    },
    Fix {
        name: "A164",
        file: "src/socket_base.cpp",
        anchor: "zmq_msg_send (&msg, _monitor_socket, 0);",
        times: 2,
        instead: "send_or_close (&msg, _monitor_socket, 0);",
    },
    once(
        "A164",
        "src/socket_base.cpp",
        "void zmq::socket_base_t::monitor_event (",
        "//  Once the context has ended, nothing can be sent.
static void send_or_close (zmq_msg_t *msg_, void *socket_, int flags_)
{
    if (zmq_msg_send (msg_, socket_, flags_) == -1)
        zmq_msg_close (msg_);
}

void zmq::socket_base_t::monitor_event (",
    ),
];
