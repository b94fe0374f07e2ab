//! Options about the transport norm.

use crate::error::Result;
use crate::kind::Kind;
use crate::option::define::{ability, needs, options};
use crate::option::value::{Flag, NormBlockSize, NormModeCodec, NormParity, NormSegmentSize, NumberFromOne};
use crate::option::{Needs, NormMode, Row, When};
use crate::socket::Socket;

options! {
    #[cfg(zmq_draft)]
    ZMQ_NORM_MODE "ZMQ_NORM_MODE", Kind, AnyTime {
        get needs Norm {
            /// How norm finds the rate that it sends at.
            norm_mode: NormModeCodec -> NormMode
        }
        set needs Norm {
            /// Sets how norm finds the rate that it sends at; by congestion control unless set. It holds for later binds and connects.
            ///
            /// Without the transport `norm` (the feature of that name), this is [`Unsupported`](crate::ErrorKind::Unsupported).
            set_norm_mode(mode: NormMode): NormModeCodec = mode
        }
        test |socket| {
            if has_norm() {
                assert_eq!(socket.norm_mode()?, NormMode::CongestionControl);
            }
            for value in [NormMode::Fixed, NormMode::LossTolerant, NormMode::EcnOnly] {
                supported_or_not(socket.set_norm_mode(value))?;
                if has_norm() {
                    assert_eq!(socket.norm_mode()?, value);
                }
            }
        }
    }
    #[cfg(zmq_draft)]
    ZMQ_NORM_UNICAST_NACK "ZMQ_NORM_UNICAST_NACK", Kind, AnyTime {
        get needs Norm {
            /// Whether norm receivers tell the sender alone what they lack.
            norm_unicast_nack: Flag -> bool
        }
        set needs Norm {
            /// Sets whether norm receivers tell the sender alone what they lack, and not the whole group. Not unless set. It holds for later binds and connects.
            ///
            /// Without the transport `norm` (the feature of that name), this is [`Unsupported`](crate::ErrorKind::Unsupported).
            set_norm_unicast_nack(yes: bool): Flag = yes
        }
        test |socket| {
            if has_norm() {
                assert!(!socket.norm_unicast_nack()?);
            }
            for value in [true, false] {
                supported_or_not(socket.set_norm_unicast_nack(value))?;
                if has_norm() {
                    assert_eq!(socket.norm_unicast_nack()?, value);
                }
            }
        }
    }
    #[cfg(zmq_draft)]
    ZMQ_NORM_BUFFER_SIZE "ZMQ_NORM_BUFFER_SIZE", Kind, AnyTime {
        get needs Norm {
            /// The size of norm's buffers, in KiB.
            norm_buffer_size: NumberFromOne -> u32
        }
        set needs Norm {
            /// Sets the size of norm's buffers in KiB, from 1; 2048 unless set. It holds for later binds and connects.
            ///
            /// Without the transport `norm` (the feature of that name), this is [`Unsupported`](crate::ErrorKind::Unsupported).
            set_norm_buffer_size(kibibytes: u32): NumberFromOne = kibibytes
        }
        test |socket| {
            if has_norm() {
                assert_eq!(socket.norm_buffer_size()?, 2048);
            }
            for value in [1, 4096] {
                supported_or_not(socket.set_norm_buffer_size(value))?;
                if has_norm() {
                    assert_eq!(socket.norm_buffer_size()?, value);
                }
            }
            assert_refused_or_no_norm(socket.set_norm_buffer_size(0));
        }
    }
    #[cfg(zmq_draft)]
    ZMQ_NORM_SEGMENT_SIZE "ZMQ_NORM_SEGMENT_SIZE", Kind, AnyTime {
        get needs Norm {
            /// The bytes in one norm packet.
            norm_segment_size: NormSegmentSize -> u16
        }
        set needs Norm {
            /// Sets the bytes in one norm packet, from 1; 1400 unless set. It holds for later binds and connects.
            ///
            /// Without the transport `norm` (the feature of that name), this is [`Unsupported`](crate::ErrorKind::Unsupported).
            set_norm_segment_size(bytes: u16): NormSegmentSize = bytes
        }
        test |socket| {
            if has_norm() {
                assert_eq!(socket.norm_segment_size()?, 1400);
            }
            for value in [1, 65_535] {
                supported_or_not(socket.set_norm_segment_size(value))?;
                if has_norm() {
                    assert_eq!(socket.norm_segment_size()?, value);
                }
            }
            assert_refused_or_no_norm(socket.set_norm_segment_size(0));
        }
    }
    #[cfg(zmq_draft)]
    ZMQ_NORM_BLOCK_SIZE "ZMQ_NORM_BLOCK_SIZE", Kind, AnyTime {
        get needs Norm {
            /// The packets in one block of norm's error correction.
            norm_block_size: NormBlockSize -> u8
        }
        set needs Norm {
            /// Sets the packets in one block of norm's error correction, from 1; 16 unless set. It holds for later binds and connects.
            ///
            /// Without the transport `norm` (the feature of that name), this is [`Unsupported`](crate::ErrorKind::Unsupported).
            set_norm_block_size(packets: u8): NormBlockSize = packets
        }
        test |socket| {
            if has_norm() {
                assert_eq!(socket.norm_block_size()?, 16);
            }
            for value in [1, 255] {
                supported_or_not(socket.set_norm_block_size(value))?;
                if has_norm() {
                    assert_eq!(socket.norm_block_size()?, value);
                }
            }
            assert_refused_or_no_norm(socket.set_norm_block_size(0));
        }
    }
    #[cfg(zmq_draft)]
    ZMQ_NORM_NUM_PARITY "ZMQ_NORM_NUM_PARITY", Kind, AnyTime {
        get needs Norm {
            /// The packets that norm can make to repair a block.
            norm_num_parity: NormParity -> u8
        }
        set needs Norm {
            /// Sets the packets that norm can make to repair a block, up to 254; 4 unless set. It holds for later binds and connects.
            ///
            /// Without the transport `norm` (the feature of that name), this is [`Unsupported`](crate::ErrorKind::Unsupported).
            set_norm_num_parity(packets: u8): NormParity = packets
        }
        test |socket| {
            if has_norm() {
                assert_eq!(socket.norm_num_parity()?, 4);
            }
            for value in [0, 254] {
                supported_or_not(socket.set_norm_num_parity(value))?;
                if has_norm() {
                    assert_eq!(socket.norm_num_parity()?, value);
                }
            }
            assert_refused_or_no_norm(socket.set_norm_num_parity(255));
        }
    }
    #[cfg(zmq_draft)]
    ZMQ_NORM_NUM_AUTOPARITY "ZMQ_NORM_NUM_AUTOPARITY", Kind, AnyTime {
        get needs Norm {
            /// The repairing packets that norm sends unasked with each block.
            norm_num_autoparity: NormParity -> u8
        }
        set needs Norm {
            /// Sets the repairing packets that norm sends unasked with each block, up to 254; 0 unless set. It holds for later binds and connects.
            ///
            /// Without the transport `norm` (the feature of that name), this is [`Unsupported`](crate::ErrorKind::Unsupported).
            set_norm_num_autoparity(packets: u8): NormParity = packets
        }
        test |socket| {
            if has_norm() {
                assert_eq!(socket.norm_num_autoparity()?, 0);
            }
            for value in [1, 254] {
                supported_or_not(socket.set_norm_num_autoparity(value))?;
                if has_norm() {
                    assert_eq!(socket.norm_num_autoparity()?, value);
                }
            }
            assert_refused_or_no_norm(socket.set_norm_num_autoparity(255));
        }
    }
    #[cfg(zmq_draft)]
    ZMQ_NORM_PUSH "ZMQ_NORM_PUSH", Kind, AnyTime {
        get needs Norm {
            /// Whether norm drops the oldest rather than wait.
            norm_push: Flag -> bool
        }
        set needs Norm {
            /// Sets whether norm, with its buffer full, drops the oldest data rather than wait. Not unless set. It holds for later binds and connects.
            ///
            /// Without the transport `norm` (the feature of that name), this is [`Unsupported`](crate::ErrorKind::Unsupported).
            set_norm_push(yes: bool): Flag = yes
        }
        test |socket| {
            if has_norm() {
                assert!(!socket.norm_push()?);
            }
            for value in [true, false] {
                supported_or_not(socket.set_norm_push(value))?;
                if has_norm() {
                    assert_eq!(socket.norm_push()?, value);
                }
            }
        }
    }
}
