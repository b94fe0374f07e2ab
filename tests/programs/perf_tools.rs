//! The performance tools among the examples take the same arguments and print the same lines as libzmq's tools.
//!
//! They run as separate processes. A plain `cargo test` builds them first. Before `cargo test --test programs`, run
//! `cargo build --examples`.

use std::io::Read;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// No tool takes a tenth of this time. If one does, it hangs.
const LIMIT: Duration = Duration::from_secs(20);

/// A running tool, which is killed if the test fails.
struct Tool {
    child: Child,
    stdout: Option<ChildStdout>,
}

impl Tool {
    fn start(name: &str, arguments: &[&str]) -> Tool {
        let program = program(name);
        let mut child =
            Command::new(&program).args(arguments).stdout(Stdio::piped()).spawn().unwrap_or_else(|error| {
                panic!("{}: {error} (run `cargo build --examples`)", program.display())
            });
        let stdout = child.stdout.take();
        Tool { child, stdout }
    }

    /// The lines that it printed, and its exit code, after it has ended.
    fn end(mut self) -> (Vec<String>, Option<i32>) {
        let mut stdout = self.stdout.take().unwrap();
        let (ended, end) = mpsc::channel();
        let reader = thread::spawn(move || {
            let mut text = String::new();
            let read = stdout.read_to_string(&mut text).map(|_| text);
            let _ = ended.send(());
            read
        });
        if end.recv_timeout(LIMIT).is_err() {
            self.child.kill().unwrap();
        }
        let code = self.child.wait().unwrap().code();
        let text = reader.join().unwrap().unwrap();
        (text.lines().map(str::to_owned).collect(), code)
    }
}

impl Drop for Tool {
    fn drop(&mut self) {
        // Both fail harmlessly after `end`.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.ancestors().nth(2).unwrap();
    profile.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// An endpoint at which nobody listens yet.
fn reserve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("tcp://{}", listener.local_addr().unwrap())
}

fn run(name: &str, arguments: &[&str]) -> (Vec<String>, Option<i32>) {
    Tool::start(name, arguments).end()
}

/// The number in a line such as `mean throughput: 1000 [msg/s]`.
fn number(line: &str, label: &str, unit: &str) -> f64 {
    let number = line.strip_prefix(label).and_then(|rest| rest.strip_prefix(": "));
    let number = number.and_then(|rest| rest.strip_suffix(unit)).and_then(|rest| rest.strip_suffix(' '));
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or_else(|| panic!("not `{label}: NUMBER {unit}`: {line}"))
}

/// The number of digits after the decimal point.
fn decimals(line: &str) -> usize {
    let number = line.split(' ').find(|word| word.starts_with(|first: char| first.is_ascii_digit())).unwrap();
    number.split_once('.').map_or(0, |(_, decimals)| decimals.len())
}

fn assert_throughput(lines: &[String], size: u32, count: u32) {
    let [sizes, counts, messages, megabits] = lines else { panic!("{lines:?}") };
    assert_eq!(*sizes, format!("message size: {size} [B]"));
    assert_eq!(*counts, format!("message count: {count}"));
    let per_second = number(messages, "mean throughput", "[msg/s]");
    assert!(per_second > 0.0, "{messages}");
    assert_eq!(decimals(messages), 0, "{messages}");
    let bits = number(megabits, "mean throughput", "[Mb/s]");
    assert_eq!(decimals(megabits), 3, "{megabits}");
    // The number of messages is a whole number, and the bits of all messages have three decimals.
    let bits_of_one = f64::from(size) * 8.0 / 1e6;
    assert!((bits - per_second * bits_of_one).abs() <= bits_of_one + 0.001, "{messages}, {megabits}");
}

fn assert_latency(lines: &[String], size: u32, count: u32) {
    let [sizes, counts, latency] = lines else { panic!("{lines:?}") };
    assert_eq!(*sizes, format!("message size: {size} [B]"));
    assert_eq!(*counts, format!("roundtrip count: {count}"));
    assert!(number(latency, "average latency", "[us]") > 0.0, "{latency}");
    assert_eq!(decimals(latency), 3, "{latency}");
}

fn measure_throughput(curve: &[&str]) {
    let endpoint = reserve();
    let arguments = [&[endpoint.as_str(), "64", "1000"], curve].concat();
    let local = Tool::start("local_thr", &arguments);
    assert_eq!(run("remote_thr", &arguments), (vec![], Some(0)));
    let (lines, code) = local.end();
    assert_throughput(&lines, 64, 1000);
    assert_eq!(code, Some(0));
}

#[test]
fn the_tools_print_the_throughput_between_processes() {
    measure_throughput(&[]);
}

#[test]
fn curve_can_be_disabled_by_zero() {
    measure_throughput(&["0"]);
}

#[test]
#[cfg(feature = "curve")]
fn the_tools_print_the_throughput_with_curve() {
    measure_throughput(&["1"]);
}

#[test]
fn the_tools_print_the_latency_between_processes() {
    let endpoint = reserve();
    let arguments = [endpoint.as_str(), "1", "100"];
    let local = Tool::start("local_lat", &arguments);
    let (lines, code) = run("remote_lat", &arguments);
    assert_latency(&lines, 1, 100);
    assert_eq!(code, Some(0));
    assert_eq!(local.end(), (vec![], Some(0)));
}

#[test]
fn the_tools_print_the_throughput_between_threads() {
    for (size, count) in [(0, 1), (1, 1000), (100_000, 10)] {
        let (lines, code) = run("inproc_thr", &[&size.to_string(), &count.to_string()]);
        assert_throughput(&lines, size, count);
        assert_eq!(code, Some(0));
    }
}

#[test]
fn the_tools_print_the_latency_between_threads() {
    let (lines, code) = run("inproc_lat", &["30", "100"]);
    assert_latency(&lines, 30, 100);
    assert_eq!(code, Some(0));
}

#[test]
fn the_tools_print_the_throughput_through_a_proxy() {
    // More messages than fit into the queues, so that all of them become full, but few enough to end soon.
    for count in [30_000, 1] {
        let (lines, code) = run("proxy_thr", &["30", &count.to_string()]);
        assert_throughput(&lines, 30, count);
        assert_eq!(code, Some(0));
    }
}

#[test]
#[cfg(all(feature = "smol", feature = "tokio"))]
fn the_async_tools_print_throughput_and_latency() {
    for driver in ["tokio", "tokio-mt", "smol", "blocking"] {
        // More messages than the queues hold, so that both ends wait; and so few that nothing does.
        for (size, count) in [(64, 30_000), (0, 1)] {
            let (lines, code) = run("async_thr", &[driver, &size.to_string(), &count.to_string()]);
            assert_throughput(&lines, size, count);
            assert_eq!(code, Some(0), "{driver}");
        }
        let (lines, code) = run("async_lat", &[driver, "64", "100"]);
        assert_latency(&lines, 64, 100);
        assert_eq!(code, Some(0), "{driver}");
    }
}

#[test]
#[cfg(all(feature = "smol", feature = "tokio"))]
fn the_async_tools_print_their_usage_for_invalid_arguments() {
    for (name, count) in [("async_thr", "message-count"), ("async_lat", "roundtrip-count")] {
        let usage = format!("usage: {name} <tokio|tokio-mt|smol|blocking> <message-size> <{count}>");
        let others = [&[][..], &["tokio", "1"], &["async-std", "1", "1"], &["tokio", "1", "0"]];
        for arguments in others {
            assert_eq!(run(name, arguments), (vec![usage.clone()], Some(1)), "{arguments:?}");
        }
    }
}

#[test]
fn a_message_of_another_size_ends_the_measurement() {
    let endpoint = reserve();
    let local = Tool::start("local_thr", &[&endpoint, "2", "10"]);
    assert_eq!(run("remote_thr", &[&endpoint, "1", "1"]), (vec![], Some(0)));
    assert_eq!(local.end(), (vec!["message of incorrect size received".to_owned()], Some(1)));
}

#[test]
fn the_tools_print_their_usage_for_invalid_arguments() {
    for (name, usage) in [
        ("local_thr", "<bind-to> <message-size> <message-count> [<enable_curve>]"),
        ("remote_thr", "<connect-to> <message-size> <message-count> [<enable_curve>]"),
        ("local_lat", "<bind-to> <message-size> <roundtrip-count> [<spin-microseconds>]"),
        ("remote_lat", "<connect-to> <message-size> <roundtrip-count> [<spin-microseconds>]"),
        ("inproc_thr", "<message-size> <message-count>"),
        ("inproc_lat", "<message-size> <roundtrip-count> [<spin-microseconds>]"),
        ("proxy_thr", "<message-size> <message-count>"),
    ] {
        let answer = (vec![format!("usage: {name} {usage}")], Some(1));
        for arguments in [&[][..], &["1"], &["one", "two", "three", "four"], &["1", "2", "3", "4", "5"]] {
            assert_eq!(run(name, arguments), answer, "{arguments:?}");
        }
    }
}
