# --- docker ---------------------------------------------------------------------------------------------------------

daemon_json() {
    cat <<'TEXT'
@DAEMON_JSON@
TEXT
}

docker_node() {
    rules=$(echo "$rules" | tr ' ' '\n' | grep '^docker\.io=' || true) # not where small
    if [ -n "$alone" ]; then # where alone
        fail "Docker always asks Docker Hub itself if a mirror fails, so --no-fallback cannot be" # where alone
    fi # where alone
    daemon_json >"$work/new"
    grep -q . "$work/new" || fail "no rule is for docker.io, and Docker mirrors no other host"
    whole_file "$root/etc/docker/daemon.json" "$work/new" docker
    reload 'systemctl reload docker'
}

docker_is_there() { command -v dockerd >/dev/null || [ -f "$root/etc/docker/daemon.json" ]; }
