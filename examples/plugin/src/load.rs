//! Loads the library, calls its function and unloads it, three times.
//!
//! Usage: `load [<library>]` (default: the library next to this program)

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, thread};

use libloading::{Library, Symbol};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Result<()> {
    let path = match env::args_os().nth(1) {
        Some(path) => PathBuf::from(path),
        None => env::current_exe()?.with_file_name(libloading::library_filename("plugin")),
    };
    for round in 1..=3 {
        // SAFETY: loading the library only initializes variables of Rust's standard library and of libzmq.
        let library = unsafe { Library::new(&path) }?;
        // With glibc, the library stays loaded as long as a thread exists whose thread-local variables need its destructors.
        let replies = thread::scope(|scope| scope.spawn(|| exchange(&library, 100)).join())
            .map_err(|_| "the library panicked")??;
        library.close()?;
        println!(
            "round {round}: {replies} replies, {}",
            if is_loaded(&path) { "still loaded" } else { "unloaded" }
        );
    }
    Ok(())
}

fn exchange(library: &Library, requests: u32) -> Result<u32> {
    // SAFETY: the function has this type.
    let exchange: Symbol<extern "C" fn(u32) -> u32> = unsafe { library.get(b"exchange\0") }?;
    Ok(exchange(requests))
}

#[cfg(unix)]
fn is_loaded(path: &Path) -> bool {
    use libloading::os::unix::{Library, RTLD_NOW};

    // SAFETY: this loads nothing. If the library is loaded, it has one more user for a moment.
    unsafe { Library::open(Some(path), RTLD_NOW | libc::RTLD_NOLOAD) }.is_ok()
}

#[cfg(windows)]
fn is_loaded(path: &Path) -> bool {
    libloading::os::windows::Library::open_already_loaded(path).is_ok()
}
