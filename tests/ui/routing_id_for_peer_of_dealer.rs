//! A DEALER socket has no routing ids for its peers.
//@ error: E0277
//@ says: Dealer` sockets do not give their peers routing ids
//@ says: ROUTER and STREAM sockets do

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    let _ = context.socket(zmq::Dealer)?.connect_with_routing_id("inproc://peer", "id");
    #[cfg(right)]
    let _ = context.socket(zmq::Router)?.connect_with_routing_id("inproc://peer", "id");
    Ok(())
}
