//! Options about queues, and how long to wait for them.

use core::time::Duration;

use crate::error::Result;
use crate::kind::{CanConflate, Kind};
use crate::option::define::{ability, needs, options};
use crate::option::value::{Count, Flag, SizeOrUnlimited, TimeOrForever};
#[cfg(zmq_draft)]
use crate::option::value::{InBatchSize, OutBatchSize};
use crate::option::{Needs, Row, When};
use crate::socket::Socket;
use crate::timeout::IntoTimeout;

options! {
    ZMQ_MAXMSGSIZE "ZMQ_MAXMSGSIZE", Kind, AnyTime {
        get {
            /// The largest frame in bytes that a peer may send; `None` is no limit.
            max_message_size: SizeOrUnlimited -> Option<u64>
        }
        set {
            /// Sets the largest frame in bytes that a peer may send. `None`, the default, is no limit.
            ///
            /// A peer that sends more is disconnected. If this socket made the connection, it makes another one after the
            /// [interval](Self::set_reconnect_interval). Set it on every socket that strangers can reach: they could have the
            /// process allocate any amount of memory. It holds for later binds and connects.
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
            /// The high-water mark for sending: how many messages are queued for each peer; 0 is no limit.
            send_hwm: Count -> u32
        }
        set {
            /// Sets the high-water mark for sending: how many messages are queued for each peer. 1000 unless set; 0 is no
            /// limit.
            ///
            /// A SUB socket's subscriptions do not count against it. With another libzmq than the bundled one they do, and those for
            /// which there is no room are lost: with it, set 0 on a SUB that has more than a thousand.
            ///
            /// It must be set before the first bind or connect. (libzmq takes it later too, and may then use memory that is
            /// free already.)
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
            /// The high-water mark for receiving: how many messages are queued from each peer; 0 is no limit.
            recv_hwm: Count -> u32
        }
        set {
            /// Sets the high-water mark for receiving: how many messages are queued from each peer. 1000 unless set; 0 is no
            /// limit.
            ///
            /// It must be set before the first bind or connect. (libzmq takes it later too, and may then use memory that is
            /// free already.)
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
    ZMQ_RCVTIMEO "ZMQ_RCVTIMEO", Kind, AnyTime {
        get {
            /// How long receiving waits; `None` is for ever.
            recv_timeout: TimeOrForever -> Option<Duration>
        }
        set {
            /// Sets how long receiving waits before it fails with [`WouldBlock`](crate::ErrorKind::WouldBlock). `None`, the
            /// default, is for ever.
            set_recv_timeout(timeout: impl IntoTimeout): TimeOrForever = timeout.into_timeout()
        }
        test |socket| {
            for timeout in [Some(Duration::ZERO), Some(Duration::from_millis(250)), None] {
                socket.set_recv_timeout(timeout)?;
                assert_eq!(socket.recv_timeout()?, timeout);
            }
        }
    }
    ZMQ_SNDTIMEO "ZMQ_SNDTIMEO", Kind, AnyTime {
        get {
            /// How long sending waits; `None` is for ever.
            send_timeout: TimeOrForever -> Option<Duration>
        }
        set {
            /// Sets how long sending waits before it fails with [`WouldBlock`](crate::ErrorKind::WouldBlock). `None`, the
            /// default, is for ever.
            set_send_timeout(timeout: impl IntoTimeout): TimeOrForever = timeout.into_timeout()
        }
        test |socket| {
            for timeout in [Some(Duration::ZERO), Some(Duration::from_millis(250)), None] {
                socket.set_send_timeout(timeout)?;
                assert_eq!(socket.send_timeout()?, timeout);
            }
        }
    }
    ZMQ_CONFLATE "ZMQ_CONFLATE", CanConflate, Before {
        get {
            /// Whether only the latest message is kept.
            conflate: Flag -> bool
        }
        set {
            /// Sets whether only the latest message is kept, in place of a queue: what was not sent or received before the next one came
            /// is dropped. It must be set before the first bind or connect, and the high-water marks then have no meaning.
            ///
            /// It is for messages of one part. The socket refuses to [send more](Self::send_more) of them; of what a peer sends in parts,
            /// the last one is kept.
            ///
            /// PULL, SUB and DEALER sockets, which receive, need the bundled libzmq: another one would abort on a peer that sends several
            /// parts. With those, it is [`Unsupported`](crate::ErrorKind::Unsupported).
            ///
            /// Over inproc the setting of the side that connects is the one that counts. A SUB socket's subscriptions are conflated on their
            /// way to the publisher as well, so it should have one only.
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
    #[cfg(zmq_draft)]
    ZMQ_IN_BATCH_SIZE "ZMQ_IN_BATCH_SIZE", Kind, AnyTime {
        get {
            /// How many bytes are taken at once when receiving.
            in_batch_size: InBatchSize -> u32
        }
        set {
            /// Sets how many bytes are taken at once when receiving: the size of a buffer that each connection has. From 1 byte to 16 MiB;
            /// 8192 unless set. It holds for later binds and connects.
            ///
            /// The bundled libzmq takes a multiple of 16 that is not less. With another one it has to be a multiple of 8, from 16: with
            /// what is less that one overruns its memory.
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
    #[cfg(zmq_draft)]
    ZMQ_OUT_BATCH_SIZE "ZMQ_OUT_BATCH_SIZE", Kind, AnyTime {
        get {
            /// How many bytes are taken at once when sending.
            out_batch_size: OutBatchSize -> u32
        }
        set {
            /// Sets how many bytes are taken at once when sending: the size of a buffer that each connection has. From 1 byte to 16 MiB;
            /// 8192 unless set. It holds for later binds and connects.
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
