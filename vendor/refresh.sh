#!/bin/sh
# Turns the patches of libzmq into a git tree, and back.
#
#   vendor/refresh.sh tree [DIR]           makes DIR: the packaged source, with a commit for each patch on top of it
#   vendor/refresh.sh write [DIR]          writes the commits of DIR to vendor/patches
#   vendor/refresh.sh onto SOURCE [DIR]    rebases the commits of DIR onto another release, unpacked in SOURCE
#   vendor/refresh.sh check                fails if `tree` and `write` would change a patch
#
# DIR is target/libzmq by default. LIBZMQ_SOURCE_DIR names another copy of the packaged source.
set -eu
cd "$(dirname "$0")/.."
patches=$PWD/vendor/patches
default=$PWD/target/libzmq

fail() {
    echo "refresh.sh: $*" >&2
    exit 1
}

# Runs git in the tree, without the user's settings, so that the result is the same for everybody.
in_tree() {
    GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null git -C "$tree" -c user.name=zmq-src -c user.email=zmq-src@localhost "$@"
}

# put SOURCE: replaces the files in the tree from which the library is compiled.
put() {
    [ -f "$1/include/zmq.h" ] || fail "no source of libzmq in $1"
    for folder in include src external/sha1 external/wepoll; do
        rm -rf "${tree:?}/$folder"
        mkdir -p "$tree/$folder"
        cp -R "$1/$folder/." "$tree/$folder/"
    done
    chmod -R u+w "$tree"
    in_tree add --all --force
}

make_tree() {
    [ ! -e "$tree" ] || fail "$tree exists: continue there, or remove it"
    source=${LIBZMQ_SOURCE_DIR:-$(cargo metadata --format-version 1 |
        sed -n 's|.*"manifest_path":"\([^"]*/zeromq-src-[^"]*\)/Cargo.toml".*|\1/vendor|p')}
    mkdir -p "$tree"
    in_tree init --quiet --initial-branch=patches
    in_tree config core.autocrlf false
    put "$source"
    in_tree commit --quiet --message 'libzmq, as it is packaged'
    in_tree tag pristine
    while read -r name; do
        in_tree apply --index --whitespace=nowarn "$patches/$name" || fail "$name does not apply"
        sed '/^--- a\//,$d; 1s/^Subject: //' "$patches/$name" | in_tree commit --quiet --file -
    done <"$patches/series"
}

# write_to FOLDER: writes the commits as patches.
write_to() {
    [ -d "$tree/.git" ] || fail "there is no $tree: run \`vendor/refresh.sh tree\`"
    [ ! -d "$tree/.git/rebase-merge" ] || fail "a rebase in $tree is in progress"
    [ -z "$(in_tree status --porcelain)" ] || fail "there are changes in $tree: commit them"
    number=0
    for commit in $(in_tree rev-list --reverse pristine..HEAD); do
        number=$((number + 1))
        name=$(printf '%04d-%s.patch' $number "$(in_tree log -1 --format=%f "$commit")")
        [ -z "$(in_tree diff --no-renames --name-only --diff-filter=m "$commit^" "$commit")" ] ||
            fail "$name: a patch changes files; it cannot add, remove or rename them"
        echo "$name" >>"$1/series"
        {
            printf 'Subject: '
            in_tree log -1 --format=%B "$commit" | git stripspace
            echo
            in_tree diff --no-color --no-ext-diff --no-textconv --no-renames --diff-algorithm=myers --indent-heuristic \
                --inter-hunk-context=0 --unified=1 --src-prefix=a/ --dst-prefix=b/ "$commit^" "$commit" |
                sed '/^diff --git /d; /^index /d'
        } >"$1/$name"
    done
    [ $number != 0 ] || fail "there are no commits after the tag \`pristine\` in $tree"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/patches"
case ${1-} in
tree)
    tree=${2:-$default}
    make_tree
    echo "$tree has a commit for each patch"
    ;;
write)
    tree=${2:-$default}
    write_to "$scratch/patches"
    rm -f "$patches"/*.patch
    cp "$scratch/patches"/* "$patches/"
    echo "$(wc -l <"$patches/series") patches are in vendor/patches"
    ;;
onto)
    [ -n "${2-}" ] || fail 'onto needs the folder of a source'
    tree=${3:-$default}
    [ -z "$(in_tree status --porcelain)" ] || fail "there are changes in $tree: commit them"
    before=$(in_tree rev-parse pristine)
    in_tree checkout --quiet --detach pristine
    put "$2"
    in_tree commit --quiet --message 'libzmq, another release'
    in_tree tag --force pristine >/dev/null
    # git stops at conflicts, which the user resolves.
    in_tree rebase --quiet --onto pristine "$before" patches
    ;;
check)
    tree=$scratch/tree
    make_tree
    write_to "$scratch/patches"
    cp "$patches/LICENSE" "$scratch/patches/"
    diff -r "$patches" "$scratch/patches" || fail 'write them again: `vendor/refresh.sh tree && vendor/refresh.sh write`'
    echo "all patches are as $0 writes them"
    ;;
*)
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 1
    ;;
esac
