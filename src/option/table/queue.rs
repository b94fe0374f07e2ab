//! Options about queues and time limits.

use core::time::Duration;

use crate::error::Result;
use crate::foreign;
use crate::kind::{CanConflate, Kind};
use crate::option::define::options;
use crate::option::value::{Count, Flag, SizeOrUnlimited, SpinTime, TimeOrForever};
#[cfg(zmq_draft)]
use crate::option::value::{InBatchSize, OutBatchSize};
use crate::option::{Encoded, Needs};
use crate::socket::{Core, Socket};
use crate::timeout::IntoTimeout;

/// Refuses to conflate if libzmq would abort.
fn can_conflate(core: &Core, on: &Encoded<'_>) -> Result<()> {
    if matches!(on, Encoded::Int(0)) { Ok(()) } else { foreign::check_conflate(core.socket_kind()) }
}

options! {
    /// # Options: queues and time limits
    ZMQ_MAXMSGSIZE "ZMQ_MAXMSGSIZE", Kind, Next {
        get {
            /// Returns the size in bytes of the largest frame that a peer can send. `None` means no limit.
            max_message_size: SizeOrUnlimited -> Option<u64>
        }
        set {
            /// Sets the size in bytes of the largest frame that a peer can send. `None` means no limit.
            ///
            /// Default: `None`. **Set a limit on every socket that untrusted peers can reach.** Without a
            /// limit, a peer can make the process allocate any amount of memory.
            ///
            /// A peer that sends a larger frame is disconnected. If this socket made the connection, it
            /// connects again after the [reconnect interval](Self::set_reconnect_interval).
            set_max_message_size(bytes: impl Into<Option<u64>>): SizeOrUnlimited = bytes.into()
        }
        test |socket| {
            for size in [Some(1 << 40), Some(0), None] {
                socket.set_max_message_size(size)?;
                assert_eq!(socket.max_message_size()?, size);
            }
            assert_refused(socket.set_max_message_size(u64::MAX));
        }
    }
    ZMQ_SNDHWM "ZMQ_SNDHWM", Kind, Before {
        get {
            /// Returns the high-water mark for sending: the maximum number of messages that are queued for
            /// each peer. 0 means no limit.
            send_hwm: Count -> u32
        }
        set {
            /// Sets the high-water mark for sending: the maximum number of messages that are queued for
            /// each peer. 0 means no limit.
            ///
            /// Default: 1000.
            ///
            /// The subscriptions of a SUB socket do not count as messages. With a libzmq other than the
            /// bundled one, they do count, and a subscription is lost if the queue is full. With such a
            /// libzmq, set 0 on a SUB socket with more than a thousand subscriptions.
            set_send_hwm(messages: u32): Count = messages
        }
        test |socket| {
            assert_eq!(socket.send_hwm()?, 1000);
            for hwm in [0, 1, i32::MAX.unsigned_abs()] {
                socket.set_send_hwm(hwm)?;
                assert_eq!(socket.send_hwm()?, hwm);
            }
            assert_refused(socket.set_send_hwm(u32::MAX));
        }
    }
    ZMQ_RCVHWM "ZMQ_RCVHWM", Kind, Before {
        get {
            /// Returns the high-water mark for receiving: the maximum number of messages that are queued
            /// from each peer. 0 means no limit.
            recv_hwm: Count -> u32
        }
        set {
            /// Sets the high-water mark for receiving: the maximum number of messages that are queued from
            /// each peer. 0 means no limit.
            ///
            /// Default: 1000.
            set_recv_hwm(messages: u32): Count = messages
        }
        test |socket| {
            assert_eq!(socket.recv_hwm()?, 1000);
            for hwm in [0, 1, i32::MAX.unsigned_abs()] {
                socket.set_recv_hwm(hwm)?;
                assert_eq!(socket.recv_hwm()?, hwm);
            }
            assert_refused(socket.set_recv_hwm(u32::MAX));
        }
    }
    ZMQ_RCVTIMEO "ZMQ_RCVTIMEO", Kind, Now {
        with { remember: Some(Core::note_recv_timeout) }
        get {
            /// Returns how long receiving waits. `None` means forever.
            recv_timeout: TimeOrForever -> Option<Duration>
        }
        set {
            /// Sets how long receiving waits. After this time, the call fails with
            /// [`WouldBlock`](crate::ErrorKind::WouldBlock). `None` means forever.
            ///
            /// Default: `None`.
            set_recv_timeout(timeout: impl IntoTimeout): TimeOrForever = timeout.into_timeout()
        }
        test |socket| {
            for timeout in [Some(Duration::ZERO), Some(Duration::from_millis(250)), None] {
                socket.set_recv_timeout(timeout)?;
                assert_eq!(socket.recv_timeout()?, timeout);
            }
        }
    }
    ZMQ_SNDTIMEO "ZMQ_SNDTIMEO", Kind, Now {
        with { remember: Some(Core::note_send_timeout) }
        get {
            /// Returns how long sending waits. `None` means forever.
            send_timeout: TimeOrForever -> Option<Duration>
        }
        set {
            /// Sets how long sending waits. After this time, the call fails with
            /// [`WouldBlock`](crate::ErrorKind::WouldBlock). `None` means forever.
            ///
            /// Default: `None`.
            set_send_timeout(timeout: impl IntoTimeout): TimeOrForever = timeout.into_timeout()
        }
        test |socket| {
            for timeout in [Some(Duration::ZERO), Some(Duration::from_millis(250)), None] {
                socket.set_send_timeout(timeout)?;
                assert_eq!(socket.send_timeout()?, timeout);
            }
        }
    }
    ZMQ_SPIN_TIME "ZMQ_SPIN_TIME", Kind, Now {
        with { needs: Needs::Addition }
        get {
            /// Returns how long a call that waits for the socket spins before it sleeps. Zero means that the
            /// call does not spin.
            spin_time: SpinTime -> Duration
        }
        set {
            /// Sets how long a call that waits for the socket spins before it sleeps, from zero to
            /// 2,147,483,647 µs (about 35 minutes). The time is rounded up to whole microseconds. Zero means
            /// that the call does not spin.
            ///
            /// A call that spins checks for a message again and again. So it receives the message earlier than
            /// a call that the system must wake. But **the call uses a processor all the time**, up to the spin
            /// time in each wait. It lets other threads run every few microseconds. 50 µs is a good value to
            /// try.
            ///
            /// Default: the [spin time of the context](crate::option::ContextBuilder::spin_time), which is zero
            /// by default.
            ///
            /// Calls that send, receive or [poll](crate::poll()) spin. If a call polls several sockets, the
            /// longest spin time applies. A call never spins longer than its timeout. Three kinds of calls
            /// never spin: calls of async sockets, calls of draft socket types that threads can share, and,
            /// except on Windows, waits of a [`Poller`](crate::Poller) with more than three sockets.
            ///
            /// Only the bundled libzmq has this option. With another libzmq, the call fails with
            /// [`Unsupported`](crate::ErrorKind::Unsupported).
            ///
            /// The option `set_busy_poll` of the draft API has another purpose: with it, the system spins when
            /// it reads from a network device.
            set_spin_time(time: Duration): SpinTime = time
        }
        test |socket| {
            if !crate::version::has(crate::version::Feature::Bundled) {
                assert_eq!(socket.spin_time().unwrap_err().kind(), ErrorKind::Unsupported);
                return supported_or_not(socket.set_spin_time(Duration::ZERO));
            }
            assert_eq!(socket.spin_time()?, Duration::ZERO);
            for (time, rounded) in [
                (Duration::from_micros(50), Duration::from_micros(50)),
                (Duration::from_nanos(1), Duration::from_micros(1)),
                (Duration::from_micros(2_147_483_647), Duration::from_micros(2_147_483_647)),
                (Duration::ZERO, Duration::ZERO),
            ] {
                socket.set_spin_time(time)?;
                assert_eq!(socket.spin_time()?, rounded);
            }
            assert_refused(socket.set_spin_time(Duration::from_micros(2_147_483_648)));
            assert_refused(socket.set_spin_time(Duration::MAX));
        }
    }
    ZMQ_CONFLATE "ZMQ_CONFLATE", CanConflate, Before {
        with { check: Some(can_conflate), remember: Some(Core::note_conflate) }
        get {
            /// Returns whether the socket keeps only the latest message.
            conflate: Flag -> bool
        }
        set {
            /// Sets whether the socket keeps only the latest message, instead of a queue. A message that
            /// is not sent or received before the next one arrives is dropped. With this option,
            /// high-water marks have no effect.
            ///
            /// Default: `false`.
            ///
            /// This option is for messages of one part. [`send_more`](Self::send_more) fails on such a
            /// socket. If a peer sends several parts, the socket keeps the last part.
            ///
            /// Over inproc, only the setting of the connecting side has an effect. The subscriptions of a
            /// SUB socket are conflated as well, so it should have only one.
            ///
            /// PULL, SUB and DEALER sockets need the bundled libzmq, because another libzmq aborts if a
            /// peer sends several parts. With another libzmq, the call fails with
            /// [`Unsupported`](crate::ErrorKind::Unsupported) on these sockets.
            set_conflate(conflate: bool): Flag = conflate
        }
        test |socket| {
            assert!(!socket.conflate()?);
            for value in [true, false] {
                supported_or_not(socket.set_conflate(value))?;
                let is_supported = crate::version::has(crate::version::Feature::Bundled) || matches!(socket.kind(), SocketKind::Push | SocketKind::Pub);
                assert_eq!(socket.conflate()?, value && is_supported, "{}", socket.kind());
            }
        }
    }
}

options! {
    draft
    /// # Options: queues and time limits (draft)
    ZMQ_IN_BATCH_SIZE "ZMQ_IN_BATCH_SIZE", Kind, Next {
        get {
            /// Returns how many bytes each connection reads at once.
            in_batch_size: InBatchSize -> u32
        }
        set {
            /// Sets how many bytes each connection reads at once, from 1 byte to 16 MiB. Each connection has
            /// a buffer of this size.
            ///
            /// Default: 8192. With the bundled libzmq, a connection whose buffer is filled reads up to
            /// 65,536 bytes at once, unless this option is set. The bundled libzmq rounds the size up to a
            /// multiple of 16. With another libzmq, the size must be a multiple of 8 and at least 16,
            /// because with other sizes, libzmq writes beyond its buffer.
            set_in_batch_size(bytes: u32): InBatchSize = bytes
        }
        test |socket| {
            assert_eq!(socket.in_batch_size()?, 8192);
            for value in [16, 1 << 24, 8192] {
                socket.set_in_batch_size(value)?;
                assert_eq!(socket.in_batch_size()?, value);
            }
            for value in [1, 8, 1025] {
                if crate::version::has(crate::version::Feature::Bundled) {
                    socket.set_in_batch_size(value)?;
                    assert_eq!(socket.in_batch_size()?, value);
                } else {
                    assert_refused(socket.set_in_batch_size(value));
                }
            }
            assert_refused(socket.set_in_batch_size(0));
            assert_refused(socket.set_in_batch_size((1 << 24) + 1));
        }
    }
    ZMQ_OUT_BATCH_SIZE "ZMQ_OUT_BATCH_SIZE", Kind, Next {
        get {
            /// Returns how many bytes each connection writes at once.
            out_batch_size: OutBatchSize -> u32
        }
        set {
            /// Sets how many bytes each connection writes at once, from 1 byte to 16 MiB. Each connection has
            /// a buffer of this size.
            ///
            /// Default: 8192. With the bundled libzmq, a connection whose buffer is filled writes up to 65,536
            /// bytes at once, unless this option is set.
            set_out_batch_size(bytes: u32): OutBatchSize = bytes
        }
        test |socket| {
            assert_eq!(socket.out_batch_size()?, 8192);
            for value in [1, 1025, 1 << 24, 8192] {
                socket.set_out_batch_size(value)?;
                assert_eq!(socket.out_batch_size()?, value);
            }
            assert_refused(socket.set_out_batch_size(0));
            assert_refused(socket.set_out_batch_size((1 << 24) + 1));
        }
    }
}
