# What the checks need besides Rust and Go. Sourced, not run.

TOOLS="${XDG_CACHE_HOME:-${HOME:?}/.cache}/tenantry/tools"
CARGO_DENY=0.20.2

# need PROGRAM PACKAGE...: installs Debian packages if there is no such program.
need() {
    local program=$1
    shift
    command -v "$program" > /dev/null && return
    local as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$@"
}

# component NAME: a part of the Rust toolchain that a minimal installation leaves out.
component() {
    cargo "$1" --version > /dev/null 2>&1 || rustup component add "${2:-$1}"
}

# cargo-deny in exactly the version whose verdicts we know, outside of the source tree.
cargo_deny() {
    if [ "$(cargo deny --version 2> /dev/null)" != "cargo-deny $CARGO_DENY" ]; then
        PATH="$TOOLS/bin:$PATH"
    fi
    if [ "$(cargo deny --version 2> /dev/null)" != "cargo-deny $CARGO_DENY" ]; then
        CARGO_TARGET_DIR="$TOOLS/build" cargo install --locked cargo-deny --version "$CARGO_DENY" --root "$TOOLS"
        rm -rf "$TOOLS/build"
    fi
}
