//! Some of the conversations, with async sockets of each reactor on our side.

use zmq::aio::{Reactor, Socket};
use zmq::capability::Kind;
use zmq::{Context, Dealer, Pub, Rep, Req, Router, Sub};

use crate::conversation::{
    Conversation, DEALER_ID, OTHER_TOPIC, SYNC, TOPIC, answer, conversation, expect, messages, multipart,
    with_front,
};
use crate::patience;
use crate::peer::{Link, Peer};

#[cfg(feature = "tokio")]
mod tokio {
    use super::*;

    pub(crate) const CONVERSATIONS: &[Conversation] = &[
        conversation("tokio_req_to_their_rep", |link| talk(link, Req, req), "rep"),
        conversation("tokio_rep_to_their_req", |link| talk(link, Rep, rep), "req"),
        conversation("tokio_dealer_to_their_router", |link| talk(link, Dealer, dealer), "router-of-dealer"),
        conversation("tokio_router_to_their_dealer", |link| talk(link, Router, router), "dealer-of-router"),
        conversation("tokio_pub_to_their_sub", |link| talk(link, Pub, publish), "sub"),
        conversation("tokio_sub_to_their_pub", |link| talk(link, Sub, subscribe), "pub"),
    ];

    fn talk<K: Kind>(
        link: &Link<'_>,
        kind: K,
        conversation: impl AsyncFnOnce(&mut zmq::tokio::Socket<K>, &mut Peer),
    ) {
        let runtime = ::tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (context, socket, mut peer) = start(link, kind);
        runtime.block_on(async {
            let mut socket = socket.into_tokio().unwrap();
            let conversation = conversation(&mut socket, &mut peer);
            ::tokio::time::timeout(patience(), conversation).await.expect("the conversation hangs");
            // Before the socket is dropped: a peer may lose what it has not read when its connection ends.
            peer.finish();
            drop(socket);
            ::tokio::time::timeout(patience(), context.close())
                .await
                .expect("the conversation hangs")
                .unwrap();
        });
    }
}

#[cfg(feature = "smol")]
mod smol {
    use super::*;

    pub(crate) const CONVERSATIONS: &[Conversation] = &[
        conversation("smol_req_to_their_rep", |link| talk(link, Req, req), "rep"),
        conversation("smol_rep_to_their_req", |link| talk(link, Rep, rep), "req"),
        conversation("smol_dealer_to_their_router", |link| talk(link, Dealer, dealer), "router-of-dealer"),
        conversation("smol_router_to_their_dealer", |link| talk(link, Router, router), "dealer-of-router"),
        conversation("smol_pub_to_their_sub", |link| talk(link, Pub, publish), "sub"),
        conversation("smol_sub_to_their_pub", |link| talk(link, Sub, subscribe), "pub"),
    ];

    fn talk<K: Kind>(
        link: &Link<'_>,
        kind: K,
        conversation: impl AsyncFnOnce(&mut zmq::smol::Socket<K>, &mut Peer),
    ) {
        let (context, socket, mut peer) = start(link, kind);
        ::smol::block_on(async {
            let mut socket = socket.into_smol().unwrap();
            timeout(conversation(&mut socket, &mut peer)).await;
            peer.finish();
            drop(socket);
            timeout(context.close()).await.unwrap();
        });
    }

    async fn timeout<T>(future: impl Future<Output = T>) -> T {
        ::smol::future::or(future, async {
            ::smol::Timer::after(patience()).await;
            panic!("the conversation hangs")
        })
        .await
    }
}

/// The conversations of all reactors that there are.
pub(crate) fn conversations() -> impl Iterator<Item = &'static Conversation> {
    let all: &'static [&'static [Conversation]] = &[
        #[cfg(feature = "tokio")]
        tokio::CONVERSATIONS,
        #[cfg(feature = "smol")]
        smol::CONVERSATIONS,
    ];
    all.iter().copied().flatten()
}

/// A socket that is connected to its peer, and prepared for every conversation.
fn start<K: Kind>(link: &Link<'_>, kind: K) -> (Context, zmq::Socket<K>, Peer) {
    let context = Context::new().unwrap();
    let socket = link.socket(&context, kind).into_any();
    let socket = match socket.downcast::<Dealer>() {
        Ok(dealer) => {
            dealer.set_routing_id(DEALER_ID).unwrap();
            dealer.into_any()
        }
        Err(other) => other,
    };
    let socket = socket.downcast::<K>().unwrap_or_else(|_| panic!("the socket does not have this type"));
    let peer = link.establish(&socket);
    (context, socket, peer)
}

async fn req<R: Reactor>(socket: &mut Socket<Req, R>, _: &mut Peer) {
    for message in messages() {
        socket.send_multipart(multipart(message.clone())).await.unwrap();
        expect(&socket.recv_multipart().await.unwrap(), &answer(&message));
    }
}

async fn rep<R: Reactor>(socket: &mut Socket<Rep, R>, _: &mut Peer) {
    for message in messages() {
        expect(&socket.recv_multipart().await.unwrap(), &message);
        socket.send_multipart(multipart(answer(&message))).await.unwrap();
    }
}

async fn dealer<R: Reactor>(socket: &mut Socket<Dealer, R>, _: &mut Peer) {
    for message in messages() {
        socket.send_multipart(multipart(message)).await.unwrap();
    }
    for message in messages().iter().rev() {
        expect(&socket.recv_multipart().await.unwrap(), &answer(message));
    }
}

/// Answers the last request first.
async fn router<R: Reactor>(socket: &mut Socket<Router, R>, _: &mut Peer) {
    for message in messages() {
        expect(&socket.recv_multipart().await.unwrap(), &with_front(&[DEALER_ID], &message));
    }
    for message in messages().iter().rev() {
        let reply = with_front(&[DEALER_ID], &answer(message));
        socket.send_multipart(multipart(reply)).await.unwrap();
    }
}

async fn publish<R: Reactor>(socket: &mut Socket<Pub, R>, peer: &mut Peer) {
    // The subscriber says when it is there.
    while !peer.has_said("synced") {
        socket.send(SYNC).await.unwrap();
    }
    for message in messages() {
        socket.send_multipart(multipart(with_front(&[OTHER_TOPIC], &message))).await.unwrap();
        socket.send_multipart(multipart(with_front(&[TOPIC], &message))).await.unwrap();
    }
}

async fn subscribe<R: Reactor>(socket: &mut Socket<Sub, R>, peer: &mut Peer) {
    socket.inner().subscribe(TOPIC).unwrap();
    expect(&socket.recv_multipart().await.unwrap(), &vec![SYNC.to_vec()]);
    peer.say("begin");
    for message in messages() {
        let mut got = socket.recv_multipart().await.unwrap();
        while got == [SYNC] {
            got = socket.recv_multipart().await.unwrap();
        }
        expect(&got, &with_front(&[TOPIC], &message));
    }
}
