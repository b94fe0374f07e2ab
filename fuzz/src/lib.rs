//! Fuzz targets: functions that take any bytes and must not panic.
//!
//! A target is a module here with a function `run`, a line in the list below, a bin in `Cargo.toml` for `cargo fuzz`, and
//! some files in `corpus/` to begin with. `cargo test` runs all of them over their corpus and over mutations of it.

pub mod mutate;
mod pieces;

macro_rules! targets {
    ($($name:ident)+) => {
        $(pub mod $name;)+

        /// The targets, with the names of their folders in `corpus/`.
        pub const TARGETS: &[(&str, fn(&[u8]))] = &[$((stringify!($name), $name::run)),+];
    };
}

targets! {
    certificate
    connect
    encoding
    endpoint
    monitor_event
    multipart
    z85
    zap_request
}
