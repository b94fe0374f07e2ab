//! What libzmq accepts as the name of a peer, and as a subscription.

/// The maximum length of a subscription. For each byte libzmq recurses one level deeper, on the stack of any thread.
pub(crate) const LONGEST_PREFIX: usize = 16_384;

/// Checks that `id` can be a routing id. The error says what a routing id must be.
pub(crate) fn check_routing_id(id: &[u8]) -> Result<(), &'static str> {
    match id {
        id if id.is_empty() || id.len() > 255 => Err("from 1 to 255 bytes"),
        // Reserved for the ids that a ROUTER generates. An id that the ROUTER is about to generate makes it abort (I3).
        [0, ..] => Err("must not begin with a zero byte"),
        _ => Ok(()),
    }
}
