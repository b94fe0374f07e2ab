//! All threads share a `static`, so it cannot hold a socket. It can hold a context.
//@ error: E0277
//@ says: `zmq::Req` sockets cannot be shared between threads
//@ says: move a clone of the `Context` into the thread

use std::sync::LazyLock;

static CONTEXT: LazyLock<zmq::Result<zmq::Context>> = LazyLock::new(zmq::Context::new);

#[cfg(wrong)]
static SOCKET: LazyLock<Option<zmq::Socket<zmq::Req>>> =
    LazyLock::new(|| CONTEXT.as_ref().ok()?.socket(zmq::Req).ok());

fn main() {
    let _ = CONTEXT.as_ref().map(|context| context.socket(zmq::Req));
    #[cfg(wrong)]
    let _ = SOCKET.as_ref();
}
