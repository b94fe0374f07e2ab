//! Options about publishing and subscribing.

use crate::error::{ErrorKind, Result};
use crate::foreign;
use crate::kind::{Ability, SocketKind};
#[cfg(zmq_draft)]
use crate::kind::{CanCountTopics, CanPassSubscriptions, XSub};
use crate::kind::{CanMatch, CanPublish, CanSubscribe, Is, Kind, XPub};
use crate::option::Refusal;
use crate::option::define::options;
#[cfg(zmq_draft)]
use crate::option::value::Count;
use crate::option::value::{Bytes, Flag, Prefix};
use crate::socket::{Core, Socket};

/// The reason why an XPUB socket cannot subscribe.
fn is_not_manual(core: &Core) -> Option<Refusal> {
    let is_publisher = core.socket_kind().has(Ability::Is(SocketKind::XPub));
    is_publisher.then_some(Refusal {
        kind: ErrorKind::WrongState,
        errno: libc::EINVAL,
        reason: "an XPUB socket subscribes only if it is set to manual",
    })
}

options! {
    /// # Options: publish and subscribe
    ZMQ_SUBSCRIBE "ZMQ_SUBSCRIBE", CanSubscribe, Now {
        with { invalid_means: Some(is_not_manual), remember: Some(Core::note_subscription) }
        set {
            /// Subscribes to messages that begin with `prefix`, which has up to 16 KiB. An empty prefix
            /// subscribes to all messages.
            ///
            /// A SUB socket receives nothing until it has subscribed. A socket can have many subscriptions.
            /// They are counted: a prefix that was subscribed to twice must be
            /// [unsubscribed](Self::unsubscribe) twice.
            ///
            /// An XPUB socket can subscribe only if it is [manual](Self::set_xpub_manual). It then subscribes
            /// on behalf of the peer whose subscription it received last. Otherwise, the call fails with
            /// [`WrongState`](crate::ErrorKind::WrongState).
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
            ///
            /// # Memory
            ///
            /// Each call is queued for every connection, even if the connection is not made yet. A queued
            /// call takes about sixty bytes, in addition to the prefix. With the bundled libzmq, a program
            /// that keeps subscribing and unsubscribing without a peer uses more and more memory until the
            /// connection is made. With [`set_immediate`](Socket::set_immediate), nothing is queued before
            /// that. Another libzmq queues at most as many calls as the [high-water
            /// mark](Socket::set_send_hwm) allows, and drops the rest.
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
    ZMQ_UNSUBSCRIBE "ZMQ_UNSUBSCRIBE", CanSubscribe, Now {
        with { invalid_means: Some(is_not_manual) }
        set {
            /// Removes a subscription to `prefix`. Does nothing if there is none.
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
    ZMQ_XPUB_VERBOSE "ZMQ_XPUB_VERBOSE", Is<XPub>, Now {
        set {
            /// Sets whether the socket receives every subscription, and not only the first subscription to
            /// each prefix.
            ///
            /// With this option, a program can send the [last
            /// value](https://zguide.zeromq.org/docs/chapter5/#Last-Value-Caching) to each new subscriber.
            ///
            /// Default: `false`. Each call turns [verboser](Self::set_xpub_verboser) off, regardless of the
            /// value.
            set_xpub_verbose(verbose: bool): Flag = verbose
        }
        test |socket| {
            socket.set_xpub_verbose(true)?;
            socket.set_xpub_verbose(false)?;
        }
    }
    ZMQ_XPUB_NODROP "ZMQ_XPUB_NODROP", CanPublish, Now {
        set {
            /// Sets whether sending waits for slow subscribers. While the queue of a matching subscriber is
            /// full, sending waits, or fails with [`WouldBlock`](crate::ErrorKind::WouldBlock).
            ///
            /// Default: `false`. A subscriber whose queue is full then misses the message. In both cases,
            /// [`events`](Socket::events) always reports [`PollEvents::OUT`](crate::PollEvents::OUT).
            set_xpub_nodrop(nodrop: bool): Flag = nodrop
        }
        test |socket| {
            socket.set_xpub_nodrop(true)?;
            socket.set_xpub_nodrop(false)?;
        }
    }
    ZMQ_XPUB_MANUAL "ZMQ_XPUB_MANUAL", Is<XPub>, Before {
        set {
            /// Sets whether the program decides what its peers are subscribed to.
            ///
            /// With `true`, a received subscription has no effect by itself. Instead,
            /// [`subscribe`](Self::subscribe) and [`unsubscribe`](Self::unsubscribe) on this socket act on
            /// behalf of the peer whose subscription was received last. These calls can name a prefix other
            /// than the peer's prefix. They do nothing if the peer is gone. As with
            /// [verboser](Self::set_xpub_verboser), the socket receives all subscriptions.
            ///
            /// Default: `false`. A SUB peer also filters by its own subscriptions. An XSUB peer does not.
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
    ZMQ_XPUB_WELCOME_MSG "ZMQ_XPUB_WELCOME_MSG", Is<XPub>, Now {
        with { remember: Some(foreign::inproc::note_welcome) }
        set {
            /// Sets a welcome message. Each new subscriber with a matching subscription receives this message
            /// first. So a subscriber can detect that its subscription has arrived. An empty message turns
            /// this option off.
            ///
            /// Default: empty. Takes effect for peers that connect afterwards.
            set_xpub_welcome_message(message: impl AsRef<[u8]>): Bytes = message.as_ref()
        }
        test |socket| {
            for message in [&b"Welcome"[..], &[0; 1000], b""] {
                socket.set_xpub_welcome_message(message)?;
            }
        }
    }
    ZMQ_INVERT_MATCHING "ZMQ_INVERT_MATCHING", CanMatch, Now {
        get {
            /// Returns whether messages go to the peers whose subscriptions do not match.
            invert_matching: Flag -> bool
        }
        set {
            /// Sets whether messages go to the peers whose subscriptions do *not* match. Both ends must set
            /// this option.
            ///
            /// Default: `false`.
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
    ZMQ_XPUB_VERBOSER "ZMQ_XPUB_VERBOSER", Is<XPub>, Now {
        set {
            /// Sets whether the socket receives every subscription and every unsubscription. Without this
            /// option, the socket receives only the first subscription to each prefix, and the last
            /// unsubscription from it.
            ///
            /// Default: `false`. Each call also sets [verbose](Self::set_xpub_verbose) to the same value.
            set_xpub_verboser(verboser: bool): Flag = verboser
        }
        test |socket| {
            socket.set_xpub_verboser(true)?;
            socket.set_xpub_verboser(false)?;
        }
    }
}

options! {
    draft
    /// # Options: publish and subscribe (draft)
    ZMQ_XPUB_MANUAL_LAST_VALUE "ZMQ_XPUB_MANUAL_LAST_VALUE", Is<XPub>, Before {
        set {
            /// Sets [manual](Self::set_xpub_manual) mode with support for last-value caching.
            ///
            /// In addition to manual mode, the first message that is sent after a subscription is received
            /// goes only to that subscriber, if its subscriptions match the message.
            ///
            /// Default: `false`.
            set_xpub_manual_last_value(manual: bool): Flag = manual
        }
        test |socket| {
            socket.set_xpub_manual_last_value(true)?;
            socket.set_xpub_manual_last_value(false)?;
        }
    }
    ZMQ_ONLY_FIRST_SUBSCRIBE "ZMQ_ONLY_FIRST_SUBSCRIBE", CanPassSubscriptions, Now {
        set {
            /// Sets whether only the first part of a message can subscribe or unsubscribe. Later parts that
            /// begin with the byte 0 or 1 are then ordinary parts.
            ///
            /// Default: `false`. Each part can then subscribe or unsubscribe.
            set_only_first_subscribe(only_first: bool): Flag = only_first
        }
        test |socket| {
            socket.set_only_first_subscribe(true)?;
            socket.set_only_first_subscribe(false)?;
        }
    }
    ZMQ_XSUB_VERBOSE_UNSUBSCRIBE "ZMQ_XSUB_VERBOSE_UNSUBSCRIBE", Is<XSub>, Now {
        set {
            /// Sets whether every unsubscription is sent to the publishers. Otherwise, only the last
            /// unsubscription from each prefix is sent.
            ///
            /// Default: `false`.
            set_xsub_verbose_unsubscribe(verbose: bool): Flag = verbose
        }
        test |socket| {
            socket.set_xsub_verbose_unsubscribe(true)?;
            socket.set_xsub_verbose_unsubscribe(false)?;
        }
    }
    ZMQ_TOPICS_COUNT "ZMQ_TOPICS_COUNT", CanCountTopics, Now {
        get {
            /// Returns the number of different prefixes that are subscribed to.
            ///
            /// A subscriber counts its own subscriptions. A publisher counts the subscriptions of its peers.
            topics_count: Count -> u32
        }
        test |socket| {
            assert_eq!(socket.topics_count()?, 0);
        }
    }
}
