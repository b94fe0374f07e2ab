//! The limits of routing ids and subscriptions.

/// The maximum length of a subscription. For each byte libzmq recurses one level deeper, on the stack of any thread.
pub(crate) const LONGEST_PREFIX: usize = 16_384;

/// Checks that `id` can be a routing id. The error text names the rule that `id` breaks.
pub(crate) fn check_routing_id(id: &[u8]) -> Result<(), &'static str> {
    match id {
        id if id.is_empty() || id.len() > 255 => Err("must have 1 to 255 bytes"),
        // Reserved for the ids that a ROUTER generates. An id that the ROUTER is about to generate makes it abort (I3).
        [0, ..] => Err("must not begin with a zero byte"),
        _ => Ok(()),
    }
}
