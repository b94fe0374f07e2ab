//! A multipart message has at least one frame.
//@ error: E0080
//@ says: a multipart message has at least one frame

fn main() {
    #[cfg(wrong)]
    let _message = zmq::Multipart::from([""; 0]);
    #[cfg(right)]
    let _message = zmq::Multipart::from([""; 1]);
}
