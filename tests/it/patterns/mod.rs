//! The stable socket types, and proxies between them.

mod conflate;
mod conflate_memory;
mod conflate_stress;
mod full_queue;
mod many_subscriptions;
mod pair;
mod pair_again;
mod peer_ids;
mod promises;
mod proxy;
mod pub_sub;
mod push_pull;
mod req_rep;
mod requester;
mod requester_ends;
mod router_dealer;
mod routing;
mod stream;
mod xpub;
mod xpub_manual;
