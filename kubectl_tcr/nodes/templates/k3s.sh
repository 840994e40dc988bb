# --- k3s and rke2 ---------------------------------------------------------------------------------------------------

registries_yaml() {
    cat <<'TEXT'
@REGISTRIES_YAML@
TEXT
}

rancher_node() { # name, default command to restart it
    said="/etc/rancher/$1/config.yaml: --no-fallback is not in registries.yaml" # where alone
    key=disable-default-registry-endpoint # where alone
    if [ -n "$alone" ] && ! grep -qs "^$key: *true" "$root/etc/rancher/$1/config.yaml"; then # where alone
        grep -qs "^$key: *true" "$root/etc/rancher/$1/config.yaml.d"/*.yaml || # where alone
            fail "$said; set $key: true there, which holds for all hosts with mirrors" # where alone
    fi # where alone
    registries_yaml >"$work/new"
    whole_file "$root/etc/rancher/$1/registries.yaml" "$work/new" "$1"
    reload "$2"
}

k3s_node() { rancher_node k3s 'systemctl restart k3s || systemctl restart k3s-agent'; }

rke2_node() { rancher_node rke2 'systemctl restart rke2-server || systemctl restart rke2-agent'; }

k3s_is_there() { [ -d "$root/etc/rancher/k3s" ] || [ -d "$root/var/lib/rancher/k3s" ]; }

rke2_is_there() { [ -d "$root/etc/rancher/rke2" ] || [ -d "$root/var/lib/rancher/rke2" ]; }
