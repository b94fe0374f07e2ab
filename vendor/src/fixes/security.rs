//! Mechanisms, and what is asked and believed about peers.

use super::{Fix, once};

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[
    // A server that connects keeps its session, and with it the way to the ZAP handler. What was answered about the lost
    // connection was taken for an answer about the next one, or came when none was expected.
    once(
        "A79",
        "src/session_base.cpp",
        "    reset ();\n\n    //  Reconnect.\n",
        "    //  What is still answered about this connection is not about the next one.
    if (_zap_pipe) {
        _zap_pipe->terminate (false);
        _terminating_pipes.insert (_zap_pipe);
        _zap_pipe = NULL;
    }

    reset ();

    //  Reconnect.
",
    ),
    // Nothing can be encrypted for a short-term key of zeros.
    once(
        "A80",
        "src/curve_client_tools.hpp",
        "        rc = crypto_box_beforenm (cn_precom_, cn_server_, cn_secret_);\n        zmq_assert (rc == 0);\n",
        "        rc = crypto_box_beforenm (cn_precom_, cn_server_, cn_secret_);
        if (rc != 0) {
            errno = EPROTO;
            return -1;
        }
",
    ),
    // Before WELCOME there is no key: READY was opened with whatever lay in memory.
    once(
        "A81",
        "src/curve_client.cpp",
        "    if (curve_client_tools_t::is_handshake_command_welcome (msg_data, msg_size))\n",
        "    if (_state == expect_welcome
        && curve_client_tools_t::is_handshake_command_welcome (msg_data,
                                                               msg_size))
",
    ),
    once(
        "A81",
        "src/curve_client.cpp",
        "    else if (curve_client_tools_t::is_handshake_command_ready (msg_data,
                                                               msg_size))
",
        "    else if (_state == expect_ready
             && curve_client_tools_t::is_handshake_command_ready (msg_data,
                                                                  msg_size))
",
    ),
    // Who a peer is, and where it comes from, is not for the peer to say.
    once(
        "A82",
        "src/mechanism.cpp",
        "        (zap_flag_ ? _zap_properties : _zmtp_properties)\n",
        "        if (!zap_flag_
            && (name == ZMQ_MSG_PROPERTY_USER_ID
                || name == ZMQ_MSG_PROPERTY_PEER_ADDRESS || name == \"__fd\"))
            continue;
        (zap_flag_ ? _zap_properties : _zmtp_properties)
",
    ),
    // The protocol without a handshake has nobody asked, so it is none for sockets that ask; as ZMTP 1 and 2 are none.
    once(
        "A83",
        "src/ws_engine.cpp",
        "    if (_options.mechanism == ZMQ_NULL && (strcmp (\"ZWS2.0\", protocol_) == 0)) {\n",
        "    if (_options.mechanism == ZMQ_NULL && !session ()->zap_enabled ()
        && (strcmp (\"ZWS2.0\", protocol_) == 0)) {
",
    ),
    // Nobody reads the user id from a message any more, and DISH and REQ took it for a part of a wrong one.
    once(
        "credential",
        "src/stream_engine_base.cpp",
        "    _process_msg = &stream_engine_base_t::write_credential;\n",
        "    _process_msg = &stream_engine_base_t::decode_and_push;\n",
    ),
    // Over ws nobody understands subscriptions that are commands, so encrypted ones are what they are otherwise: messages.
    once(
        "ws-curve",
        "src/ws_engine.cpp",
        "curve_server_t (session (), _peer_address, _options, false);\n",
        "curve_server_t (session (), _peer_address, _options, true);\n",
    ),
    once(
        "ws-curve",
        "src/ws_engine.cpp",
        "curve_client_t (session (), _options, false);\n",
        "curve_client_t (session (), _options, true);\n",
    ),
];
