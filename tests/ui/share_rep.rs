//! Tasks can share a socket to send if its messages need no order.
//@ error: E0277
//@ says: tasks cannot share `zmq::Rep` sockets to send
//@ says: they can share PAIR, PUB, PUSH, DEALER, ROUTER, XPUB, XSUB and STREAM sockets, and the draft types SERVER, CLIENT, RADIO, SCATTER, DGRAM, PEER and CHANNEL; REQ and REP sockets send and receive in turn; a `Socket<Any>` can be `downcast`

fn sender<K: zmq::capability::CanShare>(_: K) {}

fn main() {
    #[cfg(wrong)]
    sender(zmq::Rep);
    #[cfg(right)]
    sender(zmq::Push);
}
