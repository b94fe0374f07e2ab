//! Passes endpoints to `connect` and `bind`. Skips the transports that can reach another process.

use std::cell::RefCell;

use zmq::{Context, Endpoint, Pull, Socket};

thread_local! {
    static SOCKET: RefCell<(u32, Option<Socket<Pull>>)> = const { RefCell::new((0, None)) };
}

/// Passes a socket to `test`. Every 256 calls, the socket is replaced with a new socket.
fn with_socket(test: impl FnOnce(&Socket<Pull>)) {
    SOCKET.with_borrow_mut(|(uses, socket)| {
        *uses += 1;
        if *uses % 256 == 1 {
            let context = Context::new().unwrap();
            context.set_blocky(false).unwrap();
            *socket = Some(context.socket(Pull).unwrap());
        }
        test(socket.as_ref().unwrap());
    });
}

/// If an endpoint can be connected, it can be disconnected. If it can be bound, it can be unbound.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let transport = text.split("://").next().unwrap_or_default();
    if ["tcp", "ws", "wss", "udp", "ipc", "tipc", "vmci", "pgm", "epgm", "norm"].contains(&transport) {
        return;
    }
    with_socket(|socket| {
        if socket.connect(&*text).is_ok() {
            assert!(text.parse::<Endpoint>().is_ok());
            socket.disconnect(&*text).unwrap();
        }
        if socket.bind(&*text).is_ok() {
            assert_eq!(socket.last_endpoint().unwrap().unwrap(), *text);
            socket.unbind(&*text).unwrap();
        }
    });
}
