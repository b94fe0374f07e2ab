//! Options about multicast transports.

use core::time::Duration;

use crate::error::Result;
use crate::kind::Kind;
#[cfg(zmq_draft)]
use crate::kind::{Is, Radio};
use crate::option::define::options;
#[cfg(zmq_draft)]
use crate::option::value::Flag;
use crate::option::value::{Hops, NumberFromOne, Time};
use crate::socket::Socket;

options! {
    /// # Options: multicast
    ZMQ_RATE "ZMQ_RATE", Kind, Next {
        get {
            /// Returns the maximum rate of multicast transports, in kilobits per second.
            rate: NumberFromOne -> u32
        }
        set {
            /// Sets the maximum rate at which the multicast transports pgm, epgm and norm send or receive, in
            /// kilobits per second. The minimum is 1.
            ///
            /// Default: 100.
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
    ZMQ_RECOVERY_IVL "ZMQ_RECOVERY_IVL", Kind, Next {
        get {
            /// Returns how long a multicast receiver can be absent without losing data.
            recovery_interval: Time -> Duration
        }
        set {
            /// Sets how long a receiver on the transports pgm and epgm can be absent without losing data.
            ///
            /// Default: 10 seconds. The sender keeps the data of this time in memory, which is at most the
            /// [rate](Self::set_rate) times the interval.
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
    ZMQ_MULTICAST_HOPS "ZMQ_MULTICAST_HOPS", Kind, Next {
        get {
            /// Returns how many networks a multicast packet can cross.
            multicast_hops: Hops -> u8
        }
        set {
            /// Sets how many networks a multicast packet can cross. The minimum is 1.
            ///
            /// Default: 1, so packets stay in the local network.
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
    ZMQ_MULTICAST_MAXTPDU "ZMQ_MULTICAST_MAXTPDU", Kind, Next {
        get {
            /// Returns the size in bytes of the largest packet that multicast transports send.
            multicast_max_packet_size: NumberFromOne -> u32
        }
        set {
            /// Sets the size in bytes of the largest packet that the multicast transports pgm and epgm send.
            /// The minimum is 1.
            ///
            /// Default: 1500, the size of an Ethernet packet.
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
}

options! {
    draft
    /// # Options: multicast (draft)
    ZMQ_MULTICAST_LOOP "ZMQ_MULTICAST_LOOP", Is<Radio>, Next {
        get {
            /// Returns whether this machine receives the multicast packets that it sends.
            multicast_loop: Flag -> bool
        }
        set {
            /// Sets whether this machine receives the multicast packets that the socket sends over udp.
            ///
            /// Default: `true`.
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
