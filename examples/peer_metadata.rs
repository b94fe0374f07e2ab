//! Prints the metadata of received messages: the address, socket type and routing id of the sender.
//!
//! ```text
//! cargo run --example peer_metadata
//! ```

use std::error::Error;

use zmq::{Context, Dealer, Pull, Push};

fn main() -> Result<(), Box<dyn Error>> {
    let context = Context::new()?;
    let server = context.socket(Pull)?;
    let endpoint = server.bind("tcp://127.0.0.1:*")?;

    let plain = context.socket(Push)?;
    plain.connect(&endpoint)?;
    plain.send("from a PUSH")?;
    describe(&server.recv()?)?;

    // A socket that sets its own routing id.
    let dealer = context.socket(Dealer)?;
    let named = context.socket(Dealer)?;
    named.set_routing_id("worker-7")?;
    named.connect(dealer.bind("tcp://127.0.0.1:*")?)?;
    named.send("from a DEALER")?;
    describe(&dealer.recv()?)?;

    // Messages over inproc have no properties.
    let inside = context.socket(Push)?;
    server.bind("inproc://inside")?;
    inside.connect("inproc://inside")?;
    inside.send("from next door")?;
    describe(&server.recv()?)?;
    Ok(())
}

fn describe(message: &zmq::Message) -> zmq::Result<()> {
    println!("{}", message.to_str()?);
    println!("  Peer-Address: {:?}", message.peer_address()?);
    println!("  Socket-Type: {:?}", message.socket_type()?);
    println!("  Identity: {:?}", message.identity().map(|id| String::from_utf8_lossy(id)));
    Ok(())
}
