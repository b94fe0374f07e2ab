//! Contexts, threads, and in which order what is made of them ends.

mod context;
mod drop_order;
mod exhaustion;
mod thread_limit;
mod threads;
mod waiting_in_circles;
