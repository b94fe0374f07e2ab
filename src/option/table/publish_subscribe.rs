//! Options about publishing and subscribing.

use crate::error::Result;
#[cfg(zmq_draft)]
use crate::kind::{CanCountTopics, CanPassSubscriptions, CanSendSubscriptions};
use crate::kind::{CanMatch, CanPublish, CanReceiveSubscriptions, CanSubscribe, Kind};
use crate::option::define::{ability, needs, options};
#[cfg(zmq_draft)]
use crate::option::value::Count;
use crate::option::value::{Bytes, Flag, Prefix};
use crate::option::{Needs, Row, When};
use crate::socket::Socket;

options! {
    ZMQ_SUBSCRIBE "ZMQ_SUBSCRIBE", CanSubscribe, AnyTime {
        set {
            /// Subscribes to messages that begin with `prefix`, of up to 16 KiB; the empty one is all of them.
            ///
            /// May be called for several, and counts: what was subscribed to twice has to be
            /// [unsubscribed](Self::unsubscribe) from twice. A SUB socket receives nothing before it has subscribed.
            ///
            /// Each call is queued for every connection, in some sixty bytes and the prefix, also while nobody is there: who
            /// subscribes and unsubscribes for long meanwhile takes ever more memory with the bundled libzmq, until the connection is
            /// made. With [`set_immediate`](Socket::set_immediate) nothing is queued before that. Another libzmq queues as many as
            /// the [high-water mark](Socket::set_send_hwm) allows, and drops the rest.
            ///
            /// A [manual](Self::set_xpub_manual) XPUB subscribes on behalf of the peer whose subscription it received last;
            /// another XPUB has no use for it, and that is [`WrongState`](crate::ErrorKind::WrongState).
            ///
            /// ```compile_fail,E0277
            /// # let context = zmq::Context::new()?;
            /// context.socket(zmq::Req)?.subscribe("A")?;
            /// # Ok::<(), zmq::Error>(())
            /// ```
            ///
            /// ```
            /// # let context = zmq::Context::new()?;
            /// context.socket(zmq::Sub)?.subscribe("A")?;
            /// # Ok::<(), zmq::Error>(())
            /// ```
            subscribe(prefix: impl AsRef<[u8]>): Prefix = prefix.as_ref()
        }
        test |socket| {
            if socket.kind() == SocketKind::XPub {
                socket.set_xpub_manual(true)?;
            }
            socket.subscribe("")?;
            socket.subscribe([0; 16_384])?;
            assert_refused(socket.subscribe([0; 16_385]));
        }
    }
    ZMQ_UNSUBSCRIBE "ZMQ_UNSUBSCRIBE", CanSubscribe, AnyTime {
        set {
            /// Takes a subscription to `prefix` back. There need not be one.
            unsubscribe(prefix: impl AsRef<[u8]>): Prefix = prefix.as_ref()
        }
        test |socket| {
            if socket.kind() == SocketKind::XPub {
                socket.set_xpub_manual(true)?;
            }
            socket.unsubscribe("never subscribed to")?;
            assert_refused(socket.unsubscribe([0; 16_385]));
        }
    }
    ZMQ_XPUB_VERBOSE "ZMQ_XPUB_VERBOSE", CanReceiveSubscriptions, AnyTime {
        set {
            /// Sets whether every subscription is received, and not only the first to each prefix: so that a subscriber that comes later
            /// can be told [the last value](https://zguide.zeromq.org/docs/chapter5/#Last-Value-Caching), say.
            ///
            /// Setting it to either value turns [verboser](Self::set_xpub_verboser) off.
            set_xpub_verbose(verbose: bool): Flag = verbose
        }
        test |socket| {
            socket.set_xpub_verbose(true)?;
            socket.set_xpub_verbose(false)?;
        }
    }
    ZMQ_XPUB_NODROP "ZMQ_XPUB_NODROP", CanPublish, AnyTime {
        set {
            /// Sets whether sending waits, or fails with [`WouldBlock`](crate::ErrorKind::WouldBlock), while a subscriber that is to have
            /// the message cannot keep up. By default that subscriber misses it.
            ///
            /// [`events`](Socket::events) still always says [`POLLOUT`](crate::POLLOUT).
            set_xpub_nodrop(nodrop: bool): Flag = nodrop
        }
        test |socket| {
            socket.set_xpub_nodrop(true)?;
            socket.set_xpub_nodrop(false)?;
        }
    }
    ZMQ_XPUB_MANUAL "ZMQ_XPUB_MANUAL", CanReceiveSubscriptions, Before {
        set {
            /// Sets whether subscriptions that are received take effect only by [`subscribe`](Self::subscribe) and
            /// [`unsubscribe`](Self::unsubscribe) on this socket: those are on behalf of the peer whose subscription was received last, and
            /// may name other prefixes than it did. All subscriptions are received then, as with [verboser](Self::set_xpub_verboser).
            ///
            /// If that peer is gone, they do nothing. A SUB filters by its own subscriptions as well; an XSUB takes what comes.
            ///
            /// It must be set before the first bind or connect. (libzmq takes it later too, and may then use memory that is free already.)
            ///
            /// ```
            /// use zmq::{Context, XPub, XSub};
            ///
            /// let context = Context::new()?;
            /// let publisher = context.socket(XPub)?;
            /// publisher.set_xpub_manual(true)?;
            /// publisher.bind("inproc://manual")?;
            /// let subscriber = context.socket(XSub)?;
            /// subscriber.connect("inproc://manual")?;
            ///
            /// subscriber.send(b"\x01A")?;
            /// assert_eq!(publisher.recv()?, b"\x01A");
            /// publisher.subscribe("B")?;
            /// publisher.send("A is what was asked for")?;
            /// publisher.send("B is what is given")?;
            /// assert_eq!(subscriber.recv()?, "B is what is given");
            /// # Ok::<(), zmq::Error>(())
            /// ```
            set_xpub_manual(manual: bool): Flag = manual
        }
        test |socket| {
            socket.set_xpub_manual(true)?;
            socket.set_xpub_manual(false)?;
        }
    }
    ZMQ_XPUB_WELCOME_MSG "ZMQ_XPUB_WELCOME_MSG", CanReceiveSubscriptions, AnyTime {
        set {
            /// Sets a message that each new subscriber gets first, if it subscribes to it: so it learns that its subscription is there. An
            /// empty one, the default, is none. It holds for peers that connect afterwards.
            set_xpub_welcome_message(message: impl AsRef<[u8]>): Bytes = message.as_ref()
        }
        test |socket| {
            for message in [&b"Welcome"[..], &[0; 1000], b""] {
                socket.set_xpub_welcome_message(message)?;
            }
        }
    }
    ZMQ_INVERT_MATCHING "ZMQ_INVERT_MATCHING", CanMatch, AnyTime {
        get {
            /// Whether messages go where no subscription matches.
            invert_matching: Flag -> bool
        }
        set {
            /// Sets whether messages go to those whose subscriptions do *not* match them. It has to be set at both ends.
            set_invert_matching(invert: bool): Flag = invert
        }
        test |socket| {
            assert!(!socket.invert_matching()?);
            for value in [true, false] {
                socket.set_invert_matching(value)?;
                assert_eq!(socket.invert_matching()?, value);
            }
        }
    }
    ZMQ_XPUB_VERBOSER "ZMQ_XPUB_VERBOSER", CanReceiveSubscriptions, AnyTime {
        set {
            /// Sets whether every subscription and the end of every one is received, and not only the first to each prefix and the end
            /// of the last. It turns [verbose](Self::set_xpub_verbose) on or off with it.
            set_xpub_verboser(verboser: bool): Flag = verboser
        }
        test |socket| {
            socket.set_xpub_verboser(true)?;
            socket.set_xpub_verboser(false)?;
        }
    }
    #[cfg(zmq_draft)]
    ZMQ_XPUB_MANUAL_LAST_VALUE "ZMQ_XPUB_MANUAL_LAST_VALUE", CanReceiveSubscriptions, Before {
        set {
            /// As [`set_xpub_manual`](Self::set_xpub_manual); and the first message sent after a subscription was received goes only to
            /// the peer that it is of, if it has a subscription to it: the last value, say.
            set_xpub_manual_last_value(manual: bool): Flag = manual
        }
        test |socket| {
            socket.set_xpub_manual_last_value(true)?;
            socket.set_xpub_manual_last_value(false)?;
        }
    }
    #[cfg(zmq_draft)]
    ZMQ_ONLY_FIRST_SUBSCRIBE "ZMQ_ONLY_FIRST_SUBSCRIBE", CanPassSubscriptions, AnyTime {
        set {
            /// Sets whether only the first part of a message can be a subscription or the end of one; later parts that begin with the byte
            /// 0 or 1 then pass as they are. By default each part can be.
            set_only_first_subscribe(only_first: bool): Flag = only_first
        }
        test |socket| {
            socket.set_only_first_subscribe(true)?;
            socket.set_only_first_subscribe(false)?;
        }
    }
    #[cfg(zmq_draft)]
    ZMQ_XSUB_VERBOSE_UNSUBSCRIBE "ZMQ_XSUB_VERBOSE_UNSUBSCRIBE", CanSendSubscriptions, AnyTime {
        set {
            /// Sets whether every end of a subscription is passed on, and not only that of the last one to a prefix.
            set_xsub_verbose_unsubscribe(verbose: bool): Flag = verbose
        }
        test |socket| {
            socket.set_xsub_verbose_unsubscribe(true)?;
            socket.set_xsub_verbose_unsubscribe(false)?;
        }
    }
    #[cfg(zmq_draft)]
    ZMQ_TOPICS_COUNT "ZMQ_TOPICS_COUNT", CanCountTopics, AnyTime {
        get {
            /// How many different prefixes are subscribed to: by this socket, or by the peers of a publisher.
            topics_count: Count -> u32
        }
        test |socket| {
            assert_eq!(socket.topics_count()?, 0);
        }
    }
}
