//! Connections that end by themselves, and what a socket remembers of them.

use super::{Fix, once};

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[
    // A child that ends by itself asks its owner for its end. If it was quick, the owner did not know it yet, and it stayed
    // for ever, with its pipe.
    once(
        "A111",
        "src/own.cpp",
        "    //  Plug the object into the I/O thread.
    send_plug (object_);

    //  Take ownership of the object.
    send_own (this, object_);
",
        "    //  It may ask for its end as soon as it is plugged in.
    send_own (this, object_);
    send_plug (object_);
",
    ),
    // With several I/O threads a monitor could hear of what became of a connection before it heard of the connection.
    once(
        "A111",
        "src/stream_connecter_base.cpp",
        "    send_attach (_session, engine);

    //  Shut the connecter down.
    terminate ();

    _socket->event_connected (endpoint_pair, fd_);
",
        CONNECTED,
    ),
    once(
        "A111",
        "src/ws_connecter.cpp",
        "    send_attach (_session, engine);

    //  Shut the connecter down.
    terminate ();

    _socket->event_connected (endpoint_pair, fd_);
",
        CONNECTED,
    ),
    once("A111", "src/stream_listener_base.cpp", ATTACH_AND_TELL, TELL_AND_ATTACH),
    once("A111", "src/ws_listener.cpp", ATTACH_AND_TELL, TELL_AND_ATTACH),
];

const CONNECTED: &str = "    _socket->event_connected (endpoint_pair, fd_);
    send_attach (_session, engine);

    //  Shut the connecter down.
    terminate ();
";

const ATTACH_AND_TELL: &str = "    send_attach (session, engine, false);

    _socket->event_accepted (endpoint_pair, fd_);
";

const TELL_AND_ATTACH: &str = "    _socket->event_accepted (endpoint_pair, fd_);
    send_attach (session, engine, false);
";
