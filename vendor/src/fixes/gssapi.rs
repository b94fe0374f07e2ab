//! Authentication by GSSAPI, which only a library with that feature has.

use super::{Fix, once};

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[
    // The handler's no was read, and the peer let in.
    once(
        "gssapi-zap",
        "src/gssapi_server.cpp",
        "                expecting_zap_reply = true;\n            }\n",
        "                expecting_zap_reply = true;
            } else if (status_code[0] != '2') {
                errno = EPROTO;
                return -1;
            }
        } else if (options.zap_enforce_domain) {
            return -1;
",
    ),
    once(
        "gssapi-zap",
        "src/gssapi_server.cpp",
        "    if (rc == 0)\n        state = send_ready;\n    return rc == -1 ? -1 : 0;\n",
        "    if (rc == 0 && status_code[0] != '2') {
        errno = EPROTO;
        return -1;
    }
    if (rc == 0)
        state = send_ready;
    return rc == -1 ? -1 : 0;
",
    ),
    // Ours that cannot be encrypted any more, as when a ticket has expired, and a peer's that is not, or that is empty.
    once(
        "gssapi-abort",
        "src/gssapi_mechanism_base.cpp",
        "    zmq_assert (maj_stat == GSS_S_COMPLETE);\n    zmq_assert (state);\n",
        "    free (plaintext_buffer);
    if (maj_stat != GSS_S_COMPLETE || !state) {
        gss_release_buffer (&min_stat, &wrapped);
        errno = EPROTO;
        return -1;
    }
",
    ),
    once(
        "gssapi-abort",
        "src/gssapi_mechanism_base.cpp",
        "    gss_buffer_desc wrapped;\n\n    uint8_t flags = 0;\n",
        "    gss_buffer_desc wrapped = GSS_C_EMPTY_BUFFER;\n\n    uint8_t flags = 0;\n",
    ),
    once(
        "gssapi-abort",
        "src/gssapi_mechanism_base.cpp",
        "    zmq_assert (state);\n\n    // Re-initialize msg_ for plaintext\n",
        "    if (!state || plaintext.length == 0) {
        gss_release_buffer (&min_stat, &plaintext);
        free (wrapped.value);
        session->get_socket ()->event_handshake_failed_protocol (
          session->get_endpoint (), ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC);
        errno = EPROTO;
        return -1;
    }

    // Re-initialize msg_ for plaintext
",
    ),
];
