# --- docker ---------------------------------------------------------------------------------------------------------

daemon_json() {
    cat <<'TEXT'
@DAEMON_JSON@
TEXT
}

docker_node() {
    rules=$(echo "$rules" | tr ' ' '\n' | grep '^docker\.io=' || true) # for programs
    daemon_json >"$work/new"
    grep -q . "$work/new" || fail "no rule is for docker.io, and Docker mirrors no other host"
    whole_file "$root/etc/docker/daemon.json" "$work/new" docker
    reload 'systemctl reload docker'
}

docker_is_there() { command -v dockerd >/dev/null || [ -f "$root/etc/docker/daemon.json" ]; }
