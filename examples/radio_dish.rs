//! A RADIO that sends to groups, and two DISHes that join some of the groups and print what they receive. Needs the feature `draft`.
//!
//! ```text
//! cargo run --features draft --example radio_dish
//! ```

use zmq::{Context, Dish, Radio, Socket};

fn main() -> zmq::Result<()> {
    let context = Context::new()?;
    let radio = context.socket(Radio)?;
    radio.bind("inproc://station")?;

    let farmer = context.socket(Dish)?;
    farmer.join("weather")?;
    farmer.connect("inproc://station")?;

    let sailor = context.socket(Dish)?;
    sailor.join("weather")?;
    sailor.join("tides")?;
    sailor.connect("inproc://station")?;

    radio.send_to("weather", "Wind from the west")?;
    radio.send_to("tides", "High water at noon")?;
    radio.send_to("traffic", "Nobody has joined this group")?;
    radio.send_to("weather", "Rain in the evening")?;

    print("Farmer", &farmer, 2)?;
    print("Sailor", &sailor, 3)
}

/// Receives and prints the given number of messages.
fn print(name: &str, dish: &Socket<Dish>, count: usize) -> zmq::Result<()> {
    for _ in 0..count {
        let message = dish.recv()?;
        println!("{name} received from {}: {}", message.group().escape_ascii(), message.to_str()?);
    }
    Ok(())
}
