//! What the compiler promises: tasks with async sockets can be spawned.

use zmq::tokio::{
    RecvFuture, RecvMultipartFuture, RecvToFuture, RegisterError, SendFromFuture, SendFuture,
    SendMultipartFuture, Socket,
};
use zmq::{Any, Dealer};

#[test]
fn sockets_and_their_futures_go_from_thread_to_thread() {
    fn is_send<T: Send>() {}
    fn is_sync<T: Sync>() {}
    fn is_unpin<T: Unpin>() {}

    is_send::<Socket<Dealer>>();
    is_sync::<Socket<Dealer>>();
    is_send::<Socket<Any>>();
    is_sync::<Socket<Any>>();
    is_sync::<RegisterError<Dealer>>();
    is_send::<RegisterError<Dealer>>();
    is_send::<RecvFuture<'_, Dealer>>();
    is_send::<RecvToFuture<'_, Dealer>>();
    is_send::<RecvMultipartFuture<'_, Dealer>>();
    is_send::<SendFuture<'_, Dealer>>();
    is_send::<SendMultipartFuture<'_, Dealer>>();
    is_send::<SendFromFuture<'_, Dealer>>();
    is_unpin::<RecvFuture<'_, Dealer>>();
    is_unpin::<SendMultipartFuture<'_, Dealer>>();
}
