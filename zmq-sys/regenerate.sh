#!/bin/sh
# Generates src/bindings.rs and src/draft.rs from the bundled zmq.h. With --check, only reports whether they would change.
# Needs libclang (Debian: libclang-dev) and rustfmt.
set -eu
cd "$(dirname "$0")"

messages=$(cargo check --quiet --package zmq-sys --no-default-features --features bindgen --message-format=json)
out=$(printf '%s\n' "$messages" |
    sed -n '/"reason":"build-script-executed"/{/zmq-sys/s/.*"out_dir":"\([^"]*\)".*/\1/p;}' | tail -n 1)
[ -f "$out/bindings.rs" ] || { echo "regenerate.sh: the build wrote no bindings.rs" >&2; exit 1; }

status=0
for file in bindings.rs draft.rs; do
    if [ "${1-}" = --check ]; then
        diff -u "src/$file" "$out/$file" || status=1
    else
        cp "$out/$file" "src/$file"
    fi
done
[ $status = 0 ] || echo "regenerate.sh: the committed bindings differ from zmq.h: run zmq-sys/regenerate.sh" >&2
exit $status
