# What packaging/build and packaging/demo share. Sourced, not run.

# Finds an SDK that can build this, also where sudo's PATH has none.
find_dotnet() {
    local home directory
    home=$(getent passwd "${SUDO_USER:-$(id -un)}" | cut -d: -f6)
    for directory in "${DOTNET_ROOT:-}" "$(dirname "$(type -P dotnet || echo /nowhere/dotnet)")" \
        /usr/share/dotnet /usr/lib/dotnet /usr/local/share/dotnet "$home/.dotnet"; do
        if [ -x "$directory/dotnet" ] && [ "$("$directory/dotnet" --version 2>/dev/null | cut -d. -f1)" -ge 10 ] 2>/dev/null; then
            export PATH="$directory:$PATH" DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
            return
        fi
    done
    echo "No .NET SDK 10 or newer was found (PATH, DOTNET_ROOT, /usr/share/dotnet, /usr/lib/dotnet, $home/.dotnet)." >&2
    return 1
}
