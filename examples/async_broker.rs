//! A broker that answers each request in a task of its own, so that a slow request does not delay the others.
//!
//! The broker splits its ROUTER into halves: one task receives the requests, and each other task sends its reply. A DEALER
//! sends ten questions at once, and prints the replies in the order in which they arrive.
//!
//! ```text
//! cargo run --features tokio --example async_broker
//! ```

use std::error::Error;
use std::time::Duration;

use tokio::time::{sleep, timeout};
use zmq::tokio::{Receiver, Sender};
use zmq::{Context, Dealer, Multipart, Router};

const QUESTIONS: u64 = 10;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let context = Context::new()?;
    let router = context.socket(Router)?;
    let endpoint = router.bind("tcp://127.0.0.1:*")?;
    let (replies, requests) = router.into_tokio()?.split();
    let broker = tokio::spawn(serve(requests, replies));

    let dealer = context.socket(Dealer)?;
    dealer.connect(&endpoint)?;
    let mut dealer = dealer.into_tokio()?;
    for number in 1..=QUESTIONS {
        dealer.send(number.to_string()).await?;
    }
    for _ in 0..QUESTIONS {
        let reply = timeout(Duration::from_secs(10), dealer.recv()).await??;
        println!("{}", reply.to_str()?);
    }

    drop(dealer);
    context.shutdown()?; // ends the broker
    broker.await?;
    context.close().await?;
    Ok(())
}

async fn serve(mut requests: Receiver<Router>, replies: Sender<Router>) {
    while let Ok(request) = requests.recv_multipart().await {
        let replies = replies.clone();
        tokio::spawn(async move {
            if let Err(error) = reply(request, &replies).await {
                eprintln!("{error}");
            }
        });
    }
}

/// Answers one request. The first frame of the request and of the reply is the id of the client.
async fn reply(request: Multipart, replies: &Sender<Router>) -> Result<(), Box<dyn Error + Send + Sync>> {
    let [client, question] = request.try_into()?;
    let number: u64 = question.to_str()?.parse()?;
    // The first questions take longest.
    sleep(Duration::from_millis(10 * (QUESTIONS.saturating_sub(number)))).await;
    replies.send_multipart((client, format!("The square of {number} is {}", number * number))).await?;
    Ok(())
}
