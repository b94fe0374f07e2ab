//! Sends requests from a hundred tasks to one server, over one socket. Each request gets its own reply, and has a time limit.
//!
//! The program prints how many requests got a reply.
//!
//! ```text
//! cargo run --features tokio --example async_requester
//! ```

use std::error::Error;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;
use zmq::tokio::{Requester, Socket};
use zmq::{Context, Dealer, Router};

const TASKS: usize = 100;
const REQUESTS: usize = 100;

/// Returns each request to its sender, in reverse order of arrival. Ends when the context is shut down.
async fn serve(mut router: Socket<Router>) -> zmq::Result<()> {
    loop {
        let mut requests = vec![router.recv_multipart().await?];
        while let Ok(request) = router.inner().try_recv_multipart() {
            requests.push(request);
        }
        while let Some(request) = requests.pop() {
            // The request still has its envelope, so the reply reaches the client that asked.
            router.send_multipart(request).await?;
        }
    }
}

/// Returns how many requests got a reply.
async fn ask(requester: Requester, task: usize) -> zmq::Result<usize> {
    let mut replies = 0;
    for number in 0..REQUESTS {
        let request = format!("request {number} of task {task}");
        let reply = timeout(Duration::from_secs(10), requester.request(request.as_str())).await;
        // If no reply arrives within the time limit, the task sends its next request.
        if let Ok(reply) = reply {
            replies += usize::from(reply? == [request]);
        }
    }
    Ok(replies)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let context = Context::new()?;
    let router = context.socket(Router)?;
    let endpoint = router.bind("tcp://127.0.0.1:*")?;
    let server = tokio::spawn(serve(router.into_tokio()?));

    let dealer = context.socket(Dealer)?;
    dealer.connect(&endpoint)?;
    let requester = dealer.into_tokio()?.into_requester()?;
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        tasks.spawn(ask(requester.clone(), task));
    }
    let mut replies = 0;
    while let Some(task) = tasks.join_next().await {
        replies += task??;
    }
    println!("{TASKS} tasks: {replies} replies, {} requests without a reply", TASKS * REQUESTS - replies);

    context.shutdown()?;
    match server.await? {
        Err(error) if !error.is_terminated() => Err(error.into()),
        _ => Ok(()),
    }
}
