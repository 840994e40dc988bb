#!/bin/sh
# Written by kubectl tcr-nodes @VERSION@: sets the mirrors below on a node. Run it as root, as often as you like.
#
#   sh tcr-nodes.sh              finds the runtime, writes what is missing, restarts only if it must, rolls back if the
#                                runtime does not come up
#   sh tcr-nodes.sh --dry-run    says what it would do and writes nothing
#   ... --migrate                turns containerd's table of mirrors, and TLS settings beside it, into hosts.toml files
#   ... --config-path DIR        the one folder of hosts.toml files, in place of what containerd's config_path says
#   sh tcr-nodes.sh --undo       puts back what was there before the first run
#   ... --result                 ends with a line for programs, `tcr-nodes: result {...}`: kubectl tcr-nodes table reads it
#
# These variables change what it takes for granted:
#   TCR_RUNTIME     @NAMES@; by default @DEFAULT@
#   TCR_RESTART     the command that makes the runtime read its configuration; by default through systemctl
#   TCR_READY       the command that succeeds when the runtime is up; by default it is asked (containerd: its CRI plugin)
#   TCR_WAIT        seconds to wait for that; 60
#   TCR_PROOF       images by their full names, such as quay.io/k8scsi/csi-resizer:v0.5.0: at the end each must come
#                   from its mirror alone (containerd), or is pulled (others)
#   TCR_MIGRATE     yes is --migrate; TCR_CONFIG_PATH a folder is --config-path
#   TCR_CONTAINERD  containerd's executable; TCR_CTR and TCR_CRICTL those of ctr and crictl
#   TCR_SOCKET      containerd's socket; TCR_CONFIG its config.toml; by default those of the one that runs
#   TCR_NODE        the node's name in that line; by default the machine's
#   TCR_ROOT        a folder with a node's files in place of /: nothing is written outside of it
#
# Status: 0 done, or nothing to do; 2 could not: the configuration is the old one, unless it says otherwise.
set -eu
export LC_ALL=C
umask 022 # new files and folders are for all to read; others keep their modes

root=${TCR_ROOT:-}
# What sudo leaves of it, and cloud-init gives, may lack where runtimes are.
if [ -z "$root" ]; then PATH=${PATH:-}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; fi
wait=${TCR_WAIT:-60}
proof=${TCR_PROOF-@PROOF@}
sources='@SOURCES@'
rules='@RULES@' # not where small
# shellcheck disable=SC2034 # containerd's part reads it
migrate=${TCR_MIGRATE-@MIGRATE@}
# shellcheck disable=SC2034 # as some runtimes' do: yes, the source itself is not asked
alone=@ALONE@ # where alone
has_authorities=@CA@ # where authorities
folder_given=${TCR_CONFIG_PATH:-}
dry_run=
wants_result= # not where small
changed=
served= # not where small
undo=
kept=.before-tcr-nodes
going_back=${TCR_UNDO-@UNDO@} # to go back
state=$root/var/lib/tcr-nodes/written

say() { printf 'tcr-nodes: %s\n' "$*"; }

fail() {
    printf 'tcr-nodes: error: %s\n' "$*" >&2
    if [ -n "$wants_result" ] && [ -n "${work:-}" ]; then printf '%s' "$*" >"$work/failed"; fi # not where small
    exit 2
}

# Where a file is: a link stays one, and what it names is replaced. None may lead out of TCR_ROOT.
real() { # file
    place=$1
    if [ -h "$1" ]; then place=$(readlink -f "$1") || fail "$1 is a link into a folder that is not there"; fi
    if [ -n "$root" ]; then
        above=$(dirname "$place")
        while [ ! -d "$above" ]; do above=$(dirname "$above"); done
        case $(cd "$above" && pwd -P)/ in
        "$(cd "$root" && pwd -P)"/*) ;;
        *) fail "$1 is behind a link that leads out of $root" ;;
        esac
    fi
    echo "$place"
}

# Every file is written beside its place and renamed: whoever reads it finds the old or the new one, whole.
put() { # file new
    if [ -f "$1" ] && cmp -s "$1" "$2"; then
        return 0
    fi
    changed=yes
    if [ -n "$dry_run" ]; then
        say "would write $1"
        if [ -f "$1" ]; then old=$1; else old=/dev/null; fi # not where small
        diff -u "$old" "$2" | tail -n +3 # not where small
        return 0
    fi
    to=$(real "$1") || exit 2
    record "$1" "$2"
    mkdir -p "$(dirname "$to")"
    undo="$(way_back "$to") $undo"
    keep "$to"
    replace "$to" "$2"
    say "wrote $1"
}

# One run at a time, commands included, which take the same lock; nodes without flock have none.
lock() {
    if [ -n "$dry_run" ] || [ ! -d "$root/etc" ] || ! command -v flock >/dev/null; then return 0; fi
    exec 9<"$root/etc"
    flock -w "$wait" 9 || fail "another run of tcr-nodes is at work on this node; wait for its end, then run this again"
}

# What is written where, before it is: the sum of what it holds then, what was there, and its path.
record() { # file new
    record_folders "$(dirname "$1")"
    if [ -e "$1" ]; then was=changed; else was=created; fi
    note "$(sum_of "$2")" "$was" "$1"
}

record_folders() { # folder
    if [ ! -d "$1" ]; then
        record_folders "$(dirname "$1")"
        note - folders "$1"
    fi
}

note() { # sum what path; what is known of a path already stays
    mkdir -p "$root/var/lib/tcr-nodes" 2>"$work/messages" || cannot_note # not where small
    mkdir -p "$root/var/lib/tcr-nodes"
    touch "$state"
    sum=$1 was=$2 path=${3#"$root"} awk '
        { at = $1 " " $2 " "; if (substr($0, length(at) + 1) == ENVIRON["path"]) known = $2; else print }
        END { print ENVIRON["sum"], known ? known : ENVIRON["was"], ENVIRON["path"] }' "$state" >"$state.new"
    mv -f "$state.new" "$state"
}

cannot_note() {
    fail "$state cannot be written ($(tail -n 1 "$work/messages")), and without it nothing is"
}

sum_of() { # file
    sha256sum <"$1" | cut -d ' ' -f 1
}

# A file as it was before the first change is kept for good; as it was before the last one, until the next.
keep() { # file
    case $(way_back "$1") in
    new:*) return 0 ;;
    last:*) copy=$1$kept.last ;;
    *) copy=$1$kept ;;
    esac
    if [ -f "$copy" ] && cmp -s "$1" "$copy"; then return 0; fi
    into "$copy" cp -p "$1"
}

# A file beside its place, by a command that is given its name, and then a rename: nothing of it is left if that fails.
into() { # file command
    litter=$1.tcr-nodes
    place=$1
    shift
    { "$@" "$litter" && mv -f "$litter" "$place"; } 2>"$work/messages" ||
        fail "$place cannot be written ($(tail -n 1 "$work/messages")); it is as it was"
    litter=
}

# What undoes the next change of a file, for roll_back.
way_back() { # file
    if [ ! -f "$1" ]; then
        echo "new:$1"
    elif [ ! -f "$1$kept" ] || cmp -s "$1" "$1$kept"; then
        echo "$1"
    else
        echo "last:$1"
    fi
}

replace() { # file new; mode and owner stay
    into "$1" copied "$1" "$2"
}

copied() { # file new place
    if [ -f "$1" ]; then cp -p "$1" "$3" || return 1; fi
    cat "$2" >"$3" && { sync "$3" 2>/dev/null || sync; }
}

# --- what runs here -------------------------------------------------------------------------------------------------

# The processes of a name that see the same files, by their folders; none of a copy. What kind's nodes run does not.
processes() { # name
    if [ -n "$root" ]; then return 0; fi
    for process in /proc/[0-9]*; do
        { read -r called <"$process/comm"; } 2>/dev/null || continue
        if [ "$called" = "$1" ] && [ "$(readlink "$process/ns/mnt")" = "$(readlink /proc/self/ns/mnt)" ]; then
            echo "$process"
        fi
    done
}

# The value of the first of some flags on a command line.
argument() { # process flags
    tr '\0' '\n' <"$1/cmdline" 2>/dev/null | awk -v flags=" $2 " '
        is_next { print; exit }
        {
            flag = $0
            sub(/=.*/, "", flag)
            if (!index(flags, " " flag " ")) next
            if (sub(/^[^=]*=/, "")) { print; exit }
            is_next = 1
        }'
}

path_of() { # socket, with or without its scheme
    echo "$1" | sed 's|^unix://||; s|^/var/run/|/run/|'
}

# The socket of the runtime that the kubelet uses, empty where nothing tells: its flag, its configuration, and while it
# does not run what kubeadm gives it.
kubelet_socket() {
    told=
    file=$root/var/lib/kubelet/config.yaml
    for process in $(processes kubelet); do
        told=$(argument "$process" --container-runtime-endpoint)
        if [ "$(argument "$process" --container-runtime)" = docker ]; then told=/run/dockershim.sock; fi
        of=$(argument "$process" --config)
        file=${of:-$file}
    done
    # K3s has the kubelet in its own process; what lies there is of another that is gone.
    if [ -z "$told" ] && [ -n "$(processes k3s-server)$(processes k3s-agent)" ]; then return 0; fi # not where small
    if [ -z "$told" ] && [ -f "$file" ]; then
        told=$(sed -n "s/^containerRuntimeEndpoint:[[:space:]]*[\"']\{0,1\}\([^\"'[:space:]]*\).*\$/\1/p" "$file" | head -n 1)
    fi
    if [ -z "$told" ] && [ -f "$root/var/lib/kubelet/kubeadm-flags.env" ]; then
        told=$(sed -n "s/^.*--container-runtime-endpoint[= ]\([^\"' ]*\).*\$/\1/p" "$root/var/lib/kubelet/kubeadm-flags.env" | head -n 1)
    fi
    path_of "$told"
}

# Whether a runtime answers over its socket, or, where nothing can ask it, a unit of it is active.
answers() { # socket units
    at=$1
    shift
    for asking in "${TCR_CRICTL:-crictl}" /var/lib/rancher/rke2/bin/crictl 'k3s crictl'; do
        command -v "${asking%% *}" >/dev/null || continue
        # shellcheck disable=SC2086 # a command of two words
        $asking --runtime-endpoint "unix://$at" version >/dev/null 2>&1
        return
    done
    for unit; do
        if systemctl is-active --quiet "$unit"; then return 0; fi
    done
    return 1
}

@SECTIONS@

# --- all runtimes ---------------------------------------------------------------------------------------------------

restart() { # the command that tells whether it is up
    say "restarting: $TCR_RESTART"
    if sh -c "$TCR_RESTART" 9<&- && up "$1"; then
        return 0
    fi
    if [ -n "$going_back" ]; then fail "the runtime does not come up with the files from before; look at its log"; fi # to go back
    say "it does not come up; putting the old configuration back"
    roll_back
    sh -c "$TCR_RESTART" 9<&- || true
    if up "$1"; then
        fail "the runtime did not come up with the new configuration; it runs again with the old one"
    fi
    fail "the runtime comes up neither with the new nor with the old configuration, which is in place; look at its log"
}

up() {
    left=$wait
    until if [ -n "${TCR_READY:-}" ]; then sh -c "$TCR_READY"; else "$1"; fi; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || return 1
        sleep 1
    done
}

roll_back() {
    for file in $undo; do
        case $file in
        new:*) rm -f "${file#new:}" ;;
        last:*)
            mv -f "${file#last:}$kept.last" "${file#last:}"
            note "$(sum_of "${file#last:}")" changed "${file#last:}"
            ;;
        *) mv -f "$file$kept" "$file" ;;
        esac
    done
    if [ -n "${pending:-}" ]; then rm -f "$pending"; fi
}

# A file of another runtime, where it does not have one of its own: only one who knows both can merge them.
whole_file() { # file new runtime
    if [ -f "$1" ] && ! cmp -s "$1" "$2"; then
        fail "$1 is there already; merge the mirrors into it: kubectl tcr-nodes $3 --root / --write"
    fi
    put "$1" "$2"
}

reload() { # default command, the command that tells whether it is up
    if [ -n "$changed" ] && [ -z "$dry_run" ]; then
        TCR_RESTART=${TCR_RESTART:-$1}
        restart "$2"
    fi
}

none_found() {
    fail "no container runtime was found; name one in TCR_RUNTIME"
}

none_known() {
    fail "the kubelet uses $told, which is of no runtime that is known here; name one in TCR_RUNTIME"
}

# The runtime, and how it is known.
find_runtime() {
@FIND@
}

refuse_proof() {
    [ -z "$proof" ] || fail "TCR_PROOF: this script was made without a proof; make it with --proof, or without --compact"
}

# A proof that cannot be is refused before anything is written.
look_at_proof() {
    if [ -z "$proof" ]; then return 0; fi
    command -v "${TCR_CRICTL:-crictl}" >/dev/null || fail "TCR_PROOF needs crictl, which is not here"
    for image in $proof; do
        case " $sources " in
        *" ${image%%/*} "*) ;;
        *) fail "TCR_PROOF: $image is of no host with a mirror; there are: $sources" ;;
        esac
    done
}

prove() {
    if [ -n "$dry_run" ]; then return 0; fi
    for image in $proof; do
        if command -v "${runtime}_prove" >/dev/null; then
            "${runtime}_prove" "$image" "${image%%/*}"
        else
            "${TCR_CRICTL:-crictl}" pull "$image" >"$work/messages" 2>&1 </dev/null ||
                fail "the mirrors are set, but $image was not pulled: $(tail -n 1 "$work/messages")"
            say "pulled $image, through the mirror or from ${image%%/*} itself"
            serves "$image" "its mirror or its source" # not where small
        fi
    done
}

@RESULT@

@BACK@

finish() { # status
    if [ -n "$wants_result" ]; then result "$1" || true; fi # not where small
    rm -rf "$work" ${litter:+"$litter"}
}

of_containerd() { # flag
    command -v containerd_node >/dev/null || fail "$1 is for containerd, and this script was made for @NAMES@"
}

set_mirrors() {
    case $runtime in
@SET@
    *) fail "unknown runtime $runtime; choose @NAMES@" ;;
    esac
}

main() {
    while [ $# -gt 0 ]; do
        case $1 in
        --dry-run) dry_run=yes ;;
        --result) wants_result=yes ;; # not where small
        --undo) going_back=yes ;; # to go back
        --migrate)
            of_containerd "$1"
            # shellcheck disable=SC2034
            migrate=yes
            ;;
        --config-path)
            of_containerd "$1"
            [ -n "${2:-}" ] || fail "--config-path needs a folder"
            folder_given=$2
            shift
            ;;
        *) fail "unknown argument $1; there are --dry-run, --undo, --migrate and --config-path DIR" ;;
        esac
        shift
    done
    case $folder_given in
    '') ;;
    *:* | [!/]* | /) fail "--config-path $folder_given is not the absolute path of one folder" ;;
    */) folder_given=${folder_given%/} ;;
    esac
    if [ -n "$root" ]; then
        [ -d "$root" ] || fail "TCR_ROOT: $root is no folder"
        TCR_RESTART=${TCR_RESTART:-true} # of a copy nothing runs here
        TCR_READY=${TCR_READY:-true}
    fi
    work=$(mktemp -d) || fail "no folder for temporary files could be made"
    trap 'finish $?' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM

    look_at_proof # to prove
    refuse_proof # without a proof
    found=${TCR_RUNTIME:-$(find_runtime)} || exit 2
    runtime=${found%%:*}
    case $found in
    *:used) say "$runtime: its kubelet uses $(kubelet_socket)" ;;
    *:here) say "$runtime: it is here, and no kubelet uses another" ;;
    esac
    if [ -n "$has_authorities" ] && [ "$runtime" != containerd ]; then # where authorities
        fail "--ca is for containerd's hosts.toml, and this node has $runtime; give it the file by hand" # where authorities
    fi # where authorities
    lock # not where small
    if [ -n "$going_back" ]; then # to go back
        go_back # to go back
    else # to go back
        set_mirrors
        prove # to prove
    fi # to go back
    if [ -z "$changed" ]; then
        say "nothing to do"
    elif [ -n "$dry_run" ]; then
        say "nothing was written"
    else
        say "done"
    fi
}

# Nothing is left to read behind this line, so the script may come on standard input: sh -s <tcr-nodes.sh
main "$@"
