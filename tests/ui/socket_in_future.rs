//! A future that another thread may run takes a socket by value or as `&mut Socket`.
//@ error: without a code
//@ says: the trait `ThreadSafe` is not implemented for `zmq::Push`
//@ says: an async function can take the socket by value or as `&mut Socket`, but not as `&Socket`

fn spawn<F: Future + Send + 'static>(future: F) {
    drop(future);
}

async fn pause() {}

#[cfg(wrong)]
async fn send_twice(socket: &zmq::Socket<zmq::Push>) {
    let _ = socket.try_send("one");
    pause().await;
    let _ = socket.try_send("two");
}

#[cfg(right)]
async fn send_twice(socket: &mut zmq::Socket<zmq::Push>) {
    let _ = socket.try_send("one");
    pause().await;
    let _ = socket.try_send("two");
}

fn main() -> Result<(), zmq::Error> {
    let mut socket = zmq::Context::new()?.socket(zmq::Push)?;
    spawn(async move { send_twice(&mut socket).await });
    Ok(())
}
