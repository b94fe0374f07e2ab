//! Only sockets that send and receive independently can be split into halves.
//@ error: E0277
//@ says: `zmq::Req` sockets cannot be split into halves
//@ says: PAIR, DEALER, ROUTER, XPUB, XSUB and STREAM sockets can, and so can the draft types SERVER, CLIENT, DGRAM, PEER and CHANNEL; REQ and REP sockets send and receive in turn, and other types do only one of the two; a `Socket<Any>` can be `downcast`

fn halves<K: zmq::capability::CanSplit>(_: K) {}

fn main() {
    #[cfg(wrong)]
    halves(zmq::Req);
    #[cfg(right)]
    halves(zmq::Dealer);
}
