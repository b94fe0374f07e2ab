//! Measures tmq, a binding of libzmq for tokio. Settings: `plain`; `buffered` for a receiver that reads several messages in advance.

use std::thread;
use std::time::Instant;

use common::{Arguments, HIGH_WATER_MARK, free_port};
use futures::{SinkExt, Stream, StreamExt, future};
use tmq::{Context, Message, Multipart};

async fn receive(mut socket: impl Stream<Item = tmq::Result<Multipart>> + Unpin, arguments: &Arguments) -> ! {
    socket.next().await.unwrap().unwrap();
    let start = Instant::now();
    for _ in 1..arguments.count {
        assert_eq!(socket.next().await.unwrap().unwrap()[0].len(), arguments.size);
    }
    arguments.report(start.elapsed());
}

fn main() {
    let arguments = Arguments::read();
    let context = Context::new();
    let endpoint = format!("tcp://127.0.0.1:{}", free_port());
    let mark = HIGH_WATER_MARK as i32;
    let other = (arguments.clone(), context.clone(), endpoint.clone());
    thread::spawn(move || {
        let (arguments, context, endpoint) = other;
        arguments.runtime().block_on(async {
            if arguments.measures_latency {
                let mut responder = tmq::reply(&context).bind(&endpoint).unwrap();
                loop {
                    let (request, sender) = responder.recv().await.unwrap();
                    responder = sender.send(request).await.unwrap();
                }
            }
            let mut socket = tmq::push(&context).set_sndhwm(mark).connect(&endpoint).unwrap();
            let bytes = vec![0; arguments.size];
            for _ in 0..arguments.count {
                socket.send(vec![Message::from(bytes.as_slice())]).await.unwrap();
            }
            future::pending::<()>().await;
        });
    });
    arguments.runtime().block_on(async {
        if arguments.measures_latency {
            let mut sender = tmq::request(&context).connect(&endpoint).unwrap();
            let mut message = Multipart::from(vec![Message::from(vec![0; arguments.size])]);
            let mut start = Instant::now();
            for number in 0..=arguments.count {
                let receiver = sender.send(message).await.unwrap();
                (message, sender) = receiver.recv().await.unwrap();
                if number == 0 {
                    start = Instant::now();
                }
            }
            arguments.report(start.elapsed());
        }
        let socket = tmq::pull(&context).set_rcvhwm(mark).bind(&endpoint).unwrap();
        if arguments.has("buffered") {
            receive(socket.buffered(mark as usize), &arguments).await;
        }
        receive(socket, &arguments).await;
    });
}
