//! Only a ROUTER socket routes by id.
//@ error: E0277
//@ says: this call is for `zmq::Router` sockets, not `zmq::Dealer`

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket(zmq::Dealer)?.set_router_mandatory(true)?;
    #[cfg(right)]
    context.socket(zmq::Router)?.set_router_mandatory(true)?;
    Ok(())
}
