//! Async sockets and their futures can move between threads, so that tasks with them can be spawned.

use zmq::aio::{
    Monitor, MonitorRecvFuture, ReadableFuture, Receiver, ReceiverReadableFuture, ReceiverRecvFuture,
    ReceiverRecvManyFuture, ReceiverRecvMultipartFuture, ReceiverRecvToFuture, RecvFuture, RecvManyFuture,
    RecvMultipartFuture, RecvToFuture, RequestFuture, Requester, ReuniteError, SendFromFuture, SendFuture,
    SendMultipartFuture, Sender, SenderSendFromFuture, SenderSendFuture, SenderSendMultipartFuture,
    SenderWritableFuture, WritableFuture,
};
use zmq::error::ConvertError;
use zmq::{Any, Dealer};

use super::{Reactor, Socket};

#[test]
fn sockets_and_their_futures_can_move_between_threads() {
    fn is_send<T: Send>() {}
    fn is_sync<T: Sync>() {}
    fn is_unpin<T: Unpin>() {}

    is_send::<Socket<Dealer>>();
    is_sync::<Socket<Dealer>>();
    is_send::<Socket<Any>>();
    is_sync::<Socket<Any>>();
    is_sync::<ConvertError<zmq::Socket<Dealer>>>();
    is_send::<ConvertError<zmq::Socket<Dealer>>>();
    is_send::<RecvFuture<'_, Dealer, Reactor>>();
    is_send::<RecvToFuture<'_, Dealer, Reactor>>();
    is_send::<RecvMultipartFuture<'_, Dealer, Reactor>>();
    is_send::<RecvManyFuture<'_, Dealer, Reactor>>();
    is_send::<ReadableFuture<'_, Dealer, Reactor>>();
    is_send::<WritableFuture<'_, Dealer, Reactor>>();
    is_send::<SendFuture<'_, Dealer, Reactor>>();
    is_send::<SendMultipartFuture<'_, Dealer, Reactor>>();
    is_send::<SendFromFuture<'_, Dealer, Reactor>>();
    is_send::<ConvertError<zmq::Monitor>>();
    is_sync::<ConvertError<zmq::Monitor>>();
    is_send::<Monitor<Reactor>>();
    is_sync::<Monitor<Reactor>>();
    is_send::<MonitorRecvFuture<'_, Reactor>>();
    is_unpin::<MonitorRecvFuture<'_, Reactor>>();
    is_send::<Requester<Reactor>>();
    is_sync::<Requester<Reactor>>();
    is_send::<RequestFuture<'_, Reactor>>();
    is_unpin::<RequestFuture<'_, Reactor>>();
    is_send::<Sender<Dealer, Reactor>>();
    is_sync::<Sender<Dealer, Reactor>>();
    is_send::<Receiver<Dealer, Reactor>>();
    is_sync::<Receiver<Dealer, Reactor>>();
    is_send::<ReuniteError<Dealer, Reactor>>();
    is_sync::<ReuniteError<Dealer, Reactor>>();
    is_send::<ReceiverRecvFuture<'_, Dealer, Reactor>>();
    is_send::<ReceiverRecvToFuture<'_, Dealer, Reactor>>();
    is_send::<ReceiverRecvMultipartFuture<'_, Dealer, Reactor>>();
    is_send::<ReceiverRecvManyFuture<'_, Dealer, Reactor>>();
    is_send::<ReceiverReadableFuture<'_, Dealer, Reactor>>();
    is_send::<SenderWritableFuture<'_, Dealer, Reactor>>();
    is_send::<SenderSendFuture<'_, Dealer, Reactor>>();
    is_send::<SenderSendMultipartFuture<'_, Dealer, Reactor>>();
    is_send::<SenderSendFromFuture<'_, Dealer, Reactor>>();
    #[cfg(zmq_draft)]
    {
        use zmq::aio::{
            ReceiverRecvFromFuture, RecvFromFuture, SendToFromFuture, SendToFuture, SenderSendToFromFuture,
            SenderSendToFuture,
        };
        use zmq::message::RoutingId;
        use zmq::{Client, Dgram, Radio, Server};

        is_send::<Socket<Client>>();
        is_sync::<Socket<Client>>();
        is_send::<Sender<Server, Reactor>>();
        is_sync::<Receiver<Dgram, Reactor>>();
        is_send::<RecvFromFuture<'_, Server, Reactor>>();
        is_send::<SendToFuture<'_, Server, Reactor, RoutingId>>();
        is_send::<ReceiverRecvFromFuture<'_, Server, Reactor>>();
        is_send::<SenderSendToFuture<'_, Radio, Reactor, String>>();
        is_send::<SendToFromFuture<'_, Server, Reactor, RoutingId>>();
        is_send::<SenderSendToFromFuture<'_, Radio, Reactor, String>>();
        is_unpin::<SendToFromFuture<'_, Server, Reactor, RoutingId>>();
        is_unpin::<SenderSendToFromFuture<'_, Radio, Reactor, std::marker::PhantomPinned>>();
        is_unpin::<SendToFuture<'_, Server, Reactor, RoutingId>>();
        is_unpin::<SenderSendToFuture<'_, Radio, Reactor, std::marker::PhantomPinned>>();
    }
    is_unpin::<ReceiverRecvFuture<'_, Dealer, Reactor>>();
    is_unpin::<SenderSendMultipartFuture<'_, Dealer, Reactor>>();
    is_unpin::<RecvFuture<'_, Dealer, Reactor>>();
    is_unpin::<SendMultipartFuture<'_, Dealer, Reactor>>();
}
