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
    reload "$2" rancher_up
}

rancher_up() { answers /run/k3s/containerd/containerd.sock k3s k3s-agent rke2-server rke2-agent; }

# By its program: a folder of its files may be left over from one that is gone. A copy may hold nothing else.
has_rancher() { # name
    for folder in /usr/local/bin /usr/bin /opt/bin /opt/rke2/bin /var/lib/rancher/rke2/bin; do
        if [ -x "$root$folder/$1" ]; then return 0; fi
    done
    [ -n "$root" ] && { [ -d "$root/etc/rancher/$1" ] || [ -d "$root/var/lib/rancher/$1" ]; }
}

k3s_node() { rancher_node k3s 'systemctl restart k3s || systemctl restart k3s-agent'; }

rke2_node() { rancher_node rke2 'systemctl restart rke2-server || systemctl restart rke2-agent'; }

k3s_is_there() { has_rancher k3s; }

rke2_is_there() { has_rancher rke2; }
