//! A client does not accept peers, so it has no ZAP domain.
//@ error: E0599

fn main() -> Result<(), zmq::Error> {
    #[cfg(wrong)]
    drop(zmq::security::PlainClient::new("user", "password").zap_domain("global"));
    #[cfg(right)]
    drop(zmq::security::PlainServer::new().zap_domain("global"));
    Ok(())
}
