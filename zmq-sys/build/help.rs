//! What the person at the terminal reads when there is no libzmq to link: what was tried, and the ways out.

use std::path::{Path, PathBuf};

use crate::Asked;
use crate::header::OLDEST;
use zmq_src::Addition;

const PACKAGES: &str = "  Debian, Ubuntu  apt install libzmq3-dev pkg-config
  Fedora          dnf install zeromq-devel pkgconf
  Arch            pacman -S zeromq pkgconf
  Alpine          apk add zeromq-dev pkgconf
  macOS           brew install zeromq pkgconf
  Windows         vcpkg install zeromq, and LIBZMQ_PREFIX=<vcpkg>/installed/<triplet>";

/// The system's libzmq was asked for, and there is none to link.
pub(crate) fn none_found(asked: Asked, tried: &str) -> String {
    let (by, instead) = match asked {
        Asked::Variable => ("LIBZMQ_NO_VENDOR asks", "unset LIBZMQ_NO_VENDOR"),
        Asked::Feature => (
            "the feature `system` asks",
            "do without the feature `system` (`cargo tree -e features -i zmq-sys` shows who enables it,\n\
             and LIBZMQ_NO_VENDOR=0 overrules it)",
        ),
    };
    format!(
        "{by} for the system's libzmq, and no usable one was found: {tried}.\n\
         Ways out: install libzmq {}.{} or newer,\n\
         {PACKAGES}\n\
         or name its directories with LIBZMQ_PREFIX, or with LIBZMQ_LIB_DIR and LIBZMQ_INCLUDE_DIR,\n\
         or {instead}:\n\
         then the bundled libzmq is compiled, which needs only a C++ compiler.",
        OLDEST.0, OLDEST.1
    )
}

/// The directories that variables name hold no library.
pub(crate) fn no_library(dirs: &[PathBuf], only_static: bool) -> String {
    let kind = if only_static { "static libzmq (LIBZMQ_STATIC is set)" } else { "libzmq" };
    format!(
        "there is no {kind} in {}.\n\
         LIBZMQ_LIB_DIR has to name the directory that holds libzmq.so, libzmq.a, libzmq.dylib or zmq.lib;\n\
         LIBZMQ_PREFIX the one above its lib and include.\n\
         Unset both to have the bundled libzmq compiled, or to let pkg-config search, if LIBZMQ_NO_VENDOR=1 is set.",
        list(dirs)
    )
}

/// There is a library, but no header.
pub(crate) fn no_header(dir: &Path) -> String {
    format!(
        "there is no zmq.h in {}.\n\
         LIBZMQ_INCLUDE_DIR names the directory that holds it, of the same version as the library.\n\
         Packages often have it apart from the library:\n\
         {PACKAGES}",
        dir.display()
    )
}

/// Directories were named, and what is in them is too old.
pub(crate) fn too_old(version: &str, file: &Path) -> String {
    format!(
        "{} is of libzmq {version}; at least {}.{} is needed.\n\
         Ways out: install a newer one, name its directories with LIBZMQ_PREFIX,\n\
         or unset all LIBZMQ_ variables to have the bundled libzmq compiled.",
        file.display(),
        OLDEST.0,
        OLDEST.1
    )
}

/// The draft functions are asked for, and the library has none.
pub(crate) fn no_draft(dir: &Path) -> String {
    format!(
        "the feature `draft` needs a libzmq built with its draft API, and the one with its header in {} is not.\n\
         Ways out: have the bundled libzmq compiled, which has it (unset all LIBZMQ_ variables, and do without the\n\
         feature `system`); name another one with LIBZMQ_PREFIX (libzmq's own build has the switch\n\
         -DENABLE_DRAFTS=ON); or do without the feature `draft`.",
        dir.display()
    )
}

/// Features of the bundled library need others that are not there.
pub(crate) fn no_addition(missing: &[Addition], error: &pkg_config::Error) -> String {
    let features: Vec<String> = missing.iter().map(|addition| format!("`{}`", addition.feature())).collect();
    let packages: Vec<&str> = missing.iter().map(|addition| addition.debian_package()).collect();
    let files: Vec<String> = missing
        .iter()
        .flat_map(|addition| addition.pkg_config_names().first())
        .map(|name| format!("{name}.pc"))
        .collect();
    let said = match error {
        pkg_config::Error::EnvNoPkgConfig(_)
        | pkg_config::Error::CrossCompilation
        | pkg_config::Error::Command { .. } => pkg_config_said(error),
        _ => "pkg-config knows none (PKG_CONFIG_PATH tells it where to look)".to_owned(),
    };
    format!(
        "the bundled libzmq needs a library of the system for {}, and {said}.\n\
         Install it, or do without the feature:\n\
         \x20 Debian, Ubuntu  apt install {} pkg-config\n\
         \x20 elsewhere       pkg-config, and the packages with {}",
        features.join(" and "),
        packages.join(" "),
        files.join(" and ")
    )
}

/// The feature `bindgen`, without libclang.
#[cfg(feature = "bindgen")]
pub(crate) fn no_libclang(said: &str) -> String {
    format!(
        "the feature `bindgen` needs libclang, and bindgen failed: {said}\n\
         Ways out: install it,\n\
         \x20 Debian, Ubuntu  apt install libclang-dev\n\
         \x20 Fedora          dnf install clang-devel\n\
         \x20 macOS           brew install llvm\n\
         or name its directory with LIBCLANG_PATH, or do without the feature: the declarations of 4.3.5 come with the package."
    )
}

/// One line of what pkg-config, or the search for it, reports in many.
pub(crate) fn pkg_config_said(error: &pkg_config::Error) -> String {
    match error {
        pkg_config::Error::EnvNoPkgConfig(name) => format!("pkg-config was not asked, because {name} is set"),
        pkg_config::Error::CrossCompilation => "pkg-config was not asked: when cross-compiling it needs \
             PKG_CONFIG_SYSROOT_DIR and PKG_CONFIG_PATH, or PKG_CONFIG_ALLOW_CROSS=1"
            .to_owned(),
        pkg_config::Error::Command { cause, .. } => format!("pkg-config could not be run ({cause})"),
        _ => "pkg-config knows no libzmq (PKG_CONFIG_PATH tells it where to look)".to_owned(),
    }
}

fn list(dirs: &[PathBuf]) -> String {
    let dirs: Vec<String> = dirs.iter().map(|dir| dir.display().to_string()).collect();
    dirs.join(" or ")
}
