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
    for process in $(processes dockerd); do
        if tr '\0' '\n' <"$process/cmdline" | grep -q '^--registry-mirror'; then
            fail "dockerd runs with --registry-mirror, and does not start if daemon.json sets mirrors too;" \
                "move those of its command line into daemon.json (systemctl edit docker), then run this again"
        fi
    done
    whole_file "$root/etc/docker/daemon.json" "$work/new" docker
    reload 'systemctl reload docker' docker_up
}

docker_again() { reload 'systemctl reload docker' docker_runs; }

docker_runs() {
    if ! command -v docker >/dev/null; then systemctl is-active --quiet docker && return; fi
    docker version >/dev/null 2>&1
}

# Docker runs on with its old mirrors where it cannot read the file.
docker_up() {
    if ! command -v docker >/dev/null; then systemctl is-active --quiet docker && return; fi
    first=$(sed -n 's/^.*"\(http[^"]*\)".*$/\1/p' "$work/new" | head -n 1)
    docker info --format '{{json .RegistryConfig.Mirrors}}' 2>/dev/null | grep -qF "\"$first"
}

docker_is_there() { command -v dockerd >/dev/null || [ -f "$root/etc/docker/daemon.json" ]; }
