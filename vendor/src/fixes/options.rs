//! What values of options, and what they make libzmq talk to, could do.

use super::Fix;

pub(super) const FIXES: &[Fix] = &[
    // A buffer so small that a header was read straight to where the decoder keeps it: the message behind it was then looked
    // for, and written, behind the header there. Counters that stand after the buffer have to be aligned.
    Fix {
        name: "A50",
        file: "src/decoder_allocators.cpp",
        anchor: "#include \"msg.hpp\"\n",
        times: 1,
        instead: "#include \"msg.hpp\"

//  No part of a header is longer than 8 bytes.
static std::size_t with_room_for_headers (std::size_t bufsize_)
{
    return (bufsize_ + 15) / 16 * 16;
}
",
    },
    Fix {
        name: "A50",
        file: "src/decoder_allocators.cpp",
        anchor: "    _max_size (bufsize_),\n",
        times: 2,
        instead: "    _max_size (with_room_for_headers (bufsize_)),\n",
    },
    // A routing id for the next connection, from the program, that a peer already has.
    Fix {
        name: "A8",
        file: "src/socket_base.hpp",
        anchor: "    virtual int xleave (const char *group_);\n",
        times: 1,
        instead: "    virtual int xleave (const char *group_);

    //  Whether a connection may be made now. By default it may.
    virtual int xcheck_connect () { return 0; }
",
    },
    Fix {
        name: "A8",
        file: "src/socket_base.hpp",
        anchor: "    void xwrite_activated (pipe_t *pipe_) ZMQ_FINAL;\n",
        times: 1,
        instead: "    void xwrite_activated (pipe_t *pipe_) ZMQ_FINAL;
    int xcheck_connect () ZMQ_FINAL;
",
    },
    Fix {
        name: "A8",
        file: "src/socket_base.cpp",
        anchor: "        return -1;
    }

    if (protocol == protocol_name::inproc) {
        //  TODO: inproc connect is specific with respect to creating pipes
",
        times: 1,
        instead: "        return -1;
    }

    //  From here on no command is processed, so no peer can take the id.
    if (xcheck_connect () != 0)
        return -1;

    if (protocol == protocol_name::inproc) {
        //  TODO: inproc connect is specific with respect to creating pipes
",
    },
    Fix {
        name: "A8",
        file: "src/socket_base.cpp",
        anchor: "            // TODO why isn't it possible to set an empty connect_routing_id
            //   (which is the default value)
            if (optval_ && optvallen_) {
",
        times: 1,
        instead: "            //  An empty one takes the last back, if no connection had it.
            if (optvallen_ == 0) {
                _connect_routing_id.clear ();
                return 0;
            }
            if (optval_) {
",
    },
    Fix {
        name: "A8",
        file: "src/socket_base.cpp",
        anchor: "std::string zmq::routing_socket_base_t::extract_connect_routing_id ()\n",
        times: 1,
        instead: "int zmq::routing_socket_base_t::xcheck_connect ()
{
    const std::string &id = _connect_routing_id;
    if (id.empty ()
        || !has_out_pipe (
          blob_t (reinterpret_cast<const unsigned char *> (id.data ()),
                  id.size ())))
        return 0;
    _connect_routing_id.clear ();
    errno = EADDRINUSE;
    return -1;
}

std::string zmq::routing_socket_base_t::extract_connect_routing_id ()
",
    },
    // A pipe that keeps one message has no room for the parts of one.
    Fix {
        name: "A10",
        file: "src/pipe.cpp",
        anchor: "    const bool is_routing_id = msg_->is_routing_id ();
    _out_pipe->write (*msg_, more);
",
        times: 1,
        instead: "    const bool is_routing_id = msg_->is_routing_id ();
    if (unlikely (_conflate && more)) {
        //  Only the last part is kept. The caller may share the message with
        //  other pipes, so it is this reference that is closed.
        msg_t dropped (*msg_);
        const int rc = dropped.close ();
        errno_assert (rc == 0);
        return true;
    }
    _out_pipe->write (*msg_, more);
",
    },
    // A subscriber that is on its way out when it is welcomed.
    Fix {
        name: "welcome",
        file: "src/xpub.cpp",
        anchor: "        zmq_assert (ok);
        pipe_->flush ();
",
        times: 1,
        instead: "        if (ok)
            pipe_->flush ();
        else
            copy.close ();
",
    },
    // What a system refuses of the type of service is not worth the process.
    Fix {
        name: "type-of-service",
        file: "src/ip.cpp",
        anchor: "    int rc = setsockopt (s_, IPPROTO_IP, IP_TOS,
                         reinterpret_cast<char *> (&iptos_), sizeof (iptos_));

#ifdef ZMQ_HAVE_WINDOWS
    wsa_assert (rc != SOCKET_ERROR);
#else
    errno_assert (rc == 0);
#endif
",
        times: 1,
        instead: "    int rc = setsockopt (s_, IPPROTO_IP, IP_TOS,
                         reinterpret_cast<char *> (&iptos_), sizeof (iptos_));
    LIBZMQ_UNUSED (rc);
",
    },
    Fix {
        name: "type-of-service",
        file: "src/ip.cpp",
        anchor: "    //  If IPv6 is not enabled ENOPROTOOPT will be returned on Linux and
    //  EINVAL on OSX
    if (rc == -1) {
        errno_assert (errno == ENOPROTOOPT || errno == EINVAL);
    }
",
        times: 1,
        instead: "    LIBZMQ_UNUSED (rc);\n",
    },
    // Read without ever having been written.
    Fix {
        name: "reconnect-stop",
        file: "src/socket_base.hpp",
        anchor: "    bool _disconnected;\n",
        times: 1,
        instead: "    bool _disconnected = false;\n",
    },
    // What a SOCKS proxy answers.
    Fix {
        name: "socks-reply",
        file: "src/socks.hpp",
        anchor: "    int8_t _buf[4 + UINT8_MAX + 1 + 2];\n",
        times: 1,
        instead: "    uint8_t _buf[4 + UINT8_MAX + 1 + 2];\n",
    },
    Fix {
        name: "socks-reply",
        file: "src/socks.cpp",
        anchor: "            n = 3 + 2;
        else if (atyp == 0x03)
            n = _buf[4] + 2;
        else if (atyp == 0x04)
            n = 15 + 2;
    }
",
        times: 1,
        instead: "            n = 10;
        else if (atyp == 0x03)
            n = 4 + 1 + _buf[4] + 2u;
        else if (atyp == 0x04)
            n = 22;
        //  What is still missing of that.
        n -= _bytes_read;
    }
",
    },
    Fix {
        name: "socks-name",
        file: "src/socks_connecter.cpp",
        anchor: "        if (parse_address (_addr->address, hostname, port) == -1)\n",
        times: 1,
        instead: "        if (parse_address (_addr->address, hostname, port) == -1
            || hostname.size () > UINT8_MAX)
",
    },
    Fix {
        name: "socks-error",
        file: "src/socks_connecter.cpp",
        anchor: "    rm_fd (_handle);
    close ();
",
        times: 1,
        instead: "    rm_handle ();
    close ();
",
    },
    Fix {
        name: "socks-connect",
        file: "src/socks_connecter.cpp",
        anchor: "        errno_assert (errno == ECONNREFUSED || errno == ECONNRESET
                      || errno == ETIMEDOUT || errno == EHOSTUNREACH
                      || errno == ENETUNREACH || errno == ENETDOWN
                      || errno == EINVAL);
",
        times: 1,
        instead: "",
    },
    // A path may have slashes and colons in it.
    Fix {
        name: "ws-path",
        file: "src/ws_address.cpp",
        anchor: "    const char *delim = strrchr (name_, ':');\n    if (delim == NULL) {\n",
        times: 1,
        instead: "    const char *delim = strchr (name_, '/');
    const std::string authority (
      name_, delim ? static_cast<size_t> (delim - name_) : strlen (name_));
    const size_t colon = authority.rfind (':');
    if (colon == std::string::npos) {
",
    },
    Fix {
        name: "ws-path",
        file: "src/ws_address.cpp",
        anchor: "    _host = std::string (name_, delim - name_);\n",
        times: 1,
        instead: "    _host = authority.substr (0, colon);\n",
    },
    Fix {
        name: "ws-path",
        file: "src/ws_address.cpp",
        anchor: "    delim = strrchr (name_, '/');\n",
        times: 1,
        instead: "",
    },
    Fix {
        name: "ws-path",
        file: "src/ws_listener.cpp",
        anchor: "strrchr (addr_, '/')",
        times: 1,
        instead: "strchr (addr_, '/')",
    },
    Fix {
        name: "ws-path",
        file: "src/ws_connecter.cpp",
        anchor: "tcp_open_socket (_addr->address.c_str (),",
        times: 1,
        instead: "tcp_open_socket (
      _addr->address.substr (0, _addr->address.find ('/')).c_str (),",
    },
];
