//! Contexts, threads, and the order in which their parts end.

mod close;
mod context;
mod drop_order;
mod exhaustion;
mod thread_limit;
mod threads;
mod waiting_in_circles;
