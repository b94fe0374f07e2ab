//! A message can move to another thread, but threads cannot share it, because cloning it writes to it.
//@ error: E0277
//@ says: a `zmq::Message` cannot be shared between threads
//@ says: give each thread a clone of the message: `message.clone()` is cheap

fn main() {
    let message = zmq::Message::from("Hello");
    std::thread::scope(|threads| {
        #[cfg(wrong)]
        threads.spawn(|| message.len());
        #[cfg(right)]
        threads.spawn(move || message.len());
    });
}
