# --- going back: what was there before the first run ----------------------------------------------------------------

# All is looked at before anything is done; what somebody else changed since is theirs.
go_back() {
    if [ ! -s "$state" ]; then
        say "there is nothing to undo"
        return 0
    fi
    while read -r sum was path; do
        if [ "$was" != folders ]; then refuse_theirs "$sum" "$was" "$path"; fi
    done <"$state"
    needs_restart=
    sed '1!G;h;$!d' "$state" >"$work/back" # the last one first
    while read -r _ was path; do
        case $was in
        folders) forget_folder "$path" ;;
        created) take_away "$path" ;;
        *) put_back "$path" ;;
        esac
        # One that is killed goes on with what is left.
        if [ -z "$dry_run" ]; then
            sed '$d' "$state" >"$state.new"
            mv -f "$state.new" "$state"
        fi
    done <"$work/back"
    if [ -n "$dry_run" ]; then return 0; fi
    rm -f "$state" "${pending:-$state}"
    (cd "$root/" && rmdir -p var/lib/tcr-nodes) 2>/dev/null || true # a copy had no such folders
    if [ -n "$needs_restart" ]; then again; fi
}

again() { # the runtime
    case $runtime in
@AGAIN@
    esac
}

refuse_theirs() { # sum was path
    file=$(real "$root$3") || exit 2
    if [ -f "$file" ]; then now=$(sum_of "$file"); else now=; fi
    if [ "$now" = "$1" ] && { [ "$2" = created ] || [ -f "$file$kept" ]; }; then return 0; fi
    # Written down, and then the run was killed in front of the change, or behind its undoing.
    if [ -z "$now" ] && [ "$2" = created ]; then return 0; fi
    if [ "$2" = changed ] && { [ ! -f "$file$kept" ] || cmp -s "$file" "$file$kept"; } && [ "$now" != "$1" ]; then return 0; fi
    if [ "$now" = "$1" ]; then
        fail "$file cannot be put back, as its backup ($kept) is not there any more; nothing was undone"
    fi
    fail "$file was changed since by somebody else; put it right by hand, take its line out of $state, and run this again"
}

take_away() { # path
    file=$(real "$root$1") || exit 2
    if [ ! -f "$file" ]; then return 0; fi
    changed=yes
    if [ -n "$dry_run" ]; then say "would remove $file"; else say "removing $file"; fi
    note_restart "$1"
    if [ -n "$dry_run" ]; then return 0; fi
    rm -f "$file" "$file$kept.last"
}

put_back() { # path
    file=$(real "$root$1") || exit 2
    if [ ! -f "$file$kept" ]; then return 0; fi
    changed=yes
    if [ -n "$dry_run" ]; then say "would put back $file"; else say "putting back $file"; fi
    note_restart "$1"
    if [ -n "$dry_run" ]; then
        diff -u "$file" "$file$kept" | tail -n +3
        return 0
    fi
    mv -f "$file$kept" "$file"
    rm -f "$file$kept.last"
}

note_restart() { # path
    case $1 in */hosts.toml) ;; *) needs_restart=yes ;; esac
}

forget_folder() { # path
    if [ -z "$dry_run" ]; then rmdir "$root$1" 2>/dev/null || true; fi
}
