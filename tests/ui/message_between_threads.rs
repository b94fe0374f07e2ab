//! A message can move to another thread, but not be shared with one: cloning it writes to it.
//@ error: E0277
//@ says: cannot be shared between threads safely
//@ says: Message

fn main() {
    let message = zmq::Message::from("Hello");
    std::thread::scope(|threads| {
        #[cfg(wrong)]
        threads.spawn(|| message.len());
        #[cfg(right)]
        threads.spawn(move || message.len());
    });
}
