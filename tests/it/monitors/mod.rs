//! Monitors of sockets.

mod monitor;
mod monitor_limit;
