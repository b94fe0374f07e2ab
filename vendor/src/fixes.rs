//! Our edits to libzmq 4.3.5: defects that a peer, a datagram or a lack of descriptors can trigger, and that a caller
//! cannot keep out. The README's table says for each who triggers it and which test shows it closed.
//!
//! An edit finds its place by a short text that must occur as often as expected, so that a source which is not the one
//! these were written for fails the build instead of being edited blindly.

mod accepting;
mod again;
mod conflate;
mod environment;
mod errors;
mod exhaustion;
mod gone;
mod gssapi;
mod heartbeats;
mod inproc;
mod leaving;
mod lookup;
mod misuse;
mod offered;
mod options;
mod pipes;
mod protocol;
mod refusals;
mod resolver;
mod security;
mod sessions;
mod shared;
mod steering;
mod subscriptions;
mod unfinished;
mod waiting;
mod wss;

/// One edit.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Fix {
    /// The entry in the README's table that it belongs to.
    pub name: &'static str,
    /// The file, from the root of the source.
    pub file: &'static str,
    /// The text to replace.
    pub anchor: &'static str,
    /// How often it occurs in the file.
    pub times: usize,
    /// What takes its place.
    pub instead: &'static str,
}

/// An edit whose place occurs once.
const fn once(name: &'static str, file: &'static str, anchor: &'static str, instead: &'static str) -> Fix {
    Fix { name, file, anchor, times: 1, instead }
}

/// All of them, in the order of application.
pub fn all() -> impl Iterator<Item = &'static Fix> {
    [
        MESSAGE_LAYOUT,
        PEERS,
        options::FIXES,
        protocol::FIXES,
        security::FIXES,
        shared::FIXES,
        environment::FIXES,
        subscriptions::FIXES,
        misuse::FIXES,
        leaving::FIXES,
        steering::FIXES,
        gssapi::FIXES,
        wss::FIXES,
        pipes::FIXES,
        sessions::FIXES,
        again::FIXES,
        heartbeats::FIXES,
        conflate::FIXES,
        accepting::FIXES,
        errors::FIXES,
        refusals::FIXES,
        resolver::FIXES,
        lookup::FIXES,
        inproc::FIXES,
        unfinished::FIXES,
        waiting::FIXES,
        exhaustion::FIXES,
        gone::FIXES,
        offered::FIXES,
    ]
    .into_iter()
    .flatten()
}

/// No change, but a promise: what callers may read in a `zmq_msg_t` without asking lies where they think it does.
const MESSAGE_LAYOUT: &[Fix] = &[once(
    "message-layout",
    "src/msg.cpp",
    "bool zmq::msg_t::check () const\n{\n",
    "bool zmq::msg_t::check () const
{
    static_assert (
      offsetof (msg_t, _u.vsm.metadata) == 0
        && offsetof (msg_t, _u.vsm.data) == sizeof (void *)
        && offsetof (msg_t, _u.lmsg.content) == sizeof (void *)
        && offsetof (msg_t, _u.zclmsg.content) == sizeof (void *)
        && offsetof (msg_t, _u.vsm.size) == 41
        && offsetof (msg_t, _u.base.type) == 42
        && offsetof (msg_t, _u.base.flags) == 43
        && offsetof (msg_t, _u.base.routing_id) == 44
        && offsetof (msg_t, _u.base.group.type) == 48,
      \"the fields of a message\");
    static_assert (offsetof (content_t, data) == 0
                     && offsetof (content_t, size) == sizeof (void *),
                   \"the content of a message\");
    static_assert (type_vsm == 101 && type_lmsg == 102 && type_zclmsg == 105
                     && msg_t::more == 1 && group_type_short == 0,
                   \"the numbers in a message\");
",
)];

/// What peers and races inside libzmq could do.
const PEERS: &[Fix] = &[
    // The ids that a ROUTER or STREAM invents for its peers. They started at the same number in every process, and one
    // that a peer had already announced as its own stopped the process.
    Fix {
        name: "A1 (ids skip those taken)",
        file: "src/socket_base.hpp",
        anchor: "    bool has_out_pipe (const blob_t &routing_id_) const;\n",
        times: 1,
        instead: "    bool has_out_pipe (const blob_t &routing_id_) const;\n\
                  \x20   //  Counts on to a number whose routing id no peer has.\n\
                  \x20   uint32_t next_free_id (uint32_t &counter_) const;\n",
    },
    Fix {
        name: "A1 (ids skip those taken)",
        file: "src/socket_base.cpp",
        anchor: "    return 0 != _out_pipes.count (routing_id_);\n}\n",
        times: 1,
        instead: "    return 0 != _out_pipes.count (routing_id_);
}

uint32_t zmq::routing_socket_base_t::next_free_id (uint32_t &counter_) const
{
    while (true) {
        const uint32_t number = counter_++;
        unsigned char id[5] = {0, static_cast<unsigned char> (number >> 24),
                               static_cast<unsigned char> (number >> 16),
                               static_cast<unsigned char> (number >> 8),
                               static_cast<unsigned char> (number)};
        if (!has_out_pipe (blob_t (id, sizeof id, reference_tag_t ())))
            return number;
    }
}
",
    },
    Fix {
        name: "A1 (ids skip those taken)",
        file: "src/router.cpp",
        anchor: "_next_integral_routing_id++",
        times: 3,
        instead: "next_free_id (_next_integral_routing_id)",
    },
    Fix {
        name: "A1 (ids skip those taken)",
        file: "src/stream.cpp",
        anchor: "_next_integral_routing_id++",
        times: 1,
        instead: "next_free_id (_next_integral_routing_id)",
    },
    Fix {
        name: "A1 (ids start anywhere)",
        file: "src/random.cpp",
        anchor: "uint32_t zmq::generate_random ()\n",
        times: 1,
        instead: "#include <random>

static uint32_t unseeded_random ();

static std::mt19937 seeded_engine ()
{
    uint32_t words[8];
    for (size_t i = 0; i != sizeof words / sizeof words[0]; ++i) {
        try {
            words[i] = std::random_device () ();
        }
        catch (...) {
            //  The system has no randomness to give; what is left is the time.
            words[i] = static_cast<uint32_t> (zmq::clock_t::now_us ())
                       + unseeded_random ();
        }
    }
    std::seed_seq seed (words, words + sizeof words / sizeof words[0]);
    return std::mt19937 (seed);
}

//  Its own generator for each thread, and not rand (): nothing ever seeds that one, and it belongs to the application.
uint32_t zmq::generate_random ()
{
    static thread_local std::mt19937 engine (seeded_engine ());
#if defined HAVE_FORK
    //  A forked child has inherited the state.
    static thread_local pid_t process = getpid ();
    if (process != getpid ()) {
        process = getpid ();
        engine = seeded_engine ();
    }
#endif
    return static_cast<uint32_t> (engine ());
}

static uint32_t unseeded_random ()
",
    },
    // Datagrams.
    Fix {
        name: "A2",
        file: "src/udp_engine.cpp",
        anchor: "const int group_size = _in_buffer[0];\n",
        times: 1,
        instead: "const int group_size = static_cast<unsigned char> (_in_buffer[0]);

        //  Before the message is made, which nobody would free.
        if (nbytes - 1 < group_size)
            return;
",
    },
    Fix {
        name: "A3",
        file: "src/udp_engine.cpp",
        anchor: "        zmq_assert (in_address.ss_family == AF_INET);\n",
        times: 1,
        instead: "        //  There is no way to write another kind of address into the message.
        if (in_address.ss_family != AF_INET)
            return;
",
    },
    Fix {
        name: "A4, A5",
        file: "src/udp_engine.cpp",
        anchor: "        size_t size;\n",
        times: 1,
        instead: "        size_t size;

        //  What the buffer cannot hold is dropped, like what has no valid address.
        if (body_size + (_options.raw_socket ? 0 : group_size + 1)
            > sizeof _out_buffer) {
            rc = group_msg.close ();
            errno_assert (rc == 0);
            rc = body_msg.close ();
            errno_assert (rc == 0);
            return;
        }
",
    },
    // A pipe's peer is freed as soon as it has our acknowledgement; what would be told to it later has no meaning.
    Fix {
        name: "A6",
        file: "src/pipe.cpp",
        anchor: "    send_pipe_hwm (_peer, inhwm_, outhwm_);\n",
        times: 1,
        instead: "    if (_state != term_ack_sent && _state != term_req_sent2)
        send_pipe_hwm (_peer, inhwm_, outhwm_);
",
    },
    Fix {
        name: "A7",
        file: "src/pipe.cpp",
        anchor: "    endpoint_uri_pair_t *ep =\n",
        times: 1,
        instead: "    if (_state == term_ack_sent || _state == term_req_sent2)
        return;
    endpoint_uri_pair_t *ep =
",
    },
    // The queue leaves the pipe before it is emptied and freed, so that nothing that happens meanwhile finds it there.
    Fix {
        name: "A44",
        file: "src/pipe.cpp",
        anchor: "    if (!_conflate) {\n        msg_t msg;\n        while (_in_pipe->read (&msg)) {\n",
        times: 1,
        instead: "    upipe_t *queue = _in_pipe;
    _in_pipe = NULL;
    _in_active = false;
    if (!_conflate && queue) {
        msg_t msg;
        while (queue->read (&msg)) {
",
    },
    Fix {
        name: "A44",
        file: "src/pipe.cpp",
        anchor: "    LIBZMQ_DELETE (_in_pipe);\n",
        times: 1,
        instead: "    LIBZMQ_DELETE (queue);\n",
    },
    // A PAIR that turns a connection away, before the routing id that a waiting ROUTER wants was written to it.
    Fix {
        name: "A45",
        file: "src/pipe.cpp",
        anchor: "    const bool written = pipe_->write (&id);
    zmq_assert (written);
    pipe_->flush ();
",
        times: 1,
        instead: "    if (pipe_->write (&id))
        pipe_->flush ();
    else
        id.close ();
",
    },
    // A greeting for one who connected before the bind, and left before it too.
    Fix {
        name: "A61",
        file: "src/pipe.cpp",
        anchor: "    const bool written = pipe_->write (&hello);
    zmq_assert (written);
    pipe_->flush ();
",
        times: 1,
        instead: "    if (pipe_->write (&hello))
        pipe_->flush ();
    else
        hello.close ();
",
    },
    // A group from a peer that is longer than groups may be.
    Fix {
        name: "A63",
        file: "src/radio.cpp",
        anchor: "        errno_assert (rc == 0);

        //  Set the group
",
        times: 1,
        instead: "        errno_assert (rc == 0);

        if (group_length > ZMQ_GROUP_MAX_LENGTH) {
            rc = join_leave_msg.close ();
            errno_assert (rc == 0);
            errno = EFAULT;
            return -1;
        }

        //  Set the group
",
    },
    // A command was in the mailbox, and the signal that announces it not yet: its own sender could pass it by, and a socket
    // miss the listener that it has just started.
    Fix {
        name: "mailbox-signal",
        file: "src/mailbox.cpp",
        anchor: "    _sync.unlock ();
    if (!ok)
        _signaler.send ();
",
        times: 1,
        instead: "    if (!ok)
        _signaler.send ();
    _sync.unlock ();
",
    },
    // A multipart message whose peer is lost: what is sent without waiting fails, as it does when the loss is noticed while
    // writing. Its later parts used to vanish, each with success.
    Fix {
        name: "S7",
        file: "src/lb.hpp",
        anchor: "    bool _dropping;\n",
        times: 1,
        instead: "    bool _dropping;

    //  True if the pipe was lost that has the first parts of the current message.
    bool _lost = false;
",
    },
    Fix {
        name: "S7",
        file: "src/lb.cpp",
        anchor: "    if (index == _current && _more)
        _dropping = true;
",
        times: 1,
        instead: "    if (index == _current && _more)
        _lost = true;
",
    },
    Fix {
        name: "S7",
        file: "src/lb.cpp",
        anchor: "    //  Drop the message if required. If we are at the end of the message
",
        times: 1,
        instead: "    if (_lost) {
        _lost = false;
        _dropping = (msg_->flags () & msg_t::more) != 0;
        _more = false;
        errno = EAGAIN;
        return -2;
    }

    //  Drop the message if required. If we are at the end of the message
",
    },
    // When another pipe ends while a message goes through the last one, that one moves to its place; the rest of the
    // message went to, or came from, whatever pipe is first.
    Fix {
        name: "pipe-order",
        file: "src/lb.cpp",
        anchor: "            _current = 0;
    }
    _pipes.erase (pipe_);
",
        times: 1,
        instead: "            _current = index == _active ? 0 : index;
    }
    _pipes.erase (pipe_);
",
    },
    Fix {
        name: "pipe-order",
        file: "src/fq.cpp",
        anchor: "            _current = 0;
    }
    _pipes.erase (pipe_);
",
        times: 1,
        instead: "            _current = index == _active ? 0 : index;
    }
    _pipes.erase (pipe_);
",
    },
    // Sending an event leaves its own error number behind, in place of the one that the caller is about to return.
    Fix {
        name: "monitor-errno",
        file: "src/socket_base.cpp",
        anchor: "        monitor_event (type_, values_, values_count_, endpoint_uri_pair_);\n",
        times: 1,
        instead: "        const int error = errno;
        monitor_event (type_, values_, values_count_, endpoint_uri_pair_);
        errno = error;
",
    },
    // Too few descriptors.
    Fix {
        name: "A46",
        file: "src/ip_resolver.cpp",
        anchor: "    errno_assert (rc == 0);
    zmq_assert (ifa != NULL);
",
        times: 1,
        instead: "    if (rc != 0)
        return -1;
    zmq_assert (ifa != NULL);
",
    },
    Fix {
        name: "A37",
        file: "src/ipc_listener.cpp",
        anchor: "                      || errno == ENFILE);\n",
        times: 1,
        instead: "                      || errno == ENFILE || errno == EMFILE
                      || errno == ENOBUFS || errno == ENOMEM
                      || errno == EINVAL);
",
    },
    // A listening socket, from the program, that the program has shut down since.
    Fix {
        name: "listener-shut-down",
        file: "src/tcp_listener.cpp",
        anchor: "                      || errno == ENFILE);\n",
        times: 1,
        instead: "                      || errno == ENFILE || errno == EINVAL);\n",
    },
    Fix {
        name: "listener-shut-down",
        file: "src/ws_listener.cpp",
        anchor: "                      || errno == ENFILE);\n",
        times: 1,
        instead: "                      || errno == ENFILE || errno == EINVAL);\n",
    },
    Fix {
        name: "A38",
        file: "src/ctx.cpp",
        anchor: "bool zmq::ctx_t::start ()\n{\n",
        times: 1,
        instead: "#if defined ZMQ_HAVE_EVENTFD
#include <sys/eventfd.h>

//  Whether so many descriptors can be had.
static bool descriptors_left (size_t count_)
{
    std::vector<int> taken;
    while (taken.size () < count_) {
        const int fd = eventfd (0, EFD_CLOEXEC);
        if (fd == -1)
            break;
        taken.push_back (fd);
    }
    const int error = errno;
    for (size_t i = 0; i != taken.size (); i++)
        close (taken[i]);
    errno = error;
    return taken.size () == count_;
}
#endif

bool zmq::ctx_t::start ()
{
",
    },
    Fix {
        name: "A38",
        file: "src/ctx.cpp",
        anchor: "    const int slot_count = mazmq + ios + term_and_reaper_threads_count;\n",
        times: 1,
        instead: "#if defined ZMQ_HAVE_EVENTFD
    //  The reaper and the I/O threads take two each, and cannot say that they got none.
    if (!descriptors_left (2 * (1 + static_cast<size_t> (ios))))
        return false;
#endif
    const int slot_count = mazmq + ios + term_and_reaper_threads_count;
",
    },
];
