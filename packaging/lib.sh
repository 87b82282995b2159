# What packaging/build, packaging/demo, tests/run and tests/bench share. Sourced, not run.

# The system's tools are not on everybody's PATH, not even on that of every root.
export PATH=$PATH:/usr/sbin:/sbin

# Starts the script again under the tree's lock: builds, tests and benchmarks share obj/ and out/. Called as
# own_the_tree "$@", before anything is done; a script that another one calls is under that one's lock.
own_the_tree() {
    [ -z "${CLOUDBR_TREE_IS_OWNED:-}" ] || return 0
    mkdir -p out
    flock --nonblock out/lock true || echo "Waiting for another build or test run in this tree to end." >&2
    CLOUDBR_TREE_IS_OWNED=yes exec flock --no-fork out/lock "$PWD/$self" "$@"
}

# Puts an SDK that can build this on the PATH, also where sudo's PATH has none.
find_dotnet() {
    local home directory major
    home=$(getent passwd "${SUDO_USER:-$(id -un)}" | cut -d: -f6)
    for directory in "${DOTNET_ROOT:-}" "$(dirname "$(type -P dotnet || echo /nowhere/dotnet)")" \
        /usr/share/dotnet /usr/lib/dotnet /usr/local/share/dotnet "$home/.dotnet"; do
        [ -x "$directory/dotnet" ] || continue
        major=$("$directory/dotnet" --version 2>/dev/null | cut -d. -f1) || continue
        if [ "${major:-0}" -ge 10 ]; then
            export PATH="$directory:$PATH" DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
            # No compiler or build server outlives the script.
            export UseSharedCompilation=false MSBUILDDISABLENODEREUSE=1
            return
        fi
    done
    echo "No .NET SDK 10 or newer was found (PATH, DOTNET_ROOT, /usr/share/dotnet, /usr/lib/dotnet, $home/.dotnet)." >&2
    return 1
}

# Whether a program or a file (a pattern that begins with /) is here.
present() {
    case $1 in
    /*) compgen -G "$1" >/dev/null ;;
    *) type -P "$1" >/dev/null ;;
    esac
}

# Installs Debian packages, quietly unless it fails. No service of theirs is started, now or at the next boot: they are
# here for programs that a test or a demo starts itself.
apt_install() {
    type -P apt-get >/dev/null || {
        echo "Missing: $*. There is no apt-get here; install what has these names." >&2
        return 1
    }
    [ "$(id -u)" -eq 0 ] || {
        echo "Missing: $*. Run this as root (sudo) and they are installed." >&2
        return 1
    }
    echo "installing $*"
    local log status=0 enabled_before
    log=$(mktemp)
    enabled_before=$(enabled_units)
    forbid_services
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"; } \
        >"$log" 2>&1 </dev/null || status=1
    allow_services
    disable_units "$(comm -13 <(echo "$enabled_before") <(enabled_units))" >>"$log" 2>&1 || status=1
    [ "$status" -eq 0 ] || tail -n 30 "$log" >&2
    rm -f "$log"
    return "$status"
}

# Packages ask policy-rc.d whether they may start their services. Where the machine has one it stays; ours goes away by
# itself if we did not live to remove it.
policy=/usr/sbin/policy-rc.d
forbid_services() {
    [ ! -e "$policy" ] || return 0
    cat >"$policy" <<END
#!/bin/sh
# Installs packages without starting their services, for process $$ of cloudbr-agent's tests.
kill -0 $$ 2>/dev/null && exit 101
rm -f "\$0"
END
    chmod 755 "$policy"
}

allow_services() {
    if grep -qs "for process $$ of cloudbr-agent's tests" "$policy"; then
        rm -f "$policy"
    fi
}

enabled_units() {
    if type -P systemctl >/dev/null; then
        { systemctl list-unit-files --state=enabled --no-legend --no-pager 2>/dev/null || true; } | cut -d' ' -f1 | sort
    fi
}

disable_units() {
    [ -z "$1" ] || xargs systemctl disable <<<"$1"
}
