//! Reads for which platform a library was compiled.
//!
//! A linker that gets a library for another platform reports thousands of missing functions instead.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::str;

/// The processors: the name that Rust gives them, their number in ELF files, and their usual name.
const PROCESSORS: [(&str, u16, &str); 14] = [
    ("x86_64", 62, "x86-64"),
    ("x86", 3, "x86"),
    ("aarch64", 183, "64-bit ARM"),
    ("arm", 40, "32-bit ARM"),
    ("s390x", 22, "s390x"),
    ("riscv64", 243, "RISC-V"),
    ("riscv32", 243, "RISC-V"),
    ("powerpc64", 21, "64-bit PowerPC"),
    ("powerpc", 20, "PowerPC"),
    ("mips64", 8, "MIPS"),
    ("mips", 8, "MIPS"),
    ("loongarch64", 258, "LoongArch"),
    ("sparc64", 43, "SPARC"),
    ("m68k", 4, "m68k"),
];

const ELF: &[u8] = b"\x7fELF";

/// Returns the file of a library that pkg-config found, and its platform, if this is not the platform of the target.
pub(crate) fn foreign(library: &pkg_config::Library) -> Option<(PathBuf, String)> {
    let named = library.libs.iter().flat_map(|name| {
        let files = [format!("lib{name}.so"), format!("lib{name}.a")];
        let dirs = library.link_paths.iter();
        dirs.flat_map(move |dir| files.clone().map(|file| dir.join(file))).find(|path| path.is_file())
    });
    named.chain(library.link_files.iter().cloned()).find_map(|path| {
        let platform = other(&path)?;
        Some((path, platform))
    })
}

/// Returns the platform of a library if it is not the platform of the target. Returns `None` also for an unknown format.
pub(crate) fn other(path: &Path) -> Option<String> {
    let bytes = fs::read(path).ok()?;
    let object = match bytes.strip_prefix(b"!<arch>\n") {
        Some(members) => first_object(members)?,
        None => bytes.strip_prefix(ELF)?,
    };
    let &[class, order, ..] = object else { return None };
    let number: [u8; 2] = object.get(14..16)?.try_into().ok()?;
    let is_big = order == 2;
    let number = if is_big { u16::from_be_bytes(number) } else { u16::from_le_bytes(number) };

    let target = |name: &str| env::var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    let (wanted, endian, width) = (target("ARCH"), target("ENDIAN"), target("POINTER_WIDTH"));
    let known = PROCESSORS.iter().find(|(processor, ..)| *processor == wanted);
    let fits = known.is_none_or(|&(_, wanted, _)| wanted == number)
        && is_big == (endian == "big")
        && (class == 2) == (width == "64");
    // Neither Windows nor macOS has such files.
    if fits && target("OS") != "windows" && target("VENDOR") != "apple" {
        return None;
    }
    let found = PROCESSORS.iter().find(|&&(_, known, _)| known == number);
    Some(found.map_or("another processor", |(.., name)| name).to_owned())
}

/// Returns the bytes after the first letters of the first ELF file in an archive.
fn first_object(mut members: &[u8]) -> Option<&[u8]> {
    loop {
        // The header of a member has 60 bytes. It contains the size as text.
        let size: usize = str::from_utf8(members.get(48..58)?).ok()?.trim().parse().ok()?;
        let data = members.get(60..)?;
        if let Some(object) = data.strip_prefix(ELF) {
            return Some(object);
        }
        members = data.get(size + size % 2..)?;
    }
}
