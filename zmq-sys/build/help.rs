//! The texts of the errors: why there is no libzmq to link, and what the user can do.

use std::env;
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

/// The system's libzmq was requested, but it is missing or too old.
pub(crate) fn none_found(asked: Asked, tried: &str) -> String {
    let (by, instead) = match asked {
        Asked::Variable => ("the variable LIBZMQ_NO_VENDOR asks", "unset LIBZMQ_NO_VENDOR"),
        Asked::Feature => (
            "the feature `system` asks",
            "disable the feature `system` (`cargo tree -e features -i zmq-sys` shows which package enables it,\n\
             and LIBZMQ_NO_VENDOR=0 overrides it)",
        ),
    };
    if let Some(target) = foreign_target() {
        return format!(
            "{by} for the system's libzmq, but no usable libzmq was found: {tried}.\n\
             Do one of the following. Install libzmq {}.{} or newer for {target}.\n{}\n\
             Or set {}_LIBZMQ_PREFIX to the directory of such a libzmq.\n\
             Or {instead}.\n\
             Then the bundled libzmq is compiled, which needs only a C++ compiler for the target.",
            OLDEST.0,
            OLDEST.1,
            pkg_config_variables(),
            shell_friendly(&target).to_uppercase()
        );
    }
    format!(
        "{by} for the system's libzmq, but no usable libzmq was found: {tried}.\n\
         Do one of the following. Install libzmq {}.{} or newer:\n\
         {PACKAGES}\n\
         Or set LIBZMQ_PREFIX, or LIBZMQ_LIB_DIR and LIBZMQ_INCLUDE_DIR, to the directories of a libzmq.\n\
         Or {instead}.\n\
         Then the bundled libzmq is compiled, which needs only a C++ compiler.",
        OLDEST.0, OLDEST.1
    )
}

/// The directories that the variables name contain no library.
pub(crate) fn no_library(dirs: &[PathBuf], only_static: bool) -> String {
    let kind = if only_static { "static libzmq (LIBZMQ_STATIC is set)" } else { "libzmq" };
    format!(
        "there is no {kind} in {}.\n\
         LIBZMQ_LIB_DIR must name the directory that contains libzmq.so, libzmq.a, libzmq.dylib or zmq.lib.\n\
         LIBZMQ_PREFIX must name the directory that contains the directories lib and include.\n\
         Without LIBZMQ_ variables and without the feature `system`, the bundled libzmq is compiled.",
        list(dirs)
    )
}

/// A library was compiled for another platform than the target.
pub(crate) fn for_another_platform(file: &Path, platform: &str, remedy: &str) -> String {
    let target = env::var("TARGET").unwrap_or_default();
    format!("{} is a library for {platform}, but the build is for {target}.\n{remedy}", file.display())
}

/// Names the variable for a libzmq in a directory.
pub(crate) fn directories() -> String {
    let target = env::var("TARGET").unwrap_or_default();
    format!(
        "Set {}_LIBZMQ_PREFIX to the directory of a libzmq for this target. Variables such as LIBZMQ_PREFIX apply to every\n\
         target that has no variable of its own.",
        shell_friendly(&target).to_uppercase()
    )
}

/// Names the variables with which pkg-config finds the libraries of the target.
pub(crate) fn pkg_config_variables() -> String {
    let Some(target) = foreign_target() else {
        return "The variable PKG_CONFIG_PATH adds directories to the search of pkg-config.".to_owned();
    };
    let target = shell_friendly(&target);
    format!(
        "By default, pkg-config finds the libraries of this machine. To let it find the libraries of the target, set\n\
         PKG_CONFIG_LIBDIR_{target} to the directories with their .pc files, and\n\
         PKG_CONFIG_SYSROOT_DIR_{target} to the directory that is the root directory of the target."
    )
}

/// Returns the target if it is not the system that compiles.
fn foreign_target() -> Option<String> {
    let target = env::var("TARGET").ok()?;
    (env::var("HOST").ok()? != target).then_some(target)
}

fn shell_friendly(target: &str) -> String {
    target.replace(['-', '.'], "_")
}

/// The library has no header.
pub(crate) fn no_header(dir: &Path) -> String {
    format!(
        "there is no zmq.h in {}.\n\
         Set LIBZMQ_INCLUDE_DIR to the directory that contains the header. Its version must match the library.\n\
         The header is often in another package than the library:\n\
         {PACKAGES}",
        dir.display()
    )
}

/// The header in the directories that the variables name is too old.
pub(crate) fn too_old(version: &str, file: &Path) -> String {
    format!(
        "{} is the header of libzmq {version}, but zmq-sys needs {}.{} or newer.\n\
         Install a newer libzmq, or set LIBZMQ_PREFIX to the directory of a newer libzmq.\n\
         Without LIBZMQ_ variables and without the feature `system`, the bundled libzmq is compiled.",
        file.display(),
        OLDEST.0,
        OLDEST.1
    )
}

/// The feature `draft` is enabled, but the library does not have the draft API.
pub(crate) fn no_draft(dir: &Path) -> String {
    format!(
        "the feature `draft` needs a libzmq built with its draft API, but the libzmq with its header in {} was built\n\
         without it. Do one of the following. Use the bundled libzmq, which has the draft API: unset all LIBZMQ_\n\
         variables and disable the feature `system`. Or set LIBZMQ_PREFIX to the directory of a libzmq that was built\n\
         with -DENABLE_DRAFTS=ON. Or disable the feature `draft`.",
        dir.display()
    )
}

/// Features of the bundled libzmq need system libraries that are missing.
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
        _ => "pkg-config does not find it (the variable PKG_CONFIG_PATH adds directories to its search)"
            .to_owned(),
    };
    let features = features.join(" and ");
    let files = files.join(" and ");
    if let Some(target) = foreign_target() {
        return format!(
            "the bundled libzmq needs a system library for {features}, but {said}.\n\
             Disable the feature, or install the library for {target}: the packages that contain {files}.\n{}",
            pkg_config_variables()
        );
    }
    format!(
        "the bundled libzmq needs a system library for {features}, but {said}.\n\
         Disable the feature, or install the library:\n\
         \x20 Debian, Ubuntu  apt install {} pkg-config\n\
         \x20 other systems   pkg-config, and the packages that contain {files}",
        packages.join(" "),
    )
}

/// The feature `bindgen` is enabled, but libclang is missing.
#[cfg(feature = "bindgen")]
pub(crate) fn no_libclang(said: &str) -> String {
    format!(
        "the feature `bindgen` needs libclang, but bindgen failed: {said}\n\
         Do one of the following. Install libclang:\n\
         \x20 Debian, Ubuntu  apt install libclang-dev\n\
         \x20 Fedora          dnf install clang-devel\n\
         \x20 macOS           brew install llvm\n\
         Or set LIBCLANG_PATH to its directory. Or disable the feature: the package contains the declarations of 4.3.5."
    )
}

/// Returns an error of pkg-config in one line.
pub(crate) fn pkg_config_said(error: &pkg_config::Error) -> String {
    match error {
        pkg_config::Error::EnvNoPkgConfig(name) => format!("pkg-config was not used, because {name} is set"),
        pkg_config::Error::CrossCompilation => {
            "pkg-config was not used, because no variable says where it finds the \
             libraries of the target"
                .to_owned()
        }
        pkg_config::Error::Command { cause, .. } => format!("pkg-config could not be run ({cause})"),
        _ => "pkg-config finds no libzmq (the variable PKG_CONFIG_PATH adds directories to its search)"
            .to_owned(),
    }
}

fn list(dirs: &[PathBuf]) -> String {
    let dirs: Vec<String> = dirs.iter().map(|dir| dir.display().to_string()).collect();
    dirs.join(" or ")
}
