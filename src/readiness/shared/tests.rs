//! Tries random orders of events while tasks share a socket, with a model of libzmq and of a reactor.
//!
//! The following mistakes were made on purpose, one at a time, in `shared.rs` and `waiting.rs`. With each mistake, a task waited
//! forever within a thousand orders of a case:
//!
//! * no task checks for others, or a task checks only before a call instead of after it (`look_for_others`, `call`);
//! * a receiver begins to wait although its check for others has found a message (no `continue` in `poll_recv`);
//! * a sender does not ask for the events after a refusal (`asks` is false);
//! * a task asks for an edge before it stores its waker, in either direction;
//! * a task that gives up takes the edge;
//! * a task that takes an edge wakes nobody (no `wake_all` in `poll_edge`);
//! * the counts of the socket are noted after the check instead of after the attempt (`tried`);
//! * one sender is woken instead of all;
//! * a task that is refused a second time, by a socket that does not count, wakes nobody;
//! * the reactor receives a waker that wakes nobody.

mod model;

use model::Call::{Readable, Receive, Send, Writable};
use model::Command::{Message, Other, Room};
use model::{Case, Library, run};

const CASES: &[Case] = &[
    Case { library: Library::Counts, tasks: &[&[Receive], &[Send(0)]], script: &[Other, Message], whims: 1 },
    Case { library: Library::IsExact, tasks: &[&[Receive], &[Send(0)]], script: &[Other, Message], whims: 1 },
    Case { library: Library::Boasts, tasks: &[&[Receive], &[Send(0)]], script: &[Other, Message], whims: 1 },
    Case {
        library: Library::Counts,
        tasks: &[&[Receive], &[Send(0)], &[Send(1)]],
        script: &[Other, Room(0)],
        whims: 2,
    },
    Case {
        library: Library::IsExact,
        tasks: &[&[Receive], &[Send(0)], &[Send(0)]],
        script: &[Other, Room(0)],
        whims: 2,
    },
    Case {
        library: Library::Counts,
        tasks: &[&[Receive, Receive], &[Send(0)], &[Send(1)]],
        script: &[Message, Room(1), Other, Message, Room(0)],
        whims: 1,
    },
    Case {
        library: Library::Counts,
        tasks: &[&[Receive], &[Send(0)], &[Send(0)]],
        script: &[Room(0), Message],
        whims: 1,
    },
    Case {
        library: Library::IsExact,
        tasks: &[&[Receive, Receive], &[Send(0), Send(0)]],
        script: &[Message, Room(0), Message, Room(0)],
        whims: 1,
    },
    Case {
        library: Library::IsExact,
        tasks: &[&[Receive], &[Send(0)], &[Send(0)]],
        script: &[Room(0), Other, Message, Room(0)],
        whims: 1,
    },
    Case {
        library: Library::Boasts,
        tasks: &[&[Receive], &[Send(0)], &[Send(1)]],
        script: &[Room(1), Message, Room(0)],
        whims: 1,
    },
    Case {
        library: Library::Boasts,
        tasks: &[&[Receive, Receive], &[Send(0)]],
        script: &[Message, Room(0), Message],
        whims: 1,
    },
    Case {
        library: Library::CountsAndIsExact,
        tasks: &[&[Readable, Receive], &[Writable, Send(0)], &[Writable]],
        script: &[Other, Room(0), Message],
        whims: 2,
    },
    Case {
        library: Library::CountsAndIsExact,
        tasks: &[&[Receive, Readable], &[Send(0), Writable], &[Writable, Send(1)]],
        script: &[Message, Room(0), Other, Message, Room(1), Room(1)],
        whims: 1,
    },
    Case {
        library: Library::IsExact,
        tasks: &[&[Readable, Receive], &[Writable, Send(0)], &[Writable]],
        script: &[Other, Message, Room(0)],
        whims: 2,
    },
    Case {
        library: Library::IsExact,
        tasks: &[&[Receive, Readable], &[Send(0)], &[Writable]],
        script: &[Room(0), Message, Other, Room(0), Message],
        whims: 1,
    },
    Case {
        library: Library::Boasts,
        tasks: &[&[Readable, Receive], &[Writable, Send(0)], &[Send(1)]],
        script: &[Room(1), Message, Room(0)],
        whims: 1,
    },
];

/// The number of orders that are tried for each case.
fn orders() -> u64 {
    std::env::var("ZMQ_MODEL_ORDERS").ok().and_then(|orders| orders.parse().ok()).unwrap_or(1000)
}

#[test]
fn no_order_of_events_leaves_a_task_waiting_for_what_is_there() {
    for (index, &case) in CASES.iter().enumerate() {
        for seed in 0..orders() {
            let outcome = run(seed, case);
            assert!(
                outcome.stranded.is_none() && !outcome.is_endless,
                "case {index}, seed {seed}: {outcome:?}"
            );
        }
    }
}

/// Tasks do not keep each other busy while there is nothing to receive and no room to send.
#[test]
fn tasks_that_wait_do_not_spin() {
    let case = Case {
        library: Library::Counts,
        tasks: &[&[Receive], &[Send(0)], &[Send(1)]],
        script: &[Other, Other, Other],
        whims: 0,
    };
    for seed in 0..orders() {
        let outcome = run(seed, case);
        assert!(outcome.attempts < 100, "seed {seed}: {outcome:?}");
    }
}
