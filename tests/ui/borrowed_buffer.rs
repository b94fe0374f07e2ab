//! A buffer that is passed by value must not borrow, because libzmq decides how long it uses the buffer.
//@ error: E0597
//@ says: `text` does not live long enough

fn main() {
    let text = String::from("short-lived");
    #[cfg(wrong)]
    let _message = zmq::Message::from_owner(text.as_bytes());
    #[cfg(right)]
    let _message = zmq::Message::from_owner(text.into_bytes());
}
