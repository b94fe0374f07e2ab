#!/bin/sh
# Builds the bundled libzmq from every place where cargo can keep its source, without a network and without access to
# any other copy.
set -eu
cd "$(dirname "$0")/../.."
root=$PWD
cargo=${CARGO:-cargo}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unset LIBZMQ_SOURCE_DIR LIBZMQ_PREFIX LIBZMQ_LIB_DIR LIBZMQ_INCLUDE_DIR LIBZMQ_NO_VENDOR || true
RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
export RUSTUP_HOME

# Makes a folder with all packages that the workspace uses. (The default folder of `cargo vendor` is our own `vendor/`.)
"$cargo" vendor --versioned-dirs "$scratch/packages" 2>/dev/null >"$scratch/config.toml"

# isolated FOLDER ARGUMENT...: runs cargo so that it finds only the packages in that folder.
isolated() {
    dir=$1
    shift
    mkdir -p "$dir/.cargo"
    cp "$scratch/config.toml" "$dir/.cargo/config.toml"
    if (cd "$dir" && env CARGO_HOME="$scratch/home" HOME="$scratch/home" CARGO_TARGET_DIR="$scratch/target" \
        "$cargo" "$@" --offline --quiet >"$scratch/output" 2>&1) &&
        ! grep -q 'compiling it twice' "$scratch/output"; then
        echo "ok   $what"
    else
        echo "FAIL $what"
        cat "$scratch/output"
        exit 1
    fi
    rm -rf "$scratch/target"
}

what='the workspace, with cargo vendor'
mkdir "$scratch/workspace"
for path in Cargo.toml Cargo.lock build.rs src benches examples tests README.md zmq-sys sodium vendor; do
    [ ! -e "$root/$path" ] || cp -R "$root/$path" "$scratch/workspace/"
done
# This only finds and patches the source. The program below compiles it.
CC=$root/.ci/no-compiler CXX=$root/.ci/no-compiler AR=true isolated "$scratch/workspace" check --package zmq-sys

what='a program elsewhere, with our packages among the others'
ours='zmq-src zmq-sodium-sys zmq-sys'
(cd "$root" && "$cargo" package --quiet --allow-dirty --no-verify --exclude-lockfile --target-dir "$scratch/package" \
    $(printf -- ' --package %s' $ours))
for package in $ours; do
    tar -C "$scratch/packages" -xf "$scratch/package/package/$package"-*.crate
done
for package in "$scratch/packages"/zmq-s*; do
    echo '{"files":{},"package":null}' >"$package/.cargo-checksum.json"
done
mkdir -p "$scratch/program/src"
cat >"$scratch/program/Cargo.toml" <<'END'
[package]
name = "program"
version = "0.0.0"
edition = "2024"

[dependencies]
zmq-sys = "0.1"
END
echo 'fn main() { unsafe { assert_eq!(zmq_sys::zmq_ctx_term(zmq_sys::zmq_ctx_new()), 0) } }' >"$scratch/program/src/main.rs"
isolated "$scratch/program" run
