//! Measures the blocking calls of this crate. Messages are made by `MessageMut`, and received by `recv_to` into the same message.

use std::thread;
use std::time::Instant;

use ends::{End, FIRST_PREFIX, HIGH_WATER_MARK, Latencies, PAUSE, Publisher, Subscriber};
use zmq::{Context, Message, MessageMut, Pub, Pull, Push, Rep, Req, Result, Sub};

fn main() -> Result<()> {
    let end = End::read();
    let context = Context::new()?;
    match end.role.as_str() {
        "pull" | "idle" => {
            let socket = context.socket(Pull)?;
            socket.set_recv_hwm(HIGH_WATER_MARK)?;
            socket.bind(&end.endpoint())?;
            let mut message = socket.recv()?;
            let first = Instant::now();
            for _ in 1..end.count {
                socket.recv_to(&mut message)?;
                assert_eq!(message.len(), end.size);
            }
            end.report_throughput(first);
        }
        "push" => {
            let socket = context.socket(Push)?;
            socket.set_send_hwm(HIGH_WATER_MARK)?;
            socket.connect(&end.endpoint())?;
            for _ in 0..end.count {
                socket.send(MessageMut::try_zeroed(end.size)?)?;
            }
        }
        "rep" => {
            let socket = context.socket(Rep)?;
            socket.bind(&end.endpoint())?;
            loop {
                socket.send(socket.recv()?)?;
            }
        }
        "req" => {
            let socket = context.socket(Req)?;
            socket.connect(&end.endpoint())?;
            let mut latencies = Latencies::of_round_trips(&end);
            let mut message = Message::from(MessageMut::try_zeroed(end.size)?);
            loop {
                let start = Instant::now();
                socket.send(message)?;
                message = socket.recv()?;
                latencies.add(start.elapsed());
            }
        }
        "pub" => {
            let socket = context.socket(Pub)?;
            socket.set_send_hwm(HIGH_WATER_MARK)?;
            socket.bind(&end.endpoint())?;
            let mut publisher = Publisher::default();
            loop {
                socket.send(publisher.next_message())?;
                thread::sleep(PAUSE);
            }
        }
        "sub" => {
            let socket = context.socket(Sub)?;
            socket.set_recv_hwm(HIGH_WATER_MARK)?;
            socket.subscribe(FIRST_PREFIX)?;
            socket.connect(&end.endpoint())?;
            socket.recv()?;
            let mut subscriber = Subscriber::wait(&end);
            for prefix in subscriber.prefixes() {
                socket.subscribe(prefix)?;
            }
            loop {
                subscriber.receive(&socket.recv()?);
            }
        }
        _ => end.refuse(),
    }
    Ok(())
}
