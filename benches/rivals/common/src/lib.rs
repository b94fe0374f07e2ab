//! The code that all programs share: they take the same arguments and print the same lines.

use std::net::TcpListener;
use std::process;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

/// The high-water mark of both sides.
pub const HIGH_WATER_MARK: u32 = 1000;

/// The arguments of a program: `<throughput|latency> <settings> <message-size> <count>`.
#[derive(Clone)]
pub struct Arguments {
    pub measures_latency: bool,
    /// The names of settings, with `+` between them.
    pub settings: String,
    pub size: usize,
    pub count: u64,
}

impl Arguments {
    pub fn read() -> Arguments {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let [measurement, settings, size, count] = arguments.as_slice() else {
            eprintln!("usage: <throughput|latency> <settings> <message-size> <count>");
            process::exit(2);
        };
        Arguments {
            measures_latency: measurement == "latency",
            settings: settings.clone(),
            size: size.parse().expect("a number of bytes"),
            count: count.parse().expect("a number of messages"),
        }
    }

    /// Returns whether the arguments contain this setting.
    pub fn has(&self, setting: &str) -> bool {
        self.settings.split('+').any(|other| other == setting)
    }

    /// Runs one side in a runtime. The other side ends with the process.
    pub fn runtime(&self) -> Runtime {
        let mut builder = if self.has("multi-thread") {
            Builder::new_multi_thread()
        } else {
            Builder::new_current_thread()
        };
        builder.enable_all().build().expect("a runtime")
    }

    /// Prints the result, and ends the process. The linger period of the sockets is not part of the measurement.
    pub fn report(&self, elapsed: Duration) -> ! {
        let seconds = elapsed.as_secs_f64();
        if self.measures_latency {
            println!("average latency: {:.3} [us]", seconds * 1e6 / (self.count as f64 * 2.0));
        } else {
            println!("mean throughput: {:.0} [msg/s]", self.count as f64 / seconds);
        }
        process::exit(0);
    }
}

/// Returns a free port.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address").port()
}
