//! Measures making and dropping messages. Also shows that sending a message over inproc does not cost more for larger messages.
//!
//! Compares `Message::from(&[u8])` with `zmq_msg_init_size` and `memcpy`, and `Message::from(Box<[u8]>)` with
//! `zmq_msg_init_data`. Both sides then close the message.

#![allow(clippy::as_conversions, clippy::indexing_slicing, reason = "measured numbers need not be exact")]
#![allow(clippy::unwrap_used, reason = "a panic ends the measurement")]

mod support;

use std::hint::black_box;

use support::{Bench, Pair, Side, Spread, raw, time};
use zmq::{Message, Pull, Push};

/// An owner that costs nothing to create or drop.
struct Owner(&'static [u8]);

impl AsRef<[u8]> for Owner {
    fn as_ref(&self) -> &[u8] {
        self.0
    }
}

fn main() {
    let bench = Bench::new("a message made and dropped");
    for size in [1, 33, 34, 1 << 10] {
        let bytes = vec![b'x'; size];
        bench.compare(&format!("copied, {size} B"), |side, count| {
            time(|| match side {
                Side::Ours => (0..count).for_each(|_| drop(Message::from(black_box(&bytes[..])))),
                Side::C => (0..count).for_each(|_| raw::make_copy(black_box(&bytes))),
            })
        });
    }
    for size in [34, 1 << 10] {
        let buffer = || vec![b'x'; size].into_boxed_slice();
        bench.compare(&format!("taken over, {size} B"), |side, count| {
            time(|| match side {
                Side::Ours => (0..count).for_each(|_| drop(Message::from(black_box(buffer())))),
                Side::C => (0..count).for_each(|_| raw::make_over(black_box(buffer()))),
            })
        });
    }
    if bench.selects("sent") {
        sent(&bench);
    }
}

/// Sends messages of all sizes over inproc within one thread.
fn sent(bench: &Bench) {
    println!("\nnanoseconds a message made, sent and received over inproc\n");
    println!("{:>10} {:>28} {:>28} {:>34}", "", "Vec<u8>", "from_owner", "&[u8], copied");
    let pair = Pair::new(Pull, Push, "inproc");
    let largest: usize = if bench.is_trial() { 1 << 20 } else { 64 << 20 };
    let everything: &'static [u8] = vec![0; largest].leak();
    let mut size = 1 << 10;
    while size <= largest {
        let bytes = &everything[..size];
        // The system provides zeroed memory only when it is first accessed, so allocating it costs almost nothing.
        let vectors = spread(bench, &pair, 16, || vec![0_u8; size]);
        let owners = spread(bench, &pair, 16, || Message::from_owner(Owner(bytes)));
        let copies = spread(bench, &pair, 1, || bytes);
        println!("{size:>10} {:>28} {:>28} {:>34}", vectors.show(0), owners.show(0), copies.show(0));
        size *= 4;
    }
}

/// Measures the time of `count` messages. Their contents are made before the measurement, and the messages are dropped after it.
fn spread<T: Into<Message>>(
    bench: &Bench,
    pair: &Pair<Pull, Push>,
    count: usize,
    make: impl Fn() -> T,
) -> Spread {
    let run = || {
        let sources: Vec<T> = (0..count).map(|_| make()).collect();
        let mut received = Vec::with_capacity(count);
        let took = time(|| {
            for source in sources {
                pair.connected.send(source).unwrap();
                received.push(pair.bound.recv().unwrap());
            }
        });
        took.as_secs_f64() * 1e9 / count as f64
    };
    run();
    Spread::of((0..bench.runs()).map(|_| run()).collect())
}
