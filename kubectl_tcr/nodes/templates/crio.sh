# --- cri-o ----------------------------------------------------------------------------------------------------------

registries_conf() {
    cat <<'TEXT'
@REGISTRIES_CONF@
TEXT
}

crio_node() {
    registries_conf >"$work/new"
    put "$root/etc/containers/registries.conf.d/50-tcr-nodes.conf" "$work/new"
    reload 'systemctl reload crio' crio_up
}

crio_up() { answers /run/crio/crio.sock crio; }

crio_is_there() { [ -d "$root/etc/crio" ]; }
