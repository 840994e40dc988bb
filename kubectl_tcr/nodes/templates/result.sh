# --- what became of the node, for programs: a compact script has no such part ---------------------------------------

serves() { # image place
    served=${served:+$served, }$1\ from\ $2
}

result() { # status
    error=
    left=false
    if [ -n "${pending:-}" ] && [ -f "$pending" ]; then left=true; fi
    if [ "$1" != 0 ]; then
        outcome=failed
        error=$(cat "$work/failed" 2>/dev/null) || error="it ended with status $1"
    elif [ -z "$changed" ]; then
        outcome=unchanged
    elif [ -n "$dry_run" ]; then
        outcome=would-change
    else
        outcome=changed
    fi
    printf 'tcr-nodes: result {"outcome": "%s", "restartPending": %s' "$outcome" "$left"
    field node "${TCR_NODE:-$(uname -n)}"
    field runtime "${runtime:-}"
    field release "$(release_of)"
    field style "$(echo "${style:-}" | sed 's/^files$\|^migrate$/hosts/')"
    field mirrors "$rules"
    field served "$served"
    field error "$error"
    echo '}'
}

field() { # name text
    printf ', "%s": "%s"' "$1" "$(printf '%s' "$2" | tr -s '[:cntrl:]' ' ' | sed 's/["\\]/\\&/g')"
}

release_of() {
    case ${runtime:-} in
    '') return 0 ;;
    containerd) program=${TCR_CONTAINERD:-containerd} ;;
    cri-o) program=crio ;;
    *) program=$runtime ;;
    esac
    "$program" --version 2>/dev/null </dev/null | tr ' ' '\n' |
        sed -n 's/^v\{0,1\}\([0-9][0-9]*\.[0-9][^,~]*\)\([,~].*\)\{0,1\}$/\1/p' | head -n 1
}
