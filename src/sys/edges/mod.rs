//! Waits until any of many descriptors *becomes* readable. The cost does not depend on the number of descriptors.

#[cfg(any(
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "dragonfly"
))]
#[path = "kqueue.rs"]
mod system;

#[cfg(any(target_os = "linux", target_os = "android"))]
#[path = "epoll.rs"]
mod system;

#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "dragonfly"
)))]
#[path = "none.rs"]
mod system;

pub(crate) use system::Edges;
