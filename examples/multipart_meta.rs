//! Sends and prints a message of two frames: metadata and content.
//!
//! Ports a Python program that sends the frames as a list and receives them into two variables.
//!
//! ```text
//! cargo run --example multipart_meta
//! ```

use zmq::{Context, Pull, Push};

fn main() -> zmq::Result<()> {
    let context = Context::new()?;
    let receiver = context.socket(Pull)?;
    let endpoint = receiver.bind("tcp://127.0.0.1:*")?;
    let sender = context.socket(Push)?;
    sender.connect(endpoint)?;

    sender.send_multipart(["META:userid=1234", "Hello World"])?;

    let [meta, body] = receiver.recv_multipart()?.try_into()?;
    println!("Meta: {}", meta.to_str()?);
    println!("Body: {}", body.to_str()?);
    Ok(())
}
