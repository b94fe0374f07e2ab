//! A Kerberos realm for the length of a test program: a database, keys in files, and a KDC on the loopback interface.
//!
//! It takes the programs of MIT Kerberos (on Debian `krb5-kdc` and `krb5-admin-server`), no rights, and nothing that the system
//! has set up. What Kerberos shall know it reads from the environment, so each test runs in a process of its own.

use std::io::Write;
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError, mpsc};
use std::{env, fs, io, thread};

use super::common::{Directory, eventually, free_endpoint};

const NAME: &str = "ZMQ.TEST";

/// The environment variable that says which test a process was made for.
const ROLE: &str = "ZMQ_TEST_GSSAPI_CHILD";

/// The one where it finds the files of the realm.
const FILES: &str = "ZMQ_TEST_GSSAPI_FILES";

/// Who there is, and the files that have their keys. `elsewhere` is a service whose server is another one.
const PRINCIPALS: [(&str, &[&str]); 5] = [
    ("zmq/localhost", &["server"]),
    ("server", &["server"]),
    ("elsewhere/localhost", &[]),
    ("alice", &["clients"]),
    ("bob", &["clients"]),
];

struct Realm {
    kdc: Child,
    directory: Directory,
}

/// Where a realm keeps a file of this name.
fn file(directory: &Path, name: &str) -> String {
    directory.join(name).display().to_string()
}

/// One of the programs of Kerberos, which lie where only administrators look.
fn program(name: &str, configuration: &Path) -> Command {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
    let found = folders.map(|folder| folder.join(name)).find(|path| path.is_file());
    let mut command = Command::new(found.unwrap_or_else(|| {
        panic!("there is no {name}: this test needs the packages krb5-kdc and krb5-admin-server")
    }));
    command.env("KRB5_CONFIG", configuration.join("krb5.conf"));
    command.env("KRB5_KDC_PROFILE", configuration.join("kdc.conf"));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs one with these lines to read.
fn run(command: &mut Command, lines: &str) {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{said}", output.status);
}

impl Realm {
    fn new() -> Realm {
        let directory = Directory::new();
        let at = directory.path("");
        let address = free_endpoint().strip_prefix("tcp://").unwrap().to_owned();
        fs::write(
            at.join("krb5.conf"),
            // By TCP, which needs no second try. What the name servers say of this machine is nobody's business here.
            format!(
                "[libdefaults]\n default_realm = {NAME}\n udp_preference_limit = 1\n dns_lookup_kdc = false\n \
                 dns_lookup_realm = false\n dns_canonicalize_hostname = false\n rdns = false\n\
                 [realms]\n {NAME} = {{\n  kdc = {address}\n }}\n\
                 [domain_realm]\n localhost = {NAME}\n"
            ),
        )
        .unwrap();
        fs::write(
            at.join("kdc.conf"),
            format!(
                "[kdcdefaults]\n kdc_listen = {address}\n kdc_tcp_listen = {address}\n\
                 [realms]\n {NAME} = {{\n  database_name = {}\n  key_stash_file = {}\n  \
                 supported_enctypes = aes256-cts-hmac-sha1-96:normal\n }}\n\
                 [logging]\n kdc = FILE:{}\n",
                file(&at, "principal"),
                file(&at, "stash"),
                file(&at, "kdc.log"),
            ),
        )
        .unwrap();
        run(program("kdb5_util", &at).args(["-r", NAME, "create", "-s", "-P", "of the database"]), "");
        let mut lines = String::new();
        for (name, keytabs) in PRINCIPALS {
            lines.push_str(&format!("addprinc -randkey {name}\n"));
            for keytab in keytabs {
                lines.push_str(&format!("ktadd -norandkey -k {} {name}\n", file(&at, keytab)));
            }
        }
        run(program("kadmin.local", &at).args(["-r", NAME]), &lines);
        for keytab in PRINCIPALS.iter().flat_map(|(_, keytabs)| *keytabs) {
            assert!(at.join(keytab).is_file(), "kadmin.local wrote no {keytab}");
        }
        let mut kdc = program("krb5kdc", &at);
        kdc.arg("-n");
        let mut kdc = start(kdc);
        eventually("the KDC answers", || {
            let ended = kdc.try_wait().unwrap();
            let log = || fs::read_to_string(at.join("kdc.log")).unwrap_or_default();
            assert!(ended.is_none(), "the KDC ended: {}", log());
            TcpStream::connect(&address).ok()
        });
        Realm { kdc, directory }
    }
}

/// Starts what ends with this process, however that ends.
fn start(mut command: Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // SAFETY: between fork and exec it does nothing but one system call.
    unsafe { command.pre_exec(end_with_parent) };
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        send.send(command.spawn()).unwrap();
        // The system takes the end of this thread for the end of the process.
        loop {
            thread::park();
        }
    });
    receive.recv().unwrap().unwrap()
}

fn end_with_parent() -> io::Result<()> {
    // SAFETY: takes numbers.
    let result = unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

static REALM: Mutex<Option<Realm>> = Mutex::new(None);

/// Once all tests are done.
extern "C" fn clean_up() {
    if let Some(mut realm) = REALM.lock().unwrap_or_else(PoisonError::into_inner).take() {
        let _ = realm.kdc.kill();
        let _ = realm.kdc.wait();
    }
}

/// Where the files of the realm are. There is one for all tests of a program.
fn directory() -> PathBuf {
    let mut realm = REALM.lock().unwrap_or_else(PoisonError::into_inner);
    let realm = realm.get_or_insert_with(|| {
        // SAFETY: a function that takes nothing and never unwinds.
        unsafe { libc::atexit(clean_up) };
        Realm::new()
    });
    realm.directory.path("")
}

/// Runs the rest of a test in a process of its own, where `zmq/localhost` and `server` may accept tickets, and `alice` and
/// `bob` may have some; or those whose keys are in two other files. In the process that waits for it, the test ends here.
macro_rules! in_realm {
    () => {
        in_realm!("server", "clients")
    };
    ($servers:literal, $clients:literal) => {
        fn here() {}
        if !$crate::realm::is_inside(std::any::type_name_of_val(&here), $servers, $clients) {
            return;
        }
    };
}
pub(crate) use in_realm;

/// Whether this is the process that was made for a test, which is named by a function within it; if not, one is made, and
/// has ended.
pub(crate) fn is_inside(within_test: &str, servers: &str, clients: &str) -> bool {
    // Without the name of the program, and of the function within.
    let (_, test) = within_test.split_once("::").unwrap();
    let (test, _) = test.rsplit_once("::").unwrap();
    if env::var(ROLE).is_ok_and(|role| role == test) {
        return true;
    }
    let directory = directory();
    let files = |name: &str| format!("FILE:{}", file(&directory, name));
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(ROLE, test)
        .env(FILES, &directory)
        .env("KRB5_CONFIG", file(&directory, "krb5.conf"))
        .env("KRB5_KTNAME", files(servers))
        .env("KRB5_CLIENT_KTNAME", files(clients))
        // A directory can have tickets of several.
        .env(
            "KRB5CCNAME",
            format!("DIR:{}", file(&directory, &format!("tickets-{}", test.replace("::", "-")))),
        )
        .env("KRB5RCACHEDIR", &directory)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{test}: {}\n{said}\n{errors}", output.status);
    assert!(said.contains("1 passed"), "the process ran no test: {said}");
    print!("{said}");
    false
}

/// A file of the realm, for a test that is in it.
pub(crate) fn realm_file(name: &str) -> PathBuf {
    PathBuf::from(env::var_os(FILES).unwrap()).join(name)
}
