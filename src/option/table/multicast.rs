//! Options about multicast transports.

use core::time::Duration;

use crate::error::Result;
#[cfg(zmq_draft)]
use crate::kind::CanMulticast;
use crate::kind::Kind;
use crate::option::define::{ability, needs, options};
#[cfg(zmq_draft)]
use crate::option::value::Flag;
use crate::option::value::{Hops, NumberFromOne, Time};
use crate::option::{Needs, Row, When};
use crate::socket::Socket;

options! {
    ZMQ_RATE "ZMQ_RATE", Kind, AnyTime {
        get {
            /// The most that multicast transports send or receive, in kilobits a second.
            rate: NumberFromOne -> u32
        }
        set {
            /// Sets the most that multicast transports (pgm, epgm, norm) send or receive, in kilobits a second; from 1. 100 unless
            /// set. It holds for later binds and connects.
            set_rate(kilobits: u32): NumberFromOne = kilobits
        }
        test |socket| {
            assert_eq!(socket.rate()?, 100);
            for value in [1, 1_000_000, i32::MAX.unsigned_abs()] {
                socket.set_rate(value)?;
                assert_eq!(socket.rate()?, value);
            }
            assert_refused(socket.set_rate(0));
            assert_refused(socket.set_rate(u32::MAX));
        }
    }
    ZMQ_RECOVERY_IVL "ZMQ_RECOVERY_IVL", Kind, AnyTime {
        get {
            /// How long a multicast receiver may be absent without losing data for good.
            recovery_interval: Time -> Duration
        }
        set {
            /// Sets how long a multicast receiver (pgm, epgm) may be absent without losing data for good; 10 seconds unless set.
            ///
            /// A sender keeps as much in memory as the [rate](Self::set_rate) allows in that time. It holds for later binds and connects.
            set_recovery_interval(interval: Duration): Time = interval
        }
        test |socket| {
            assert_eq!(socket.recovery_interval()?, Duration::from_secs(10));
            for value in [Duration::from_secs(60), Duration::ZERO] {
                socket.set_recovery_interval(value)?;
                assert_eq!(socket.recovery_interval()?, value);
            }
        }
    }
    ZMQ_MULTICAST_HOPS "ZMQ_MULTICAST_HOPS", Kind, AnyTime {
        get {
            /// How many networks multicast packets may cross.
            multicast_hops: Hops -> u8
        }
        set {
            /// Sets how many networks multicast packets may cross, from 1. 1 unless set: they stay in the local network.
            /// It holds for later binds and connects.
            set_multicast_hops(hops: u8): Hops = hops
        }
        test |socket| {
            assert_eq!(socket.multicast_hops()?, 1);
            for value in [1, 255] {
                socket.set_multicast_hops(value)?;
                assert_eq!(socket.multicast_hops()?, value);
            }
            assert_refused(socket.set_multicast_hops(0));
        }
    }
    ZMQ_MULTICAST_MAXTPDU "ZMQ_MULTICAST_MAXTPDU", Kind, AnyTime {
        get {
            /// The largest packet in bytes that multicast transports send.
            multicast_max_packet_size: NumberFromOne -> u32
        }
        set {
            /// Sets the largest packet in bytes that multicast transports (pgm, epgm) send; from 1. 1500 unless set: what an Ethernet
            /// carries. It holds for later binds and connects.
            set_multicast_max_packet_size(bytes: u32): NumberFromOne = bytes
        }
        test |socket| {
            assert_eq!(socket.multicast_max_packet_size()?, 1500);
            for value in [1, 9000] {
                socket.set_multicast_max_packet_size(value)?;
                assert_eq!(socket.multicast_max_packet_size()?, value);
            }
            assert_refused(socket.set_multicast_max_packet_size(0));
            assert_refused(socket.set_multicast_max_packet_size(u32::MAX));
        }
    }
    #[cfg(zmq_draft)]
    ZMQ_MULTICAST_LOOP "ZMQ_MULTICAST_LOOP", CanMulticast, AnyTime {
        get {
            /// Whether this machine receives the multicast packets that it sends.
            multicast_loop: Flag -> bool
        }
        set {
            /// Sets whether this machine receives the multicast packets that the socket sends over udp; it does unless this is set.
            /// It holds for later binds and connects.
            set_multicast_loop(on: bool): Flag = on
        }
        test |socket| {
            assert!(socket.multicast_loop()?);
            for value in [false, true] {
                socket.set_multicast_loop(value)?;
                assert_eq!(socket.multicast_loop()?, value);
            }
        }
    }
}
