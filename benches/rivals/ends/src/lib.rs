//! The code that the programs in Rust of the comparison of blocking calls share.
//!
//! Each process is one end of a connection. All programs take the arguments `<role> <port> <size> <count>`:
//!
//! * `pull` binds and receives `count` messages. It prints the throughput, measured from the first message.
//! * `push` connects and sends `count` messages of `size` bytes.
//! * `idle` binds a PULL socket, and waits for messages that never arrive.
//! * `rep` binds and returns each message to its sender.
//! * `req` connects, makes some round trips as a warm-up, and measures `count` round trips.
//! * `pub` binds and sends the messages of [`Publisher`].
//! * `sub` connects and does what [`Subscriber`] describes, with `size` subscriptions.
//!
//! Except for `sub`, a process ends at the latest when its standard input ends.

use std::io::{self, BufRead, Read, Write};
use std::process;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The high-water mark of both ends.
pub const HIGH_WATER_MARK: u32 = 1000;

/// The number of round trips of the warm-up.
const WARM_UP: u64 = 200;

/// The time between two messages of a publisher.
pub const PAUSE: Duration = Duration::from_micros(500);

/// The prefix to which a subscriber subscribes first.
pub const FIRST_PREFIX: &str = "a";

/// The number of the prefix of a publisher's messages.
const PUBLISHED: usize = 99_999;

/// The arguments of a program.
pub struct End {
    pub role: String,
    pub port: u16,
    pub size: usize,
    pub count: u64,
}

impl End {
    /// Reads the arguments. Lets the process end when its standard input ends.
    pub fn read() -> End {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let [role, port, size, count] = arguments.as_slice() else {
            eprintln!("usage: <role> <port> <size> <count>");
            process::exit(2);
        };
        if role != "sub" {
            thread::spawn(|| {
                let _ = io::stdin().read_to_end(&mut Vec::new());
                process::exit(0);
            });
        }
        End {
            role: role.clone(),
            port: port.parse().expect("a port"),
            size: size.parse().expect("a number of bytes"),
            count: count.parse().expect("a number of messages"),
        }
    }

    /// Returns the endpoint that the processes bind and connect.
    pub fn endpoint(&self) -> String {
        format!("tcp://127.0.0.1:{}", self.port)
    }

    /// Prints the throughput since the first message, and ends the process.
    pub fn report_throughput(&self, first: Instant) -> ! {
        println!("mean throughput: {:.0} [msg/s]", self.count as f64 / first.elapsed().as_secs_f64());
        process::exit(0);
    }

    /// Ends the process because of an unknown role.
    pub fn refuse(&self) -> ! {
        eprintln!("this program has no role '{}'", self.role);
        process::exit(2);
    }
}

/// Durations, and their percentiles.
pub struct Latencies {
    skip: u64,
    count: u64,
    nanoseconds: Vec<u64>,
}

impl Latencies {
    /// Prepares for the round trips of an end, and a warm-up before them.
    pub fn of_round_trips(end: &End) -> Latencies {
        Latencies { skip: WARM_UP, count: end.count, nanoseconds: Vec::with_capacity(end.count as usize) }
    }

    /// Adds a duration. Prints the percentiles and ends the process after the last one.
    pub fn add(&mut self, duration: Duration) {
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        self.nanoseconds.push(duration.as_nanos() as u64);
        if self.nanoseconds.len() as u64 == self.count {
            self.nanoseconds.sort_unstable();
            let percentile = |share: f64| {
                let index = (self.count as f64 * share) as usize;
                self.nanoseconds[index.min(self.nanoseconds.len() - 1)] as f64 / 1000.0
            };
            println!(
                "percentiles: {:.3} {:.3} {:.3} [us]",
                percentile(0.5),
                percentile(0.99),
                percentile(0.999)
            );
            process::exit(0);
        }
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970").as_nanos() as u64
}

/// The messages of a publisher. Every other message matches the first subscription. The others match the last one.
#[derive(Default)]
pub struct Publisher {
    sent: u64,
}

impl Publisher {
    /// Returns the next message: a prefix and the time.
    pub fn next_message(&mut self) -> Vec<u8> {
        self.sent += 1;
        let mut message =
            if self.sent.is_multiple_of(2) { FIRST_PREFIX.to_owned() } else { prefix(PUBLISHED) }
                .into_bytes();
        message.extend_from_slice(&now().to_le_bytes());
        message
    }
}

fn prefix(number: usize) -> String {
    format!("t{number:08}")
}

/// The steps of a subscriber:
///
/// 1. It subscribes to [`FIRST_PREFIX`], and receives a message. [`Subscriber::wait`] prints `connected` and waits for a line on the
///    standard input.
/// 2. It subscribes to [`Subscriber::prefixes`], and passes each message to [`Subscriber::receive`], which does the rest: it prints the
///    time until the first message for the last prefix, waits for another line, and measures the time that messages take.
pub struct Subscriber {
    subscriptions: usize,
    start: Instant,
    resumed: Option<u64>,
    latencies: Latencies,
}

fn wait_for_line() {
    io::stdout().flush().expect("the output");
    io::stdin().lock().read_line(&mut String::new()).expect("a line");
}

impl Subscriber {
    /// Prints that there is a connection, waits for a line, and starts to measure.
    pub fn wait(end: &End) -> Subscriber {
        println!("connected");
        wait_for_line();
        let latencies = Latencies { skip: 0, count: end.count, nanoseconds: Vec::new() };
        Subscriber { subscriptions: end.size, start: Instant::now(), resumed: None, latencies }
    }

    /// Returns all prefixes. Messages match the last one.
    pub fn prefixes(&self) -> impl Iterator<Item = String> + use<> {
        (PUBLISHED + 1 - self.subscriptions..=PUBLISHED).map(prefix)
    }

    /// Takes a message.
    pub fn receive(&mut self, message: &[u8]) {
        let Some((topic, time)) = message.split_last_chunk::<8>() else { return };
        if topic == FIRST_PREFIX.as_bytes() {
            return;
        }
        let (sent, received) = (u64::from_le_bytes(*time), now());
        match self.resumed {
            None => {
                println!("subscribed: {:.6} [s]", self.start.elapsed().as_secs_f64());
                wait_for_line();
                self.resumed = Some(now());
            }
            Some(resumed) if sent > resumed => {
                self.latencies.add(Duration::from_nanos(received.saturating_sub(sent)))
            }
            Some(_) => {}
        }
    }
}
