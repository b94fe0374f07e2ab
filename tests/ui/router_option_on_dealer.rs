//! Only a ROUTER socket routes by id.
//@ error: E0277
//@ says: Dealer` sockets do not route by id
//@ says: ROUTER sockets do

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket(zmq::Dealer)?.set_router_mandatory(true)?;
    #[cfg(right)]
    context.socket(zmq::Router)?.set_router_mandatory(true)?;
    Ok(())
}
