# Read by scripts/test: finds the programs that tests need; run by root on Debian or Ubuntu, it
# installs those that are missing.

# Install packages of Debian or Ubuntu, if we may.
install() {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update --quiet --quiet
        DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends "$@"
    fi
}

# Find PostgreSQL's programs, for `postgres`, their folder; or install it.
find_postgres() {
    set_postgres && return
    install postgresql
    set_postgres || fail "These tests need PostgreSQL: apt install postgresql"
}

set_postgres() {
    postgres=$(find /usr/lib/postgresql -name initdb -path '*/bin/*' 2>/dev/null | sort -V | tail -n1)
    postgres=${postgres%/initdb}
    [ "$postgres" ]
}

# Find Chromium, for the tests in CHROMIUM, and w3m and lynx, browsers for text; or install them.
# Without a shell for windows it is the same engine for two thirds of the work: that one comes first.
find_browsers() {
    find_chromium && find_text_browsers && ! lacks_headless_shell && return
    heading "Browsers"
    install chromium-headless-shell fonts-dejavu-core w3m lynx ||
        install chromium fonts-dejavu-core w3m lynx || true
    find_chromium || fail "The browser tests need Chromium: apt install chromium-headless-shell"
    find_text_browsers || fail "The tests of text browsers need w3m and lynx: apt install w3m lynx"
}

# Tell whether the package is known here, and its program is not.
lacks_headless_shell() {
    ! command -v chromium-headless-shell >/dev/null &&
        [ "$(apt-cache search --names-only '^chromium-headless-shell$' 2>/dev/null)" ]
}

find_text_browsers() { command -v w3m >/dev/null && command -v lynx >/dev/null; }

find_chromium() {
    for CHROMIUM in chromium-headless-shell chromium chromium-browser google-chrome; do
        if command -v "$CHROMIUM" >/dev/null && "$CHROMIUM" --version >/dev/null 2>&1; then
            CHROMIUM=$(command -v "$CHROMIUM")
            export CHROMIUM
            return
        fi
    done
    return 1
}

# Find what lays out PDFs: Pango, and fonts for other scripts, and what reads them; or install it.
find_pango() {
    has_pango && return
    heading "Pango and fonts"
    install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig poppler-utils \
        fonts-dejavu-core fonts-droid-fallback fonts-noto-color-emoji
    has_pango || fail "The tests of PDFs need Pango and fonts: apt install libpango-1.0-0" \
        "libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig poppler-utils fonts-dejavu-core" \
        "fonts-droid-fallback fonts-noto-color-emoji"
}

has_pango() {
    python -c 'import weasyprint' 2>/dev/null && command -v pdftotext >/dev/null &&
        fc-list :lang=zh | grep -q . && fc-list :lang=ar | grep -q . && fc-list | grep -qi emoji
}

# Find Redis, of which the tests start servers of their own; or install it.
find_redis() {
    command -v redis-server >/dev/null && return
    heading "Redis"
    install redis-server
    command -v redis-server >/dev/null || fail "These tests need Redis: apt install redis-server"
}
