//! Only a REQ socket has options for requests.
//@ error: E0277
//@ says: this call is for `zmq::Req` sockets, not `zmq::Dealer`

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket(zmq::Dealer)?.set_req_relaxed(true)?;
    #[cfg(right)]
    context.socket(zmq::Req)?.set_req_relaxed(true)?;
    Ok(())
}
