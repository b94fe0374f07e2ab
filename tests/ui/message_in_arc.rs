//! An `Arc` does not allow threads to share a message. A clone of the message is as cheap as a clone of an `Arc`.
//@ error: E0277
//@ says: a `zmq::Message` cannot be shared between threads
//@ says: give each thread a clone of the message

use std::thread;

fn main() {
    let message = zmq::Message::from("Hello");
    #[cfg(wrong)]
    let shared = std::sync::Arc::new(message);
    #[cfg(right)]
    let shared = message.clone();
    thread::spawn(move || shared.len());
}
