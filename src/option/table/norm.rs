//! Options about the transport norm.

use crate::error::Result;
use crate::kind::Kind;
use crate::option::define::options;
use crate::option::value::{Flag, NormBlockSize, NormModeCodec, NormParity, NormSegmentSize, NumberFromOne};
use crate::option::{Needs, NormMode};
use crate::socket::Socket;
use crate::version::Feature;

/// The transport norm, which the linked libzmq may not have.
const NORM: Needs = Needs::Feature(Feature::Norm, "the linked libzmq has no norm");

options! {
    draft
    /// # Options: norm (draft)
    ///
    /// These options need the transport norm, which the feature `norm` adds to the bundled libzmq. Without it, they fail with
    /// [`Unsupported`](crate::ErrorKind::Unsupported).
    ZMQ_NORM_MODE "ZMQ_NORM_MODE", Kind, Next {
        with { needs: NORM }
        get {
            /// Returns how norm controls its sending rate.
            norm_mode: NormModeCodec -> NormMode
        }
        set {
            /// Sets how norm controls its sending rate.
            ///
            /// Default: [`CongestionControl`](NormMode::CongestionControl).
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
    ZMQ_NORM_UNICAST_NACK "ZMQ_NORM_UNICAST_NACK", Kind, Next {
        with { needs: NORM }
        get {
            /// Returns whether norm receivers report missing packets only to the sender.
            norm_unicast_nack: Flag -> bool
        }
        set {
            /// Sets whether norm receivers report missing packets only to the sender, and not to the whole
            /// group.
            ///
            /// Default: `false`.
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
    ZMQ_NORM_BUFFER_SIZE "ZMQ_NORM_BUFFER_SIZE", Kind, Next {
        with { needs: NORM }
        get {
            /// Returns the size of norm's buffers in KiB.
            norm_buffer_size: NumberFromOne -> u32
        }
        set {
            /// Sets the size of norm's buffers in KiB. The minimum is 1.
            ///
            /// Default: 2048.
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
    ZMQ_NORM_SEGMENT_SIZE "ZMQ_NORM_SEGMENT_SIZE", Kind, Next {
        with { needs: NORM }
        get {
            /// Returns the size in bytes of a norm packet.
            norm_segment_size: NormSegmentSize -> u16
        }
        set {
            /// Sets the size in bytes of a norm packet. The minimum is 1.
            ///
            /// Default: 1400.
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
    ZMQ_NORM_BLOCK_SIZE "ZMQ_NORM_BLOCK_SIZE", Kind, Next {
        with { needs: NORM }
        get {
            /// Returns the number of packets in a block of norm's error correction.
            norm_block_size: NormBlockSize -> u8
        }
        set {
            /// Sets the number of packets in a block of norm's error correction. The minimum is 1.
            ///
            /// Default: 16.
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
    ZMQ_NORM_NUM_PARITY "ZMQ_NORM_NUM_PARITY", Kind, Next {
        with { needs: NORM }
        get {
            /// Returns the number of packets that norm can compute to repair a block.
            norm_num_parity: NormParity -> u8
        }
        set {
            /// Sets the number of packets that norm can compute to repair a block. The maximum is 254.
            ///
            /// Default: 4.
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
    ZMQ_NORM_NUM_AUTOPARITY "ZMQ_NORM_NUM_AUTOPARITY", Kind, Next {
        with { needs: NORM }
        get {
            /// Returns the number of repair packets that norm sends with each block, even if no receiver
            /// requests them.
            norm_num_autoparity: NormParity -> u8
        }
        set {
            /// Sets the number of repair packets that norm sends with each block, even if no receiver
            /// requests them. The maximum is 254.
            ///
            /// Default: 0.
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
    ZMQ_NORM_PUSH "ZMQ_NORM_PUSH", Kind, Next {
        with { needs: NORM }
        get {
            /// Returns whether norm drops the oldest data when its buffer is full.
            norm_push: Flag -> bool
        }
        set {
            /// Sets whether norm drops the oldest data when its buffer is full, instead of waiting.
            ///
            /// Default: `false`.
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
