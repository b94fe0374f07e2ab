//! User names and passwords: the server lets one client in, and turns another away.
//!
//! PLAIN does not encrypt. Use it only in networks that you trust.
//!
//! ```text
//! cargo run --example plain_auth
//! ```

use std::error::Error;
use std::time::Duration;

use zmq::security::{Authenticator, PlainClient, PlainServer};
use zmq::{Context, Endpoint, ErrorKind, Pull, Push, Socket};

fn client(context: &Context, server: &Endpoint, username: &str, password: &str) -> zmq::Result<Socket<Push>> {
    let client = context.socket(Push)?;
    client.set_security(PlainClient::new(username, password))?;
    client.set_linger(Duration::ZERO)?; // do not wait for messages that nobody will accept
    client.connect(server)?;
    Ok(client)
}

fn main() -> Result<(), Box<dyn Error>> {
    let context = Context::new()?;
    let authenticator = Authenticator::new(&context)?;
    authenticator.set_plain_passwords("*", [("admin", "secret")])?;

    let server = context.socket(Pull)?;
    server.set_security(PlainServer::new())?;
    let endpoint = server.bind("tcp://127.0.0.1:*")?;

    let admin = client(&context, &endpoint, "admin", "secret")?;
    admin.send("Hello")?;
    let message = server.recv()?;
    println!("{} says {}", message.user_id()?.unwrap_or("somebody"), message.to_str()?);

    let guest = client(&context, &endpoint, "guest", "guess")?;
    // If the guest has already been turned away, there is no peer to send to.
    let _ = guest.try_send("Hello");
    match server.recv_within(Duration::from_millis(300)) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => println!("guest was turned away"),
        Err(error) => return Err(error.into()),
        Ok(message) => return Err(format!("guest was let in: {message:?}").into()),
    }
    Ok(())
}
