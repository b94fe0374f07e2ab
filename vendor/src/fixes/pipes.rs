//! Messages and pipes that were left half-way.

use super::{Fix, once};

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[
    // What an XPUB receives is a copy. It got all the flags of the original, also the one that says that others count on the same
    // bytes, and nobody had counted.
    once(
        "A101",
        "src/xpub.cpp",
        "_pending_flags.push_back (msg.flags ());",
        "_pending_flags.push_back (msg.flags () & msg_t::more);",
    ),
    // The group of a message is counted apart from its bytes if it is long. Where one message went to several peers, only the bytes
    // were counted, and not even a count was kept for short bytes.
    once(
        "A102",
        "src/msg.hpp",
        "    bool is_vsm () const;\n",
        "    bool is_vsm () const;

    //  Whether its group has a count of its own.
    bool has_long_group () const;

    //  Whether its bytes belong to somebody else, who is told when they are not needed any more.
    bool is_lent () const;
",
    ),
    once(
        "A102",
        "src/msg.cpp",
        "bool zmq::msg_t::is_vsm () const\n{\n",
        "bool zmq::msg_t::has_long_group () const
{
    return _u.base.group.type == group_type_long;
}

bool zmq::msg_t::is_lent () const
{
    return _u.base.type == type_lmsg && _u.lmsg.content->ffn != NULL;
}

bool zmq::msg_t::is_vsm () const
{
",
    ),
    once(
        "A102",
        "src/msg.cpp",
        "    //  VSMs, CMSGS and delimiters can be copied straight away.",
        "    if (has_long_group ())
        _u.base.group.lgroup.content->refcnt.add (refs_);

    //  VSMs, CMSGS and delimiters can be copied straight away.",
    ),
    once(
        "A102",
        "src/msg.cpp",
        "    //  If there's only one reference close the message.\n",
        "    if (has_long_group ()) {
        long_group_t *const group = _u.base.group.lgroup.content;
        if (!group->refcnt.sub (refs_)) {
            group->refcnt.~atomic_counter_t ();
            free (group);
        }
        _u.base.group.sgroup.type = group_type_short;
    }

    //  If there's only one reference close the message.
",
    ),
    once(
        "A102",
        "src/dist.cpp",
        "    if (msg_->is_vsm ()) {\n",
        "    if (msg_->is_vsm () && !msg_->has_long_group ()) {\n",
    ),
    // What a ws client sends is masked. That happened in place, in bytes which belong to the program.
    once(
        "A103",
        "src/ws_encoder.cpp",
        "            || in_progress ()->is_cmsg ()) {\n",
        "            || in_progress ()->is_cmsg () || in_progress ()->is_lent ()) {\n",
    ),
];
