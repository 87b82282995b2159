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

# Installs Debian packages, quietly unless it fails.
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
    local log
    log=$(mktemp)
    if ! { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"; } >"$log" 2>&1 </dev/null; then
        tail -n 30 "$log" >&2
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}
