//! Certificates of the transport `wss`, which only a library with that feature has.

use super::{Fix, once};

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[
    // A key or certificate that is none makes the bind fail.
    once("A74", "src/ws_listener.hpp", "    bool _wss;\n", "    bool _wss;\n    bool _certified = true;\n"),
    once(
        "A74",
        "src/ws_listener.cpp",
        "                                                  GNUTLS_X509_FMT_PEM);\n        zmq_assert (rc == GNUTLS_E_SUCCESS);\n",
        "                                                  GNUTLS_X509_FMT_PEM);\n        _certified = rc == GNUTLS_E_SUCCESS;\n",
    ),
    once(
        "A74",
        "src/ws_listener.cpp",
        "int zmq::ws_listener_t::set_local_address (const char *addr_)\n{\n",
        "int zmq::ws_listener_t::set_local_address (const char *addr_)
{
    if (!_certified) {
        errno = EINVAL;
        return -1;
    }
",
    ),
    // Whom a text that is no certificate would vouch for is not trusted.
    once("A74", "src/wss_engine.cpp", "            zmq_assert (rc >= 0);\n", ""),
    // A server without a certificate is not trusted.
    once(
        "A75",
        "src/wss_engine.cpp",
        "    zmq_assert (rc >= 0);\n\n    if (status != 0) {\n",
        "    if (rc < 0 || status != 0) {\n",
    ),
];
