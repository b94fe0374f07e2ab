//! Measures the crate `zmq` 0.10. Messages are made by `Message::with_size`, and received by `recv` into the same message.

use std::thread;
use std::time::Instant;

use ends::{End, FIRST_PREFIX, HIGH_WATER_MARK, Latencies, PAUSE, Publisher, Subscriber};
use zmq::{Context, Message, Result, Socket, SocketType};

fn socket(context: &Context, kind: SocketType) -> Result<Socket> {
    let socket = context.socket(kind)?;
    socket.set_sndhwm(HIGH_WATER_MARK as i32)?;
    socket.set_rcvhwm(HIGH_WATER_MARK as i32)?;
    Ok(socket)
}

fn main() -> Result<()> {
    let end = End::read();
    let context = Context::new();
    match end.role.as_str() {
        "pull" | "idle" => {
            let socket = socket(&context, zmq::PULL)?;
            socket.bind(&end.endpoint())?;
            let mut message = socket.recv_msg(0)?;
            let first = Instant::now();
            for _ in 1..end.count {
                socket.recv(&mut message, 0)?;
                assert_eq!(message.len(), end.size);
            }
            end.report_throughput(first);
        }
        "push" => {
            let socket = socket(&context, zmq::PUSH)?;
            socket.connect(&end.endpoint())?;
            for _ in 0..end.count {
                socket.send(Message::with_size(end.size), 0)?;
            }
        }
        "rep" => {
            let socket = socket(&context, zmq::REP)?;
            socket.bind(&end.endpoint())?;
            loop {
                socket.send(socket.recv_msg(0)?, 0)?;
            }
        }
        "req" => {
            let socket = socket(&context, zmq::REQ)?;
            socket.connect(&end.endpoint())?;
            let mut latencies = Latencies::of_round_trips(&end);
            let mut message = Message::with_size(end.size);
            loop {
                let start = Instant::now();
                socket.send(message, 0)?;
                message = socket.recv_msg(0)?;
                latencies.add(start.elapsed());
            }
        }
        "pub" => {
            let socket = socket(&context, zmq::PUB)?;
            socket.bind(&end.endpoint())?;
            let mut publisher = Publisher::default();
            loop {
                socket.send(publisher.next_message(), 0)?;
                thread::sleep(PAUSE);
            }
        }
        "sub" => {
            let socket = socket(&context, zmq::SUB)?;
            // libzmq as released drops subscriptions beyond this mark.
            socket.set_sndhwm(0)?;
            socket.set_subscribe(FIRST_PREFIX.as_bytes())?;
            socket.connect(&end.endpoint())?;
            socket.recv_msg(0)?;
            let mut subscriber = Subscriber::wait(&end);
            for prefix in subscriber.prefixes() {
                socket.set_subscribe(prefix.as_bytes())?;
            }
            loop {
                subscriber.receive(&socket.recv_msg(0)?);
            }
        }
        _ => end.refuse(),
    }
    Ok(())
}
