//! Mechanisms, keys and the authenticator.

mod authenticator;
mod certificates;
mod curve;
mod handshakes;
mod plain;
mod set_security;
mod z85;
mod zap;
