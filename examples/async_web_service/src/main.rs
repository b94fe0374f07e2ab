//! A web service that sends each HTTP request to a ZeroMQ server. All HTTP requests share one `Requester`. Ends on Ctrl-C.
//!
//! The server, in any language, is a REP, or a ROUTER that returns the envelope of each request. Start `hello_server` in one terminal
//! and the web service in another:
//!
//! ```text
//! cargo run --example hello_server
//! cd examples/async_web_service && cargo run -- [endpoint=tcp://127.0.0.1:5555]
//! ```
//!
//! The program prints an address. Open it in a browser or with `curl`.

use std::error::Error;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::time::timeout;
use zmq::tokio::Requester;
use zmq::{Context, Dealer};

async fn ask(State(requester): State<Requester>, Path(name): Path<String>) -> Result<Vec<u8>, StatusCode> {
    match timeout(Duration::from_secs(5), requester.request(name)).await {
        Ok(Ok(reply)) => Ok(reply[0].to_vec()),
        Ok(Err(_)) => Err(StatusCode::BAD_GATEWAY),
        Err(_) => Err(StatusCode::GATEWAY_TIMEOUT),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = std::env::args().nth(1).unwrap_or("tcp://127.0.0.1:5555".to_owned());
    let context = Context::new()?;
    context.set_blocky(false)?; // do not wait for the server at the end
    let dealer = context.socket(Dealer)?;
    dealer.connect(&server)?;
    let requester = dealer.into_tokio()?.into_requester()?;

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}/World", listener.local_addr()?);
    let service = axum::Router::new().route("/{name}", get(ask)).with_state(requester);
    let ctrl_c = async { drop(tokio::signal::ctrl_c().await) };
    axum::serve(listener, service).with_graceful_shutdown(ctrl_c).await?;
    Ok(())
}
