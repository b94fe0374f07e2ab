//! How norm finds the rate that it sends at.

use core::ffi::c_int;

/// How the transport norm finds the rate that it sends at.
///
/// Follows [zmq_setsockopt(3)](https://libzmq.readthedocs.io/en/latest/zmq_setsockopt.html).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum NormMode {
    /// Always at [`Socket::rate`](crate::Socket::rate).
    #[doc(alias = "ZMQ_NORM_FIXED")]
    Fixed,
    /// By congestion control.
    #[doc(alias = "ZMQ_NORM_CC")]
    CongestionControl,
    /// By congestion control that takes some loss as no sign of congestion, as on wireless links.
    #[doc(alias = "ZMQ_NORM_CCL")]
    LossTolerant,
    /// By congestion control that minds the marks of routers (ECN) as well as loss.
    #[doc(alias = "ZMQ_NORM_CCE")]
    Ecn,
    /// By congestion control that minds those marks alone.
    #[doc(alias = "ZMQ_NORM_CCE_ECNONLY")]
    EcnOnly,
}

const ALL: [(NormMode, c_int); 5] = [
    (NormMode::Fixed, zmq_sys::ZMQ_NORM_FIXED),
    (NormMode::CongestionControl, zmq_sys::ZMQ_NORM_CC),
    (NormMode::LossTolerant, zmq_sys::ZMQ_NORM_CCL),
    (NormMode::Ecn, zmq_sys::ZMQ_NORM_CCE),
    (NormMode::EcnOnly, zmq_sys::ZMQ_NORM_CCE_ECNONLY),
];

impl NormMode {
    pub(crate) fn constant(self) -> c_int {
        ALL.iter().find(|(mode, _)| *mode == self).map_or(zmq_sys::ZMQ_NORM_CC, |&(_, constant)| constant)
    }

    pub(crate) fn from_constant(constant: c_int) -> NormMode {
        ALL.iter()
            .find(|(_, known)| *known == constant)
            .map_or(NormMode::CongestionControl, |&(mode, _)| mode)
    }
}
