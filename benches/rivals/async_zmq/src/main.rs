//! Measures async_zmq, a binding of libzmq for any executor. This program has no settings.

use std::thread;
use std::time::Instant;

use async_zmq::{Context, Message};
use common::{Arguments, HIGH_WATER_MARK, free_port};
use futures::executor::block_on;
use futures::{SinkExt, StreamExt};

fn main() {
    let arguments = Arguments::read();
    let context = Context::new();
    let endpoint = format!("tcp://127.0.0.1:{}", free_port());
    let mark = HIGH_WATER_MARK as i32;
    let other = (arguments.clone(), context.clone(), endpoint.clone());
    thread::spawn(move || {
        let (arguments, context, endpoint) = other;
        block_on(async {
            if arguments.measures_latency {
                let socket = async_zmq::reply(&endpoint).unwrap().with_context(&context).bind().unwrap();
                loop {
                    let request = socket.recv().await.unwrap();
                    socket.send(request).await.unwrap();
                }
            }
            let builder = async_zmq::push(&endpoint).unwrap().with_context(&context);
            let mut socket = builder.connect().unwrap();
            socket.as_raw_socket().set_sndhwm(mark).unwrap();
            for _ in 0..arguments.count {
                socket.send(vec![Message::from(vec![0; arguments.size])].into()).await.unwrap();
            }
        });
        loop {
            thread::park();
        }
    });
    block_on(async {
        if arguments.measures_latency {
            let socket = async_zmq::request(&endpoint).unwrap().with_context(&context).connect().unwrap();
            let mut start = Instant::now();
            for number in 0..=arguments.count {
                socket.send(vec![Message::from(vec![0; arguments.size])]).await.unwrap();
                socket.recv().await.unwrap();
                if number == 0 {
                    start = Instant::now();
                }
            }
            arguments.report(start.elapsed());
        }
        let mut socket = async_zmq::pull(&endpoint).unwrap().with_context(&context).bind().unwrap();
        socket.next().await.unwrap().unwrap();
        let start = Instant::now();
        for _ in 1..arguments.count {
            assert_eq!(socket.next().await.unwrap().unwrap()[0].len(), arguments.size);
        }
        arguments.report(start.elapsed());
    });
}
