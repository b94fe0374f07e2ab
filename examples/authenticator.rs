//! Changes the rules of a running authenticator, then lets a function decide. Prints after each change whether a client is let in.
//!
//! ```text
//! cargo run --example authenticator
//! ```

use std::error::Error;
use std::time::Duration;

use zmq::security::{Authenticator, Credentials, Decision, Null, PlainClient, PlainServer, Security};
use zmq::{Context, ErrorKind, Pull, Push};

/// Sends a message from a new client to a new server, and returns whether the client was let in.
fn attempt(
    context: &Context,
    server: impl Into<Security>,
    client: impl Into<Security>,
) -> zmq::Result<String> {
    let receiver = context.socket(Pull)?;
    receiver.set_security(server)?;
    let sender = context.socket(Push)?;
    sender.set_security(client)?;
    sender.set_linger(Duration::ZERO)?;
    sender.connect(receiver.bind("tcp://127.0.0.1:*")?)?;
    // A client that has already been turned away cannot send.
    match sender.try_send("Hello") {
        Err(failure) if failure.kind() == ErrorKind::WouldBlock => return Ok("turned away".to_owned()),
        sent => sent?,
    }
    Ok(match receiver.recv_within(Duration::from_millis(300)) {
        Ok(message) => format!("let in as {:?}", message.user_id()?.unwrap_or_default()),
        Err(_) => "turned away".to_owned(),
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let context = Context::new()?;
    let authenticator = Authenticator::new(&context)?;
    let by_address = || attempt(&context, Null::new().zap_domain("by address"), Null::new());

    println!("without rules: {}", by_address()?);
    authenticator.deny("127.0.0.0/8")?;
    println!("denied: {}", by_address()?);
    authenticator.remove("127.0.0.0/8")?;
    println!("no longer denied: {}", by_address()?);

    // In the domain "by function", a function decides who is let in.
    authenticator.set_handler("by function", |request| match request.credentials() {
        Credentials::Plain { username, password, .. }
            if password.expose().chars().rev().eq(username.chars()) =>
        {
            Decision::accept().user_id(username)
        }
        _ => Decision::deny("the password must be the reversed name"),
    })?;
    let by_function = |username, password| {
        attempt(&context, PlainServer::new().zap_domain("by function"), PlainClient::new(username, password))
    };
    println!("right password: {}", by_function("alice", "ecila")?);
    println!("wrong password: {}", by_function("alice", "alice")?);
    Ok(())
}
