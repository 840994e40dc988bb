# --- containerd -----------------------------------------------------------------------------------------------------

containerd=${TCR_CONTAINERD:-containerd}
ctr=${TCR_CTR:-ctr}
socket=${TCR_SOCKET:-/run/containerd/containerd.sock}

# source, folder, address of the source, address of the mirror, whether that is the root of the API already
mirrors() {
    cat <<'ROWS'
@MIRRORS@
ROWS
}

hosts_toml() { # source server endpoint override
    printf '%s: %s is asked through its mirror, and itself if that fails.\n' '@HEAD@' "$1"
    printf 'server = "%s"\n\n[host."%s"]\n  capabilities = ["pull", "resolve"]\n' "$2" "$3"
    if [ "$4" = yes ]; then echo '  override_path = true'; fi
}

# A file that somebody else wrote is not replaced; it is right if our mirror is its first one.
keep_theirs() { # file new endpoint
    if [ ! -f "$1" ] || cmp -s "$1" "$2" || head -n 1 "$1" | grep -qF '@HEAD@'; then return 0; fi
    first=$(sed -n "s/^[[:space:]]*\[host\.[\"']\(.*\)[\"']\].*\$/\1/p" "$1" | head -n 1)
    [ "$first" = "$3" ] || fail "$1 was written by somebody else; put $3 in front there, or move the file away"
    cp "$1" "$2"
}

# What containerd itself understands of a configuration: defaults, drop-ins and all.
dump() { # config
    "$containerd" --config "$1" config dump 2>"$work/messages"
}

# The settings of the CRI plugin's registry table: `config_path VALUE`, and `SOURCE FIRST-ENDPOINT` for each mirror.
registry() { # dump
    awk '
        /^[ \t]*\[/ {
            table = $0
            gsub(/[ \t\047"]/, "", table)
            mirror = ""
            inside = table ~ /^\[plugins\.io\.containerd\.(grpc\.v1\.cri|cri\.v1\.images)\.registry\]$/
            if (table ~ /\.registry\.mirrors\../) {
                mirror = table
                sub(/^.*\.registry\.mirrors\./, "", mirror)
                sub(/\]$/, "", mirror)
            }
        }
        inside && /^[ \t]*config_path[ \t]*=/ { print "config_path", value($0) }
        mirror != "" && /^[ \t]*endpoint[ \t]*=/ { print mirror, value($0) }
        function value(line) {
            sub(/^[^=]*=[ \t]*\[?[ \t]*["\047]?/, "", line)
            sub(/["\047].*$/, "", line)
            return line
        }
    ' "$1"
}

# The same configuration but for that table, to see that nothing else changed.
others() { # dump
    awk '
        /^[ \t]*\[/ { skip = $0 ~ /\.registry(\.mirrors(\..*)?)?\]$/ }
        /^[ \t]*$/ || /^[ \t]*imports[ \t]*=/ || (skip && /^[ \t]*(config_path|endpoint)[ \t]*=/) { next }
        skip && /^[ \t]*\[/ { next }
        { print }
    ' "$1"
}

release() {
    "$containerd" --version | sed -n 's/^.* v\{0,1\}\([0-9][0-9]*\)\.\([0-9][0-9]*\)[^ ]*.*$/\1 \2/p'
}

version_of() { # config
    if [ -f "$1" ]; then
        sed -n 's/^[[:space:]]*version[[:space:]]*=[[:space:]]*\([0-9]*\).*$/\1/p' "$1" | head -n 1
    elif [ "$major" -ge 2 ]; then
        echo 3
    else
        echo 2
    fi
}

table_of() { # version
    case $1 in
    '' | 0 | 1) echo 'plugins.cri.registry' ;;
    2) echo 'plugins."io.containerd.grpc.v1.cri".registry' ;;
    3 | 4) echo 'plugins."io.containerd.cri.v1.images".registry' ;;
    *) fail "$config is configuration version $1; this script knows 1 to 4" ;;
    esac
}

# The configuration with config_path in its table, which is added at the end where it is missing.
with_config_path() { # config table path
    if [ -f "$1" ]; then cat "$1"; else echo "version = $(version_of "$1")"; fi | awk -v table="$2" -v path="$3" '
        BEGIN { gsub(/"/, "", table) }
        /^[ \t]*\[/ {
            here = $0
            sub(/[ \t]*#.*$/, "", here)
            gsub(/[ \t\r\047"]/, "", here)
            inside = here == "[" table "]"
            print
            indent = $0
            sub(/\[.*$/, "", indent)
            if (inside) { print indent "  config_path = \"" path "\""; done = 1 }
            next
        }
        inside && /^[ \t]*config_path[ \t]*=/ { next }
        { print }
        END { exit !done }
    ' >"$work/config" || {
        { if [ -f "$1" ]; then cat "$1"; else echo "version = $(version_of "$1")"; fi; } >"$work/config"
        printf '\n[%s]\n  config_path = "%s"\n' "$2" "$3" >>"$work/config"
    }
}

set_hosts() { # folder
    mirrors | while IFS='|' read -r source folder server endpoint override; do
        hosts_toml "$source" "$server" "$endpoint" "$override" >"$work/hosts.$folder"
        keep_theirs "$1/$folder/hosts.toml" "$work/hosts.$folder" "$endpoint"
    done || exit 2
    for name in $(mirrors | cut -d '|' -f 2); do
        put "$1/$name/hosts.toml" "$work/hosts.$name"
    done
}

# The mirrors in their table; those that are there must be ours.
with_mirrors() { # config table
    cp "$1" "$work/config"
    mirrors | while IFS='|' read -r source folder server endpoint override; do
        set_to=$(registry "$work/before" | sed -n "s|^$source ||p")
        if [ "$set_to" = "$endpoint" ]; then continue; fi
        if [ -n "$set_to" ]; then
            fail "$1: $source is asked through $set_to; put $endpoint in front of it by hand"
        fi
        printf '\n[%s.mirrors."%s"]\n  endpoint = ["%s"]\n' "$2" "$source" "$endpoint" >>"$work/config"
    done || exit 2
}

mirrors_seen() {
    mirrors | while IFS='|' read -r source folder server endpoint override; do
        [ "$(registry "$work/after" | sed -n "s|^$source ||p")" = "$endpoint" ] ||
            fail "containerd would not see the mirror of $source in $config; nothing was changed"
    done || exit 2
}

# Does containerd understand the new configuration, and all else in it as before?
proved() { # config
    trial=$work/config
    if [ -z "$dry_run" ]; then
        trial=$1.tcr-nodes-check # beside the real one, as drop-ins may be named relative to it
        mkdir -p "$(dirname "$1")"
        cat "$work/config" >"$trial" || return 1
    fi
    dump "$trial" >"$work/after" && understood=yes || understood=
    if [ -z "$dry_run" ]; then rm -f "$trial"; fi
    [ -n "$understood" ] || return 1
    others "$work/before" >"$work/before.others"
    others "$work/after" >"$work/after.others"
    diff "$work/before.others" "$work/after.others" >"$work/messages"
}

containerd_up() {
    "$ctr" --address "$socket" plugins ls 2>/dev/null | awk '
        $2 == "cri" || ($1 ~ /cri/ && $2 == "images") { seen = 1; if ($NF != "ok") bad = 1 }
        END { exit !seen || bad }'
}

containerd_node() {
    config=${TCR_CONFIG:-$root/etc/containerd/config.toml}
    certs=$root/etc/containerd/certs.d
    command -v "$containerd" >/dev/null || fail "there is no $containerd here"
    numbers=$(release)
    major=${numbers% *}
    minor=${numbers#* }
    [ -n "$numbers" ] || fail "$containerd --version tells no version"
    say "containerd $major.$minor, $config"
    : >"$work/none" # where there is no file, containerd runs as with an empty one
    if [ -f "$config" ]; then found=$config; else found=$work/none; fi
    dump "$found" >"$work/before" || fail "containerd does not understand $config: $(tail -n 1 "$work/messages")"
    path=$(registry "$work/before" | sed -n 's/^config_path //p')
    listed=$(registry "$work/before" | grep -vc '^config_path' || true)
    table=$(table_of "$(version_of "$config")") || exit 2
    if [ "$listed" -eq 0 ]; then pull=ctr_pull; fi
    pending=$config.tcr-nodes-restart
    if [ -n "$path" ] && [ "$listed" -gt 0 ]; then
        fail "$config: mirrors are set and config_path is $path: containerd does not load its CRI plugin with both"
    elif [ "$listed" -gt 0 ]; then
        with_mirrors "$config" "$table"
        check
        mirrors_seen
        switch
    elif [ -n "$path" ] || [ "$major" -gt 2 ] || { [ "$major" -eq 2 ] && [ "$minor" -ge 2 ]; }; then
        set_hosts "$(first_folder)"
    elif grep -q '\.registry\.configs\..*\.tls\]' "$work/before"; then
        fail "$config: configs with tls are set: containerd 1.x does not load its CRI plugin with config_path beside them"
    else
        with_config_path "$config" "$table" "$certs"
        set_hosts_behind_check
    fi
    if [ -f "$pending" ] && [ -n "$dry_run" ]; then
        say "would restart containerd: its configuration was changed, and it was not restarted since"
        changed=yes
    elif [ -f "$pending" ]; then
        [ -n "$undo" ] || undo=$(cat "$pending")
        changed=yes
        TCR_RESTART=${TCR_RESTART:-systemctl restart containerd}
        restart containerd_up
        rm -f "$pending"
    fi
}

first_folder() {
    if [ -n "$path" ]; then echo "${path%%:*}"; else echo "$certs"; fi
}

# hosts.toml files first: containerd must never be told of a folder that is not there yet.
set_hosts_behind_check() {
    check
    [ "$(registry "$work/after" | sed -n 's/^config_path //p')" = "$certs" ] ||
        fail "containerd would not see config_path in $config (version $(version_of "$config")); nothing was changed"
    set_hosts "$certs"
    switch
}

check() {
    case $(ls -ld "$config" 2>/dev/null) in
    '' | ??w*) ;;
    *) fail "$config is read-only; make it writable (chmod u+w) if it may change" ;;
    esac
    proved "$config" || {
        first=$(grep '^[<>]' "$work/messages" | head -n 1)
        [ -n "$first" ] || first=$(tail -n 1 "$work/messages")
        fail "containerd would not understand all of $config as before; nothing was changed: $first"
    }
}

switch() {
    if [ -f "$config" ] && cmp -s "$config" "$work/config"; then return 0; fi
    if [ -z "$dry_run" ]; then
        # A run that is killed behind the switch leaves its restart, and what to undo, to the next one.
        if [ -f "$config" ]; then echo "$config $undo" >"$pending"; else echo "new:$config $undo" >"$pending"; fi
    fi
    put "$config" "$work/config"
}

ctr_pull() { # image
    "$ctr" --address "$socket" --namespace k8s.io images pull --hosts-dir "$(first_folder)" "$1"
}

serves_docker_only() { # as Docker's package of containerd is set up
    grep -q "^[^#]*disabled_plugins.*cri[\"']" "$root/etc/containerd/config.toml" 2>/dev/null
}

containerd_is_there() { command -v "$containerd" >/dev/null && ! serves_docker_only; }
