//! Only a REQ socket has requests.
//@ error: E0277
//@ says: Dealer` sockets have no requests
//@ says: REQ sockets have

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket(zmq::Dealer)?.set_req_relaxed(true)?;
    #[cfg(right)]
    context.socket(zmq::Req)?.set_req_relaxed(true)?;
    Ok(())
}
