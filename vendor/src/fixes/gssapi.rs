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
            session->get_socket ()->event_handshake_failed_no_detail (
              session->get_endpoint (), EFAULT);
            errno = EPROTO;
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
    // A peer's message that is not encrypted, or that is empty.
    once(
        "A91",
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
    // Ours that cannot be encrypted. What was to be encrypted was also never freed.
    once(
        "A91",
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
        "A91",
        "src/gssapi_mechanism_base.cpp",
        "    gss_buffer_desc wrapped;\n\n    uint8_t flags = 0;\n",
        "    gss_buffer_desc wrapped = GSS_C_EMPTY_BUFFER;\n\n    uint8_t flags = 0;\n",
    ),
    // The engine took that for the end of the queue, and went on without the message.
    once(
        "A91",
        "src/stream_engine_base.cpp",
        "    if (_mechanism->encode (msg_) == -1)\n        return -1;\n    return 0;\n",
        "    if (_mechanism->encode (msg_) == -1) {
        int rc = msg_->close ();
        errno_assert (rc == 0);
        rc = msg_->init ();
        errno_assert (rc == 0);
        //  Not the end of this object, which is in use further up. The poller tells it soon.
#ifdef ZMQ_HAVE_WINDOWS
        ::shutdown (_s, SD_BOTH);
#else
        ::shutdown (_s, SHUT_RDWR);
#endif
        errno = EPROTO;
        return -1;
    }
    return 0;
",
    ),
    // A client that had no ticket, or did not like the server's answer, tried again on the same connection with each message
    // that it was to send: with the answer that it had freed, which it then freed once more.
    once(
        "A92",
        "src/gssapi_client.hpp",
        "        call_next_init,\n",
        "        call_next_init,\n        failed,\n",
    ),
    once(
        "A92",
        "src/gssapi_client.cpp",
        "    if (initialize_context () < 0)
        return -1;

    if (produce_next_token (msg_) < 0)
        return -1;

    if (maj_stat != GSS_S_CONTINUE_NEEDED && maj_stat != GSS_S_COMPLETE)
        return -1;

    if (maj_stat == GSS_S_COMPLETE) {
",
        "    const bool has_answer = token_ptr != GSS_C_NO_BUFFER;
    if (initialize_context () < 0 || produce_next_token (msg_) < 0
        || (maj_stat != GSS_S_CONTINUE_NEEDED && maj_stat != GSS_S_COMPLETE)) {
        //  There is another connection, and another try, once the time for this handshake is over.
        state = failed;
        if (has_answer)
            session->get_socket ()->event_handshake_failed_protocol (
              session->get_endpoint (), ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC);
        else
            session->get_socket ()->event_handshake_failed_no_detail (
              session->get_endpoint (), EACCES);
        int rc = msg_->close ();
        errno_assert (rc == 0);
        rc = msg_->init ();
        errno_assert (rc == 0);
        errno = EAGAIN;
        return -1;
    }

    if (maj_stat == GSS_S_COMPLETE) {
",
    ),
    once(
        "A92",
        "src/gssapi_client.cpp",
        "    if (token_ptr != GSS_C_NO_BUFFER)\n        free (recv_tok.value);\n",
        "    free (recv_tok.value);
    recv_tok.value = NULL;
    recv_tok.length = 0;
    token_ptr = GSS_C_NO_BUFFER;
",
    ),
    // At the end of a process GSSAPI ends before the threads do, and its next call ends the process in another way.
    once(
        "A93",
        "src/gssapi_mechanism_base.hpp",
        "class msg_t;

/// Commonalities",
        "class msg_t;

//  As long as there is one, GSSAPI is there, if it is still there at all.
class gssapi_call_t
{
  public:
    gssapi_call_t ();
    ~gssapi_call_t ();
    bool is_allowed () const { return _is_allowed; }

  private:
    bool _is_allowed;
};

#define ZMQ_GSSAPI_CALL(call_)                                                 \\
    (zmq::gssapi_call_t ().is_allowed () ? call_ : GSS_S_FAILURE)
#define gss_accept_sec_context(...)                                            \\
    ZMQ_GSSAPI_CALL (gss_accept_sec_context (__VA_ARGS__))
#define gss_acquire_cred(...) ZMQ_GSSAPI_CALL (gss_acquire_cred (__VA_ARGS__))
#define gss_delete_sec_context(...)                                            \\
    ZMQ_GSSAPI_CALL (gss_delete_sec_context (__VA_ARGS__))
#define gss_display_name(...) ZMQ_GSSAPI_CALL (gss_display_name (__VA_ARGS__))
#define gss_import_name(...) ZMQ_GSSAPI_CALL (gss_import_name (__VA_ARGS__))
#define gss_init_sec_context(...)                                              \\
    ZMQ_GSSAPI_CALL (gss_init_sec_context (__VA_ARGS__))
#define gss_release_cred(...) ZMQ_GSSAPI_CALL (gss_release_cred (__VA_ARGS__))
#define gss_release_name(...) ZMQ_GSSAPI_CALL (gss_release_name (__VA_ARGS__))
#define gss_unwrap(...) ZMQ_GSSAPI_CALL (gss_unwrap (__VA_ARGS__))
#define gss_wrap(...) ZMQ_GSSAPI_CALL (gss_wrap (__VA_ARGS__))

/// Commonalities",
    ),
    once(
        "A93",
        "src/gssapi_mechanism_base.cpp",
        "zmq::gssapi_mechanism_base_t::gssapi_mechanism_base_t (\n",
        "#include <atomic>

static std::atomic<int> gssapi_calls (0);
static std::atomic<bool> gssapi_has_ended (false);

zmq::gssapi_call_t::gssapi_call_t ()
{
    gssapi_calls.fetch_add (1);
    _is_allowed = !gssapi_has_ended.load ();
}

zmq::gssapi_call_t::~gssapi_call_t ()
{
    gssapi_calls.fetch_sub (1);
}

#if defined __GNUC__
#include <unistd.h>

//  After all that the program has to do at its end, and before GSSAPI's own end. A call that waits for a Kerberos server is not
//  waited for.
__attribute__ ((destructor)) static void end_gssapi ()
{
    gssapi_has_ended.store (true);
    for (int i = 0; i != 1000 && gssapi_calls.load () != 0; ++i)
        usleep (1000);
}
#endif

zmq::gssapi_mechanism_base_t::gssapi_mechanism_base_t (
",
    ),
    once(
        "A93",
        "src/gssapi_mechanism_base.cpp",
        "    gss_buffer_desc plaintext;\n    maj_stat = gss_unwrap",
        "    gss_buffer_desc plaintext = GSS_C_EMPTY_BUFFER;\n    maj_stat = gss_unwrap",
    ),
    once(
        "A93",
        "src/gssapi_server.cpp",
        "    gss_buffer_desc principal;\n",
        "    gss_buffer_desc principal = GSS_C_EMPTY_BUFFER;\n",
    ),
    once(
        "A93",
        "src/gssapi_client.cpp",
        "                                         service_name_type, &target_name);
",
        "                                         service_name_type, &target_name);
        send_tok.value = NULL;
        send_tok.length = 0;
",
    ),
    // A server kept who had shown a bad ticket, in silence, until the time for the handshake was over.
    once(
        "gssapi-server",
        "src/gssapi_server.cpp",
        "    if (process_next_token (msg_) < 0)
        return -1;

    accept_context ();
    state = send_next_token;
",
        "    //  Without credentials of our own no ticket can be read. That is not the peer's fault: it may come again when its time
    //  for the handshake is over.
    if (principal_name != NULL && cred == GSS_C_NO_CREDENTIAL) {
        session->get_socket ()->event_handshake_failed_no_detail (
          session->get_endpoint (), EACCES);
        state = send_next_token;
        int rc = msg_->close ();
        errno_assert (rc == 0);
        rc = msg_->init ();
        errno_assert (rc == 0);
        return 0;
    }

    if (process_next_token (msg_) < 0)
        return -1;

    accept_context ();
    if (maj_stat != GSS_S_COMPLETE && maj_stat != GSS_S_CONTINUE_NEEDED) {
        session->get_socket ()->event_handshake_failed_protocol (
          session->get_endpoint (), ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC);
        errno = EPROTO;
        return -1;
    }
    state = send_next_token;
",
    ),
    once(
        "gssapi-server",
        "src/gssapi_server.cpp",
        "    if (produce_next_token (msg_) < 0)\n        return -1;\n",
        "    if (produce_next_token (msg_) < 0) {
        errno = EAGAIN;
        return -1;
    }
",
    ),
    // Subscriptions arrived as messages, since what makes them subscriptions was not encrypted with them.
    once(
        "gssapi-subscribe",
        "src/gssapi_mechanism_base.cpp",
        "    uint8_t *plaintext_buffer =
      static_cast<uint8_t *> (malloc (msg_->size () + 1));
    alloc_assert (plaintext_buffer);

    plaintext_buffer[0] = flags;
    memcpy (plaintext_buffer + 1, msg_->data (), msg_->size ());

    plaintext.value = plaintext_buffer;
    plaintext.length = msg_->size () + 1;
",
        "    //  In the form of ZMTP 3.0, which every version understands.
    const bool subscribes = msg_->is_subscribe ();
    const size_t header_len = subscribes || msg_->is_cancel () ? 2 : 1;
    uint8_t *plaintext_buffer =
      static_cast<uint8_t *> (malloc (msg_->size () + header_len));
    alloc_assert (plaintext_buffer);

    plaintext_buffer[0] = flags;
    if (header_len == 2)
        plaintext_buffer[1] = subscribes ? 1 : 0;
    memcpy (plaintext_buffer + header_len, msg_->data (), msg_->size ());

    plaintext.value = plaintext_buffer;
    plaintext.length = msg_->size () + header_len;
",
    ),
    once(
        "gssapi-subscribe",
        "src/gssapi_mechanism_base.cpp",
        "    rc = msg_->init_size (plaintext.length - 1);
    zmq_assert (rc == 0);

    const uint8_t flags = static_cast<char *> (plaintext.value)[0];
",
        "    //  Versions after 4.3.5 have flags for subscriptions. They take the place of the byte that says the same.
    uint8_t *const first = static_cast<uint8_t *> (plaintext.value);
    const uint8_t flags = *first;
    const size_t header_len = flags & 0x0c ? 0 : 1;
    if (header_len == 0)
        *first = flags & 0x04 ? 1 : 0;

    rc = msg_->init_size (plaintext.length - header_len);
    zmq_assert (rc == 0);

",
    ),
    once(
        "gssapi-subscribe",
        "src/gssapi_mechanism_base.cpp",
        "    memcpy (msg_->data (), static_cast<char *> (plaintext.value) + 1,
            plaintext.length - 1);
",
        "    memcpy (msg_->data (), first + header_len, plaintext.length - header_len);\n",
    ),
    // Who sits between the two could leave messages out, or change their order.
    once(
        "gssapi-order",
        "src/gssapi_mechanism_base.cpp",
        "GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG)",
        "GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG)",
    ),
    // A program that only connects had to have a key as servers have, and one that only accepts a ticket.
    once(
        "gssapi-usage",
        "src/gssapi_mechanism_base.hpp",
        "                                    gss_OID name_type_);\n",
        "                                    gss_OID name_type_,
                                    gss_cred_usage_t usage_);
",
    ),
    once(
        "gssapi-usage",
        "src/gssapi_mechanism_base.cpp",
        "                                                       gss_OID name_type_)\n",
        "                                                       gss_OID name_type_,
                                                       gss_cred_usage_t usage_)
",
    ),
    once("gssapi-usage", "src/gssapi_mechanism_base.cpp", "GSS_C_BOTH, cred_", "usage_, cred_"),
    once("gssapi-usage", "src/gssapi_client.cpp", "&cred, name_type)", "&cred, name_type, GSS_C_INITIATE)"),
    once("gssapi-usage", "src/gssapi_server.cpp", "&cred, name_type)", "&cred, name_type, GSS_C_ACCEPT)"),
    // The names of principals, with each connection; and a token that the peer followed by something else.
    once(
        "gssapi-leak",
        "src/gssapi_mechanism_base.cpp",
        "zmq::gssapi_mechanism_base_t::~gssapi_mechanism_base_t ()\n{\n",
        "zmq::gssapi_mechanism_base_t::~gssapi_mechanism_base_t ()\n{\n    free (principal_name);\n",
    ),
    once(
        "gssapi-leak",
        "src/gssapi_mechanism_base.cpp",
        "    if (maj_stat != GSS_S_COMPLETE)
        return -1;

    gss_release_name (&min_stat, &server_name);

    return 0;
",
        "    gss_release_name (&min_stat, &server_name);

    return maj_stat == GSS_S_COMPLETE ? 0 : -1;
",
    ),
    once(
        "gssapi-leak",
        "src/gssapi_mechanism_base.cpp",
        "    if (bytes_left < token_length_) {\n",
        "    if (bytes_left != token_length_) {\n",
    ),
    once(
        "gssapi-leak",
        "src/gssapi_client.cpp",
        "    if (service_name)\n        free (service_name);\n",
        "    free (service_name);\n    free (recv_tok.value);\n",
    ),
    once(
        "gssapi-leak",
        "src/gssapi_server.cpp",
        "zmq::gssapi_server_t::~gssapi_server_t ()\n{\n",
        "zmq::gssapi_server_t::~gssapi_server_t ()\n{\n    gss_release_buffer (&min_stat, &send_tok);\n",
    ),
    // Over ws there is no such mechanism: nobody answers to it, rather than the end of the process.
    once(
        "A90",
        "src/ws_engine.cpp",
        "            protocol = \"\";\n            assert (false);\n",
        "            protocol = \"\";\n",
    ),
];
