//! Connections to inproc names, above all to those that nobody has bound.

use super::{Fix, once};

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[
    // Whoever leaves before the name is bound takes the connection back, and does not wait for the bind. If it has sent
    // something, that waits there for as long as the linger allows.
    once(
        "A151",
        "src/ctx.hpp",
        "    void pend_connection (const std::string &addr_,\n",
        "    //  The far end of a connection that waits for a bind, and does not any more; NULL if it has been bound.
    pipe_t *unpend_connection (const std::string &addr_, const pipe_t *pipe_);
    void pend_connection (const std::string &addr_,
",
    ),
    once(
        "A151",
        "src/ctx.cpp",
        "void zmq::ctx_t::connect_pending (",
        "zmq::pipe_t *zmq::ctx_t::unpend_connection (const std::string &addr_,
                                           const pipe_t *pipe_)
{
    scoped_lock_t locker (_endpoints_sync);
    const pending_connections_t::iterator end =
      _pending_connections.upper_bound (addr_);
    for (pending_connections_t::iterator it =
           _pending_connections.lower_bound (addr_);
         it != end; ++it) {
        if (it->second.connect_pipe == pipe_) {
            pipe_t *const far_end = it->second.bind_pipe;
            _pending_connections.erase (it);
            return far_end;
        }
    }
    return NULL;
}

void zmq::ctx_t::connect_pending (",
    ),
    once(
        "A151",
        "src/object.hpp",
        "    void connect_pending (const char *addr_, zmq::socket_base_t *bind_socket_);\n",
        "    void connect_pending (const char *addr_, zmq::socket_base_t *bind_socket_);
    zmq::pipe_t *unpend_connection (const std::string &addr_,
                                    const zmq::pipe_t *pipe_);
",
    ),
    once(
        "A151",
        "src/object.cpp",
        "void zmq::object_t::connect_pending (",
        "zmq::pipe_t *zmq::object_t::unpend_connection (const std::string &addr_,
                                              const zmq::pipe_t *pipe_)
{
    return _ctx->unpend_connection (addr_, pipe_);
}

void zmq::object_t::connect_pending (",
    ),
    once(
        "A151",
        "src/pipe.hpp",
        "    bool check_hwm () const;\n",
        "    bool check_hwm () const;

    //  What was written so far is no message of the user's.
    void greeted () { _greetings = _msgs_written; }

    //  Whether messages of the user's were written.
    bool holds_messages () const { return _msgs_written > _greetings; }
",
    ),
    once(
        "A151",
        "src/pipe.hpp",
        "    uint64_t _msgs_written;\n",
        "    uint64_t _msgs_written;\n    uint64_t _greetings;\n",
    ),
    once("A151", "src/pipe.cpp", "    _msgs_written (0),\n", "    _msgs_written (0),\n    _greetings (0),\n"),
    once(
        "A151",
        "src/socket_base.hpp",
        "        void erase_pipe (const pipe_t *pipe_);\n",
        "        void erase_pipe (const pipe_t *pipe_);

        //  Says whether there was something to keep.
        bool take_back (socket_base_t *socket_,
                        bool keeps_messages_,
                        const std::string *endpoint_uri_str_);
",
    ),
    once(
        "A151",
        "src/socket_base.hpp",
        "    inprocs_t _inprocs;\n",
        "    inprocs_t _inprocs;

    //  Those whose name was not bound then, until they end.
    inprocs_t _pended;
    bool _has_linger_timer = false;

    //  The socket waits for the far ends of what it takes back as it would for the bind.
    class far_ends_t ZMQ_FINAL : public i_pipe_events
    {
      public:
        far_ends_t () : socket (NULL) {}
        void read_activated (pipe_t *pipe_) ZMQ_FINAL;
        void write_activated (pipe_t *pipe_) ZMQ_FINAL;
        void hiccuped (pipe_t *pipe_) ZMQ_FINAL;
        void pipe_terminated (pipe_t *pipe_) ZMQ_FINAL;

        socket_base_t *socket;
    };
    far_ends_t _far_ends;

    //  Ends connections to inproc names that nobody has bound: to this one, or to all.
    bool take_back (bool keeps_messages_, const std::string *endpoint_uri_str_);
",
    ),
    once(
        "A151",
        "src/socket_base.cpp",
        "void zmq::socket_base_t::inprocs_t::erase_pipe (const pipe_t *pipe_)\n",
        "bool zmq::socket_base_t::inprocs_t::take_back (
  socket_base_t *socket_,
  bool keeps_messages_,
  const std::string *endpoint_uri_str_)
{
    bool keeps = false;
    map_t::iterator it = endpoint_uri_str_
                           ? _inprocs.lower_bound (*endpoint_uri_str_)
                           : _inprocs.begin ();
    const map_t::iterator end = endpoint_uri_str_
                                  ? _inprocs.upper_bound (*endpoint_uri_str_)
                                  : _inprocs.end ();
    for (; it != end; ++it) {
        if (keeps_messages_ && it->second->holds_messages ()) {
            keeps = true;
            continue;
        }
        pipe_t *const far_end =
          socket_->unpend_connection (it->first, it->second);
        if (far_end) {
            far_end->set_event_sink (&socket_->_far_ends);
            far_end->terminate (false);
        }
    }
    return keeps;
}

bool zmq::socket_base_t::take_back (bool keeps_messages_,
                                    const std::string *endpoint_uri_str_)
{
    //  What these have written, they write to each new peer, or would have dropped.
    const bool keeps_messages =
      keeps_messages_ && options.type != ZMQ_SUB && options.type != ZMQ_XSUB
      && options.type != ZMQ_DISH;
    _far_ends.socket = this;
    return _pended.take_back (this, keeps_messages, endpoint_uri_str_);
}

void zmq::socket_base_t::far_ends_t::read_activated (pipe_t *)
{
}

void zmq::socket_base_t::far_ends_t::write_activated (pipe_t *)
{
}

void zmq::socket_base_t::far_ends_t::hiccuped (pipe_t *)
{
}

void zmq::socket_base_t::far_ends_t::pipe_terminated (pipe_t *)
{
    command_t cmd;
    cmd.destination = socket;
    cmd.type = command_t::inproc_connected;
    socket->process_command (cmd);
}

void zmq::socket_base_t::inprocs_t::erase_pipe (const pipe_t *pipe_)
",
    ),
    once(
        "A151",
        "src/socket_base.cpp",
        "        _inprocs.emplace (endpoint_uri_, new_pipes[0]);\n",
        "        new_pipes[0]->greeted ();
        if (!peer.socket)
            _pended.emplace (endpoint_uri_, new_pipes[0]);
        _inprocs.emplace (endpoint_uri_, new_pipes[0]);
",
    ),
    once(
        "A151",
        "src/socket_base.cpp",
        "    // Disconnect an inproc socket\n    if (uri_protocol == protocol_name::inproc) {\n",
        "    // Disconnect an inproc socket
    if (uri_protocol == protocol_name::inproc) {
        take_back (options.linger.load () != 0, &endpoint_uri_str);
",
    ),
    once(
        "A151",
        "src/socket_base.cpp",
        "    //  Ask all attached pipes to terminate.\n",
        "    if (take_back (linger_ != 0, NULL) && linger_ > 0) {
        _poller->add_timer (linger_, this, 0);
        _has_linger_timer = true;
    }

    //  Ask all attached pipes to terminate.
",
    ),
    once(
        "A151",
        "src/socket_base.cpp",
        "    _inprocs.erase_pipe (pipe_);\n",
        "    _inprocs.erase_pipe (pipe_);\n    _pended.erase_pipe (pipe_);\n",
    ),
    once(
        "A151",
        "src/socket_base.cpp",
        "void zmq::socket_base_t::timer_event (int)\n{\n    zmq_assert (false);\n",
        "void zmq::socket_base_t::timer_event (int)
{
    scoped_optional_lock_t sync_lock (_thread_safe ? &_sync : NULL);
    _has_linger_timer = false;
    take_back (false, NULL);
",
    ),
    once(
        "A151",
        "src/socket_base.cpp",
        "        _poller->rm_fd (_handle);\n",
        "        if (_has_linger_timer)
            _poller->cancel_timer (this, 0);
        _poller->rm_fd (_handle);
",
    ),
    // Connections whose name is never bound end with the context: each socket takes back its own when it is told of that end. So
    // nobody has to be made to meet them, which would take a place in the context and a descriptor.
    once(
        "A23",
        "src/ctx.cpp",
        "    const bool save_terminating = _terminating;
    _terminating = false;

    // Connect up any pending inproc connections, otherwise we will hang
    pending_connections_t copy = _pending_connections;
    for (pending_connections_t::iterator p = copy.begin (), end = copy.end ();
         p != end; ++p) {
        zmq::socket_base_t *s = create_socket (ZMQ_PAIR);
        // create_socket might fail eg: out of memory/sockets limit reached
        zmq_assert (s);
        s->bind (p->first.c_str ());
        s->close ();
    }
    _terminating = save_terminating;

",
        "",
    ),
    once(
        "A23",
        "src/socket_base.cpp",
        "    scoped_lock_t lock (_monitor_sync);
    stop_monitor ();

    _ctx_terminated = true;
",
        "    //  Nor can anybody bind a name any more.
    take_back (false, NULL);

    scoped_lock_t lock (_monitor_sync);
    stop_monitor ();

    _ctx_terminated = true;
",
    ),
    // Types that do not talk to each other do not meet over inproc either: nobody but a RADIO can read what a DISH writes. That goes
    // for draft types alone, as programs have had the others meet.
    once(
        "A12",
        "src/ctx.hpp",
        "    void unregister_endpoints (const zmq::socket_base_t *socket_);\n",
        "    void unregister_endpoints (const zmq::socket_base_t *socket_);
    //  Held from the look at who is bound to what is done about it.
    mutex_t &endpoints_sync () { return _endpoints_sync; }
    //  Whether who is bound there does not talk to this type.
    bool is_stranger (const char *addr_, int type_);
",
    ),
    once(
        "A12",
        "src/ctx.cpp",
        "int zmq::ctx_t::register_endpoint (const char *addr_,\n",
        "static bool meets (int type_, int other_)
{
#ifdef ZMQ_BUILD_DRAFT_API
    if (type_ <= ZMQ_STREAM && other_ <= ZMQ_STREAM)
        return true;
    switch (type_) {
        case ZMQ_SERVER:
            return other_ == ZMQ_CLIENT;
        case ZMQ_CLIENT:
            return other_ == ZMQ_SERVER;
        case ZMQ_RADIO:
            return other_ == ZMQ_DISH;
        case ZMQ_DISH:
            return other_ == ZMQ_RADIO;
        case ZMQ_GATHER:
            return other_ == ZMQ_SCATTER;
        case ZMQ_SCATTER:
            return other_ == ZMQ_GATHER;
        case ZMQ_PEER:
        case ZMQ_CHANNEL:
            return other_ == type_;
        default:
            return false;
    }
#else
    LIBZMQ_UNUSED (type_);
    LIBZMQ_UNUSED (other_);
    return true;
#endif
}

bool zmq::ctx_t::is_stranger (const char *addr_, int type_)
{
    scoped_lock_t locker (_endpoints_sync);

    const endpoints_t::const_iterator it = _endpoints.find (addr_);
    return it != _endpoints.end () && !meets (type_, it->second.options.type);
}

int zmq::ctx_t::register_endpoint (const char *addr_,
",
    ),
    once(
        "A12",
        "src/ctx.cpp",
        "    const bool inserted =\n",
        "    const std::pair<pending_connections_t::const_iterator,
                    pending_connections_t::const_iterator>
      pending = _pending_connections.equal_range (addr_);
    for (pending_connections_t::const_iterator p = pending.first;
         p != pending.second; ++p) {
        if (!meets (endpoint_.options.type, p->second.endpoint.options.type)) {
            errno = ENOCOMPATPROTO;
            return -1;
        }
    }

    const bool inserted =
",
    ),
    once(
        "A12",
        "src/socket_base.cpp",
        "        //  Find the peer endpoint.\n",
        "        //  The lock can be taken again by who has it.
        scoped_lock_t locker (get_ctx ()->endpoints_sync ());
        if (get_ctx ()->is_stranger (endpoint_uri_, options.type)) {
            errno = ENOCOMPATPROTO;
            return -1;
        }

        //  Find the peer endpoint.
",
    ),
    // A PAIR turns all but one away, with what they have sent.
    once(
        "A45",
        "src/ctx.cpp",
        "    const bool inserted =\n",
        "    if (endpoint_.options.type == ZMQ_PAIR
        && _pending_connections.count (addr_) > 1) {
        errno = EADDRINUSE;
        return -1;
    }

    const bool inserted =
",
    ),
];
