# Read by scripts/serve and scripts/test, in the project's folder: makes .venv, where all that
# requirements/*.txt pin is installed. Does nothing, in milliseconds, if nothing has changed.

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

# Find a Python that is new enough, if need be beside an older python3.
find_python() {
    for python in python3 python3.13 python3.12 python3.11; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            return
        fi
    done
    found=$(python3 --version 2>&1) || found="none"
    fail "Parlor needs Python 3.11 or newer; found: $found." \
        "On Debian 12 or newer, or Ubuntu 24.04 or newer: apt install python3 python3-venv"
}

# Make .venv, and make it anew if it came from another Python or another machine.
make_venv() {
    if [ "$("$python" --version)" = "$(.venv/bin/python --version 2>&1)" ]; then
        return
    fi
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "This Python cannot make virtual environments: its venv module is not installed." \
            "On Debian and Ubuntu: apt install python3-venv"
    "$python" -m venv --clear .venv || fail "Could not make .venv: see above."
}

# Install requirements/$1.txt; the copy of the file in .venv says what is installed.
install_requirements() {
    if cmp -s "requirements/$1.txt" ".venv/$1.txt"; then
        return
    fi
    echo "Installing what requirements/$1.txt lists into .venv; once, this takes a moment."
    .venv/bin/python -m pip install -qq --disable-pip-version-check \
        --require-hashes --requirement "requirements/$1.txt" ||
        fail "pip could not install the packages: see above." \
            "If it could not reach the package index, is this machine online? If it needs a" \
            "proxy, set HTTPS_PROXY; for an index of your own, set PIP_INDEX_URL."
    cp "requirements/$1.txt" ".venv/$1.txt"
}

# make_environment base [celery] [dev]: one at a time, should two scripts start together.
make_environment() {
    {
        if command -v flock >/dev/null; then
            flock 9
        fi
        find_python
        make_venv
        for name in "$@"; do
            install_requirements "$name"
        done
    } 9<requirements/base.txt
}
