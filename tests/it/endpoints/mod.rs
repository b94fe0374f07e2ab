//! Endpoints, transports and connections.

mod addresses;
mod endpoint;
mod endpoint_ends;
mod inproc_unbound;
mod reconnect;
mod socks;
mod socks_proxy;
mod transport_options;
mod transports;
