//! Mechanisms, keys, and whom an authenticator lets in.

mod authenticator;
mod certificates;
mod curve;
mod handshakes;
mod plain;
mod set_security;
mod z85;
mod zap;
