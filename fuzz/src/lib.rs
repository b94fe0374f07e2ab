//! Fuzz targets: functions that accept any bytes and must not panic.
//!
//! A target consists of a module with a function `run`, a line in the list below, a bin in `Cargo.toml` for `cargo fuzz`, and
//! some input files in `corpus/`. `cargo test` runs all targets with the files of their corpus and with mutations of the files.

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
