# --- containerd -----------------------------------------------------------------------------------------------------

containerd=${TCR_CONTAINERD:-containerd}
ctr=${TCR_CTR:-ctr}
crictl=${TCR_CRICTL:-crictl}
socket=/run/containerd/containerd.sock
certs=/etc/containerd/certs.d
proof_host=tcr-nodes-proof.invalid # no name below .invalid ever resolves (RFC 6761)

# source, folder, address of the source, address of the mirror, whether that is the root of the API already
mirrors() {
    cat <<'ROWS'
@MIRRORS@
ROWS
}

authorities() { printf '%s\n' '@AUTHORITIES@'; } # where authorities

mirror_of() { # source, number of the field
    mirrors | awk -F '|' -v source="$1" -v field="$2" '$1 == source { print $field }'
}

# A file is right if our mirror is its first one: it may hold more, from a table or of somebody else, whose file is not
# replaced.
keep_theirs() { # file new endpoint
    if [ ! -f "$1" ] || cmp -s "$1" "$2"; then return 0; fi
    # Ours, from before it named certificates.
    grep -v '^ *\(ca\|client\|skip_verify\) = ' "$2" >"$work/bare" || true
    if cmp -s "$1" "$work/bare"; then return 0; fi
    # Ours, with another word on the source itself.
    if is_ours "$1" && [ "$(mirrors_in "$1")" = "$(mirrors_in "$2")" ]; then return 0; fi # not where small
    hosts=$(sed -n "s/^[[:space:]]*\[host\.[\"']\([^]]*\)[\"']\].*\$/\1/p" "$1")
    if [ -n "$3" ] && [ "$(echo "$hosts" | head -n 1)" = "$3" ]; then
        able=$(first_host "$1" | tr '\n' ' ' | sed -n 's/^.*[[:space:]]capabilities[[:space:]]*=[[:space:]]*\[\([^]]*\)].*$/\1/p')
        case ${able:-pull resolve} in
        *pull*resolve* | *resolve*pull*) ;;
        *) fail "$1: $3 may not pull and resolve there; mend it, or move the file away" ;;
        esac
        if grep -q "^[[:space:]]*\(skip_verify\|override_path\)[[:space:]]*=[[:space:]]*[\"']" "$1"; then
            fail "$1: skip_verify and override_path are true or false, without quotes: containerd passes the file over"
        fi
        if [ -n "$alone" ] && ! echo "$hosts" | grep -qxF "$(server_in "$1")"; then # where alone
            fail "$1 asks the source itself behind its mirrors; make the last of them its server, or move the file away" # where alone
        fi # where alone
        cp "$1" "$2"
    elif ! head -n 1 "$1" | grep -qF '@HEAD@' || [ "$(echo "$hosts" | wc -l)" -gt 1 ]; then
        fail "$1 was written by somebody else; put $3 in front there, or move the file away"
    fi
}

is_ours() { head -n 1 "$1" | grep -qF '@HEAD@'; } # not where small

mirrors_in() { grep -v '^\(#\|server\|capabilities\|override_path\)' "$1"; } # not where small

server_in() { sed -n "s/^[[:space:]]*server[[:space:]]*=[[:space:]]*[\"']\([^\"']*\).*\$/\1/p" "$1"; } # where alone

first_host() { # hosts.toml
    awk '/^[ \t]*\[host\.("[^"]*"|\047[^\047]*\047)\]/ { hosts++ } hosts == 1 { print }' "$1"
}

# What containerd itself understands of a configuration: defaults, drop-ins and all.
dump() { # config
    "$containerd" --config "$1" config dump 2>"$work/messages"
}

# What matters of a configuration, a line each: `path|FOLDERS`, `mirror|SOURCE|URL` in the order of the endpoints,
# `tls|HOST|KEY|VALUE`, and `local|SETTING` where containerd does not leave pulls to its transfer service.
facts() { # what containerd dumps, or a file
    shown=docker.iohttps://registry-1.docker.io # by 1.4, where nobody wrote it
    if at_least 1 5 0; then shown=; fi
    awk -v shown="$shown" '
        function scalar(text, quote) {
            sub(/^[^=]*=[ \t]*/, "", text)
            quote = substr(text, 1, 1)
            if (quote == "\"" || quote == "\047") {
                text = substr(text, 2)
                sub(quote ".*", "", text)
            } else sub(/[ \t\r#].*$/, "", text)
            return text
        }
        function key(text) {
            sub(/[ \t]*=.*/, "", text)
            gsub(/[ \t"\047]/, "", text)
            return text
        }
        /^[ \t]*\[/ {
            table = $0
            sub(/\][^]]*$/, "]", table)
            gsub(/[ \t\r\047"]/, "", table)
            name = table
            is_images = table ~ /^\[plugins\.(cri|io\.containerd\.grpc\.v1\.cri|io\.containerd\.cri\.v1\.images)(\.containerd)?\]$/
            is_registry = table ~ /^\[plugins\.[a-z0-9.]*cri[a-z0-9.]*\.registry\]$/
            is_mirror = sub(/^.*\.registry\.mirrors\./, "", name)
            is_tls = sub(/^.*\.registry\.configs\./, "", name) && sub(/\.tls\]$/, "", name)
            sub(/\]$/, "", name)
            if (table ~ /\.registry\.(configs|auths)\../ && !is_tls) print "local|" table
            next
        }
        is_registry && key($0) == "config_path" { print "path|" scalar($0) }
        is_tls && key($0) ~ /^[a-z_]+$/ {
            if (scalar($0) !~ /^(false)?$/) print "tls|" name "|" key($0) "|" scalar($0)
        }
        is_mirror && (more != "" || key($0) == "endpoint") {
            sub(/[ \t\r]*#.*$/, "")
            more = more $0
            if (!/\]/) next
            sub(/^[^[]*\[/, "", more)
            sub(/\].*$/, "", more)
            count = split(more, urls, ",")
            more = ""
            for (i = 1; i <= count; i++) {
                gsub(/[ \t\047"]/, "", urls[i])
                if (urls[i] != "" && urls[i] !~ /:\/\//)
                    urls[i] = (urls[i] ~ /^(localhost|127\.|\[::1\])/ ? "http://" : "https://") urls[i]
                sub(/\/v2\/?$/, "", urls[i])
                if (urls[i] != "" && name urls[i] != shown) print "mirror|" name "|" urls[i]
            }
        }
        is_images {
            set = key($0) "=" scalar($0)
            if (set ~ /^(use_local_image_pull|discard_unpacked_layers|image_pull_with_sync_fs)=true$/ ||
                set == "disable_snapshot_annotations=false" || (set ~ /^max_concurrent_downloads=/ && set !~ /=3$/))
                print "local|" set
        }
    ' "$1"
}

# The same configuration but for mirrors and the TLS settings beside them, to see that nothing else changed.
others() { # dump
    awk '
        /^[ \t]*\[/ {
            skip = /\.registry(\.mirrors(\..*)?)?\]$/
            gone = /\.registry\.configs(\..*\.tls)?\]$/ || /\.registry\.configs\.("[^"]*"|\047[^\047]*\047|[^.]*)\]$/
        }
        /^[ \t]*$/ || /^[ \t]*imports[ \t]*=/ || gone || (skip && /^[ \t]*(\[|(config_path|endpoint)[ \t]*=)/) { next }
        { print }
    ' "$1"
}

at_least() { # three numbers of a release
    awk -v have="$numbers" -v want="$*" 'BEGIN {
        split(have, h, " ")
        split(want, w, " ")
        for (i = 1; i <= 3; i++) if (h[i] + 0 != w[i] + 0) exit h[i] + 0 < w[i] + 0
    }'
}

version_of() { # config
    if [ -s "$1" ]; then
        sed -n 's/^[[:space:]]*version[[:space:]]*=[[:space:]]*\([0-9]*\).*$/\1/p' "$1" | head -n 1
    elif at_least 2 0 0; then
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
    *) fail "$target is configuration version $1; this script knows 1 to 4" ;;
    esac
}

contents() { # config; one that is not there begins with its version
    if [ -s "$1" ]; then cat "$1"; else echo "version = $(version_of "$1")"; fi
}

# The configuration with config_path in its table, which is added at the end where it is missing.
with_config_path() { # config table path
    awk -v table="$2" -v path="$3" '
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
    ' "$1" >"$work/pointing" || {
        cp "$1" "$work/pointing"
        printf '\n[%s]\n  config_path = "%s"\n' "$2" "$3" >>"$work/pointing"
    }
    mv "$work/pointing" "$1"
}

# The configuration without some tables; comments in front of the next one stay.
without() { # config extended-regular-expression-of-headers
    awk -v gone="$2" '
        /^[ \t]*\[/ {
            here = $0
            sub(/\][^]]*$/, "]", here)
            gsub(/[ \t\r\047"]/, "", here)
            cut = here ~ gone
            if (cut) held = ""
        }
        cut && (/^[ \t\r]*(#.*)?$/) { held = held $0 "\n"; next }
        !cut { printf "%s%s\n", held, $0 }
        { held = "" }
        END { printf "%s", held }
    ' "$1"
}

# The folders of hosts, a line each, `there|FOLDER`, and what lies in them. Without a hosts.toml containerd takes `*.crt`
# for authorities and `*.cert` for certificates of its own: `ca|FOLDER|FILE`, `client|FOLDER|FILE|KEY`; `odd|FOLDER` for a
# name that cannot be put into a file.
beside() { # folder of the folders
    for of in "$root$1"/*; do
        if [ -d "$of" ]; then echo "there|${of##*/}"; fi
    done
    for file in "$root$1"/*/.* "$root$1"/*/*; do
        name=${file##*/}
        case $name in *.crt | *.cert) ;; *) continue ;; esac
        if [ -d "$file" ]; then continue; fi
        of=${file%/*}
        of=${of##*/}
        case $name in
        *[!\ -~]* | *[\"\\\|]*) echo "odd|$of" ;;
        *.crt) echo "ca|$of|$name" ;;
        # Without a key beside it a file holds both.
        *) if [ -e "${file%.cert}.key" ]; then echo "client|$of|$name|${name%.cert}.key"; else echo "client|$of|$name|$name"; fi ;;
        esac
    done
}

# A hosts.toml for each source in $work/hosts.FOLDER, which names the certificates beside it; says FOLDER|ENDPOINT, and
# |FOLDER where one has an odd name. What the tables say comes behind ours.
make_files() { # facts what-lies-beside
    {
        mirrors | sed 's/^/ours|/'
        echo "alone|$alone" # where alone
        authorities # where authorities
        cat "$1" "$2"
    } | awk -F '|' -v work="$work/hosts." '
        function add(source, url, root) {
            if (!(source in count)) { order[++all] = source; count[source] = 0 }
            if (url == "" || (source, url) in known) return
            known[source, url] = 1
            urls[source, ++count[source]] = url
            roots[source, url] = root
        }
        function host(url) {
            sub(/^[a-z]*:\/\//, "", url)
            sub(/\/.*$/, "", url)
            return url
        }
        function join(first, more) {
            return first != "" && more != "" ? first ", " more : first more
        }
        function tls(name, indent, near, pairs, ca, client) {
            if ((name, "ca_file") in set) ca = "\"" set[name, "ca_file"] "\""
            if ((name, "cert_file") in set) client = "[\"" set[name, "cert_file"] "\", \"" set[name, "key_file"] "\"]"
            ca = join(ca, near)
            client = join(client, pairs)
            if (ca != "") print indent "ca = " (ca ~ /", "/ ? "[" ca "]" : ca) >file
            if (client != "") print indent "client = [" client "]" >file
            if ((name, "insecure_skip_verify") in set) print indent "skip_verify = true" >file
        }
        $1 == "alone" { alone = $2 } # where alone
        $1 == "ours" { add($2, $5, $6 == "yes"); server[$2] = $4 }
        $1 == "mirror" {
            url = $3
            sub(/\/+$/, "", url)
            if ($2 == "*") rest[++others] = url
            add($2 == "*" ? "_default" : $2, url, url ~ /:\/\/.*\//)
            own[$2]
        }
        $1 == "tls" { add($2); set[$2, $3] = $4 }
        $1 == "authority" { set[$2, "ca_file"] = $3 } # where authorities
        $1 == "ca" { authorities[$2] = join(authorities[$2], "\"" $3 "\"") }
        $1 == "client" { clients[$2] = join(clients[$2], "[\"" $3 "\", \"" $4 "\"]") }
        $1 == "odd" { odd[$2] }
        $1 == "there" { there[$2] }
        END {
            for (i = 1; i <= all; i++) {
                source = order[i]
                # What has a file of its own is not asked through the one for all other hosts.
                if (!(source in own)) for (j = 1; j <= others; j++) add(source, rest[j], rest[j] ~ /:\/\/.*\//)
                folder = source
                if (match(source, /.:[^:]*$/)) folder = substr(source, 1, RSTART) "_" substr(source, RSTART + 2) "_"
                if ((source in there) && !(folder in there)) folder = source
                file = work folder
                if (!(source in server)) server[source] = "https://" (source == "docker.io" ? "registry-1.docker.io" : source)
                who = source == "_default" ? "all other hosts are" : source " is"
                n = count[source]
                through = n ? "through its mirror" (n > 1 ? "s" : "") ", and itself if that fails" : "itself"
                if (alone && n) { # where alone
                    sub(/,.*/, " alone", through) # where alone
                    server[source] = urls[source, n] # where alone
                    clients[folder] = "" # where alone
                    if (server[source] !~ /^https:/) authorities[folder] = "" # where alone
                } # where alone
                print "@HEAD@: " who " asked " through "." >file
                if (alone && n && source == "_default") print "server = \"" server[source] "\"" >file # where alone
                if (source != "_default") print "server = \"" server[source] "\"" >file
                if (alone && n) print "capabilities = [\"pull\", \"resolve\"]" >file # where alone
                if (alone && roots[source, server[source]]) print "override_path = true" >file # where alone
                tls(host(server[source]), "", authorities[folder], clients[folder])
                for (j = 1; j <= n; j++) {
                    url = urls[source, j]
                    printf "\n[host.\"%s\"]\n  capabilities = [\"pull\", \"resolve\"]\n", url >file
                    if (roots[source, url]) print "  override_path = true" >file
                    # One that is asked without TLS would be asked with it first.
                    tls(host(url), "  ", url ~ /^https:/ ? authorities[folder] : "")
                }
                close(file)
                if (folder in odd) print "|" folder
                print folder "|" urls[source, 1]
            }
        }
    '
}

set_hosts() { # folder facts
    beside "$1" >"$work/beside"
    made=$(make_files "$2" "$work/beside")
    for row in $made; do
        case $row in
        \|*)
            fail "$1/${row#*|} has a certificate whose name cannot be put into a hosts.toml; give it a plain one"
            ;;
        esac
        keep_theirs "$root$1/${row%%|*}/hosts.toml" "$work/hosts.${row%%|*}" "${row#*|}"
    done
    for row in $made; do
        say_of_default "$1" "${row%%|*}" # not where small
        put "$root$1/${row%%|*}/hosts.toml" "$work/hosts.${row%%|*}"
    done
}

# What has a folder of its own is not asked through the file for all other hosts.
say_of_default() { # folder folder-of-a-host
    if [ -f "$root$1/_default/hosts.toml" ] && [ "$2" != _default ] && [ ! -d "$root$1/$2" ]; then
        say "$1/_default/hosts.toml: not read for $2 any more; copy its [host] tables behind ours if they are to be asked"
    fi
}

# The mirrors in their table; those that are there must be ours. A proof gets a row for a host that nobody else asks.
with_mirrors() { # table
    without "$work/config" "[.]registry[.]mirrors[.].*$proof_host]" >"$work/rows"
    mirrors | cut -d '|' -f 1,4 | while IFS='|' read -r source endpoint; do
        set_to=$(sed -n "s/^mirror|$source|//p" "$work/facts" | head -n 1)
        if [ "$set_to" = "$endpoint" ]; then continue; fi
        if [ -n "$set_to" ]; then
            fail "$target: $source is asked through $set_to; put $endpoint in front of it by hand"
        fi
        # A row of its own takes the place of the one for all other hosts, whose endpoints it would lose.
        printf '\n[%s.mirrors."%s"]\n  endpoint = ["%s"%s]\n' "$1" "$source" "$endpoint" \
            "$(sed -n 's/^mirror|\*|\(.*\)/, "\1"/p' "$work/facts" | tr -d '\n')" >>"$work/rows"
    done || exit 2
    mv "$work/rows" "$work/config"
}

with_proof() { # table
    mirrors | cut -d '|' -f 1,4 | while IFS='|' read -r source endpoint; do
        printf '\n[%s.mirrors."%s"]\n  endpoint = ["%s"]\n' "$1" "$(proof_of "$source")" "$endpoint"
    done >>"$work/config"
}

proof_of() { # source
    echo "$(echo "$1" | tr ':' '-').$proof_host"
}

# Does containerd understand the new configuration, and all else in it as before?
proved() {
    trial=$work/config
    if [ -z "$dry_run" ]; then
        trial=$root$target.tcr-nodes-check # beside the real one, as drop-ins may be named relative to it
        mkdir -p "$(dirname "$trial")"
        cat "$work/config" >"$trial" || return 1
    fi
    dump "$trial" >"$work/after" && understood=yes || understood=
    if [ -z "$dry_run" ]; then rm -f "$trial"; fi
    [ -n "$understood" ] || return 1
    facts "$work/after" >"$work/after.facts"
    if [ -n "$upgraded" ]; then return 0; fi # all that version 1 said comes into force
    others "$work/before" >"$work/before.others"
    others "$work/after" >"$work/after.others"
    diff "$work/before.others" "$work/after.others" >"$work/messages"
}

check() {
    case $(ls -ldL "$root$target" 2>/dev/null) in
    '' | ??w*) ;;
    *) fail "$root$target is read-only; make it writable (chmod u+w) if it may change" ;;
    esac
    proved || {
        first=$(grep '^[<>]' "$work/messages" | head -n 1)
        [ -n "$first" ] || first=$(tail -n 1 "$work/messages")
        fail "containerd would not understand all of $target as before; nothing was changed: $first$by_command"
    }
}

fact() { # name, of facts
    sed -n "s/^$1|//p" "$2" | head -n 1
}

# Among the files that containerd reads the one whose registry settings hold: 1.x takes a drop-in's settings of a plugin
# for all of them, 2.x merges.
target_of() {
    mark='^[[:space:]]*\[.*cri'
    if at_least 2 0 0; then mark='^[[:space:]]*config_path[[:space:]]*=\|\.registry\.mirrors'; fi
    found=$config
    last=$config
    set -f
    for pattern in $(imports); do
        case $pattern in
        /*) ;;
        *\**) if at_least 1 7 0; then pattern=$(dirname "$config")/$pattern; else pattern=; fi ;; # or where it was started
        *) pattern=$(dirname "$config")/$pattern ;;
        esac
        set +f
        for file in "$root"$pattern; do
            if [ -f "$file" ]; then last=${file#"$root"}; fi
            if grep -q "$mark" "$file" 2>/dev/null; then found=${file#"$root"}; fi
        done
    done
    set +f
    # Up to 2.2 the version of the last file holds for them all: what config.toml says in another one is lost.
    if [ "$found" = "$config" ] && at_least 2 0 0 && ! at_least 2 3 0 &&
        [ "$(version_of "$root$last")" != "$(version_of "$root$config")" ]; then
        found=$last
    fi
    echo "$found"
}

imports() { # as the file names them: what 2.x dumps names a default that it does not read
    if [ -f "$root$config" ]; then
        sed -n '/^[[:space:]]*imports[[:space:]]*=/,/]/p' "$root$config" | sed 's/#.*//' | tr '\n' ' ' |
            sed 's/^[^[]*\[//; s/].*//' | tr -d "\"'" | tr ',' ' '
    fi
}

containerd_up() {
    "$ctr" --address "$socket" plugins ls 2>/dev/null | awk '
        $2 == "cri" || ($1 ~ /cri/ && $2 == "images") { seen = 1; if ($NF != "ok") bad = 1 }
        END { exit !seen || bad }'
}

next() { # flags
    echo "next: sh tcr-nodes.sh $*"
}

# One of: hosts, with config_path in the file; files, which lack nothing else; mirrors; migrate.
style_of() {
    tls=$(grep -c '^tls|' "$work/facts" || true)
    if [ -n "$migrate" ]; then
        if grep -q '^tls|\*|' "$work/facts"; then
            fail "$target: the TLS settings for all hosts have no counterpart in hosts.toml; move them there by hand"
        elif grep '^tls|' "$work/facts" | grep -qv '|\(insecure_skip_verify|true\|\(ca\|cert\|key\)_file|/.*\)$'; then
            fail "$target: not all TLS settings can be moved as they are: write whole paths, or move them by hand$by_command"
        fi
        at_least 1 5 0 || fail "containerd before 1.5 reads no hosts.toml; leave --migrate away"
        if [ "$listed" -gt 0 ] || [ "$tls" -gt 0 ] || [ -n "$is_ignored" ]; then echo migrate && return; fi
    fi
    if [ -n "$is_ignored" ]; then
        fail "$target is version 1: this containerd ignores its [plugins.cri] without a word; $(next --migrate)"
    elif [ "$listed" -gt 0 ] && at_least 2 2 0 && ! at_least 2 2 2; then
        fail "$target: mirrors are set: containerd 2.2.0 and 2.2.1 do not load their CRI plugin with them;" \
            "$(next --migrate)"
    elif [ "$listed" -gt 0 ] && [ -n "$path" ]; then
        fail "$target: mirrors are set and config_path is $path: containerd does not load its CRI plugin with both;" \
            "$(next --migrate)"
    elif [ "$listed" -gt 0 ] || ! at_least 1 5 0; then
        if [ -n "$has_authorities" ]; then # where authorities
            fail "$target: --ca is for hosts.toml, and a table of mirrors is there; $(next --migrate)" # where authorities
        fi # where authorities
        if [ -n "$alone" ]; then # where alone
            fail "$target: behind a table of mirrors containerd asks the source itself, so --no-fallback cannot be; $(next --migrate)" # where alone
        fi # where alone
        echo mirrors
    elif [ "$tls" -gt 0 ]; then
        fail "$target: configs with tls are set, which do not hold beside config_path; $(next --migrate)"
    elif [ -n "$path" ] && [ "$path" = "$where" ]; then
        echo files
    elif [ -n "$path" ] && [ -z "$folder_given" ] && ! is_folder_missed; then
        echo files
    elif is_folder_missed && [ -z "$folder_given" ] && [ "$path" != "$certs:/etc/docker/certs.d" ]; then
        fail "config_path is $path: this containerd takes that list for one folder, so it reads no hosts.toml;" \
            "$(next --config-path "$where")"
    else
        echo hosts
    fi
}

# From 2.1 on the transfer service takes a list for one folder; local pulls do not.
is_folder_missed() {
    case $path in *:*) at_least 2 1 0 && ! grep -q '^local|' "$work/facts" ;; *) false ;; esac
}

# From 2.0 to 2.2 the settings of the CRI plugin in a file of version 1 are not read.
ignores_version_1() {
    case $(version_of "$root$target") in
    '' | 0 | 1) [ -s "$root$target" ] && at_least 2 0 0 && ! at_least 2 3 0 ;;
    *) false ;;
    esac
}

# The configuration without its tables; then one of version 1 as version 2, whose names of the CRI plugin's tables differ.
migrated() {
    without "$work/config" '[.]registry[.]mirrors([.].*)?]|[.]registry[.]configs[.].*[.]tls]' >"$work/cut"
    mv "$work/cut" "$work/config"
}

upgrade() {
    if grep '^[[:space:]]*\[plugins\.' "$work/config" | grep -v 'plugins\..\{0,1\}cri' |
        grep -q 'plugins\.["'\'']\{0,1\}[a-z-]*["'\'']\{0,1\}[].]'; then
        fail "$target is version 1 and sets more plugins than cri$by_command"
    fi
    {
        echo 'version = 2'
        sed -e '/^[[:space:]]*version[[:space:]]*=/d' \
            -e 's/^\([[:space:]]*\[plugins\.\)["'\'']\{0,1\}cri["'\'']\{0,1\}\([].]\)/\1"io.containerd.grpc.v1.cri"\2/' "$work/config"
    } >"$work/cut"
    mv "$work/cut" "$work/config"
}

# The containerds that run, a line each: socket, configuration, program. Docker and K3s have one of their own.
running() {
    for process in $(processes containerd); do
        of=$(argument "$process" '--config -c')
        at=$(argument "$process" '--address -a')
        [ -n "$at" ] || at=$(address_in "${of:-/etc/containerd/config.toml}")
        echo "$(path_of "${at:-$socket}")|${of:-/etc/containerd/config.toml}|$(readlink "$process/exe")"
    done | grep -v '^/run/\(docker\|k3s\)/' || true
}

address_in() { # config
    if [ -f "$1" ]; then
        sed -n '/^[[:space:]]*\[grpc\]/,/^[[:space:]]*\[[^g]/s/^[[:space:]]*address[[:space:]]*=[[:space:]]*["'\'']\([^"'\'']*\).*$/\1/p' "$1" |
            head -n 1
    fi
}

# It is the one behind the socket of TCR_SOCKET or of the kubelet, else behind the default one, else the only one.
find_containerd() {
    config=/etc/containerd/config.toml
    wanted=$(path_of "${TCR_SOCKET:-$(kubelet_socket)}")
    case $wanted in *containerd*) socket=$wanted ;; *) wanted= ;; esac
    running >"$work/running"
    row=$(grep -F "$socket|" "$work/running" | head -n 1)
    if [ -z "$row$wanted" ]; then
        if [ "$(wc -l <"$work/running")" -gt 1 ]; then
            fail "several containerds run ($(cut -d '|' -f 1 "$work/running" | tr '\n' ' ' | sed 's/ $//')); name the socket of one in TCR_SOCKET"
        fi
        row=$(cat "$work/running")
    fi
    if [ -n "$row" ]; then
        socket=${row%%|*}
        config=${row#*|}
        program=${config#*|}
        config=${config%%|*}
        if [ -z "${TCR_CONTAINERD:-}" ] && [ -x "$program" ]; then
            containerd=$program
            PATH=$PATH:$(dirname "$program")
        fi
    fi
    config=${TCR_CONFIG:-$config}
}

containerd_node() {
    find_containerd
    by_command="; next: kubectl tcr-nodes containerd --root ${root:-/} --write${migrate:+ --migrate}"
    command -v "$containerd" >/dev/null || fail "there is no $containerd here"
    numbers=$("$containerd" --version | sed -n 's/^.* v\{0,1\}\([0-9]*\)\.\([0-9]*\)\.\{0,1\}\([0-9]*\).*$/\1 \2 \3/p')
    [ -n "$numbers" ] || fail "$containerd --version tells no version"
    say "containerd $(echo "$numbers" | tr ' ' '.'), $config"
    pending=$root$config.tcr-nodes-restart
    understand "$config"
    target=$(target_of)
    if [ "$target" != "$config" ]; then understand "$target"; fi
    table=$(table_of "$(version_of "$root$target")") || exit 2
    ignores_version_1 && upgraded=yes || upgraded=
    is_ignored=
    if [ -n "$upgraded" ] && grep -q '^[[:space:]]*\[plugins\..\{0,1\}cri' "$root$target"; then is_ignored=yes; fi
    # What 2.x does not know it does not dump, and what a version keeps out of force neither.
    if [ -n "$is_ignored$migrate" ]; then
        undumped='^\(mirror\|tls\|local\)|'
    elif at_least 2 0 0; then
        undumped='^tls|'
    else
        undumped=
    fi
    if [ -n "$undumped" ] && [ -f "$root$target" ]; then facts "$root$target" | grep "$undumped" >>"$work/facts" || true; fi
    path=$(fact path "$work/facts")
    listed=$(grep '^mirror|' "$work/facts" | grep -vc "$proof_host|" || true)
    where=${folder_given:-${path%%:*}}
    where=${where:-$certs}
    style=$(style_of) || exit 2
    contents "$root$target" >"$work/config"
    case $style in
    files) set_hosts "$where" "$work/none" ;;
    mirrors) mirrors_node ;;
    *) hosts_node ;;
    esac
    finish_restart
}

understand() { # config
    : >"$work/none" # where there is no file, containerd runs as with an empty one
    if [ -f "$root$1" ]; then found=$root$1; else found=$work/none; fi
    dump "$found" >"$work/before" || fail "containerd does not understand $1: $(tail -n 1 "$work/messages")"
    facts "$work/before" >"$work/facts"
}

# hosts.toml files first: containerd must never be told of a folder that is not there yet.
hosts_node() {
    told=$work/none
    if [ "$style" = migrate ]; then
        told=$work/facts
        migrated
    fi
    if [ -n "$upgraded" ]; then
        upgrade
        table=$(table_of 2)
    fi
    # Up to 2.0 a list works as it is.
    pointing=$where
    case $style-$path in migrate-*:*) if [ -z "$folder_given" ] && ! at_least 2 1 0; then pointing=$path; fi ;; esac
    with_config_path "$work/config" "$table" "$pointing"
    check
    if [ "$(fact path "$work/after.facts")" != "$pointing" ] || grep -q '^mirror|\|^tls|' "$work/after.facts"; then
        fail "containerd would not see config_path alone in $target (version $(version_of "$work/config"));" \
            "nothing was changed$by_command"
    fi
    set_hosts "$where" "$told"
    switch
}

mirrors_node() {
    with_mirrors "$table"
    # containerd 1.x says which table it runs with, later ones do not: they get a row for the proof, and a restart.
    if [ -f "$root$target" ] && cmp -s "$root$target" "$work/config"; then
        if [ -z "$proof" ] || [ -n "$dry_run" ] || ! at_least 2 0 0; then return 0; fi
    fi
    if [ -n "$proof" ] && [ -z "$dry_run" ]; then
        cp "$work/config" "$work/final"
        with_proof "$table"
    fi
    check
    mirrors | cut -d '|' -f 1,4 | while IFS='|' read -r source endpoint; do
        [ "$(fact "mirror|$source" "$work/after.facts")" = "$endpoint" ] ||
            fail "containerd would not see the mirror of $source in $target; nothing was changed"
    done || exit 2
    switch
}

switch() {
    if [ -f "$root$target" ] && cmp -s "$root$target" "$work/config"; then return 0; fi
    if [ -z "$dry_run" ]; then
        # A run that is killed behind the switch leaves its restart, and what to undo, to the next one.
        to=$(real "$root$target") || exit 2
        keep "$to"
        echo "$(way_back "$to") $undo" >"$pending"
    fi
    put "$root$target" "$work/config"
    if [ "$target" != "$config" ] && [ -z "$dry_run" ]; then holds; fi
}

# A drop-in was looked at by itself; now that it is in place, all files together.
holds() {
    dump "$root$config" >"$work/all" || : >"$work/all"
    facts "$work/all" >"$work/all.facts"
    if [ "$style" = mirrors ]; then
        for row in $(mirrors | cut -d '|' -f 1,4); do
            [ "$(fact "mirror|${row%%|*}" "$work/all.facts")" = "${row#*|}" ] || lost
        done
    elif [ "$(fact path "$work/all.facts")" != "$pointing" ] || grep -q '^mirror|' "$work/all.facts"; then
        lost
    fi
}

lost() {
    roll_back
    fail "what was set in $target would not hold beside the other files of containerd; nothing was changed$by_command"
}

finish_restart() {
    if [ ! -f "$pending" ]; then return 0; fi
    changed=yes
    if [ -n "$dry_run" ]; then
        say "would restart containerd: its configuration was changed, and it was not restarted since" # not where small
        return 0
    fi
    [ -n "$undo" ] || undo=$(cat "$pending")
    restart_containerd
    rm -f "$pending"
}

restart_containerd() {
    TCR_RESTART=${TCR_RESTART:-systemctl restart containerd}
    restart containerd_up
}

containerd_again() {
    find_containerd
    restart_containerd
}

# --- a proof: the mirror alone serves an image through the CRI, under a name whose host does not exist ----------------

call_cri() {
    "$crictl" --runtime-endpoint "unix://$socket" --image-endpoint "unix://$socket" "$@" >"$work/answer" 2>"$work/messages" </dev/null
}

containerd_prove() { # image source
    name=$(proof_of "$2")
    first=$(mirror_of "$2" 4)
    if [ "$style" = mirrors ]; then
        prove_row "$1" "$2" "$first" "$name"
    else
        prove_folder "$1" "$2" "$first" "$name"
    fi
    say "proved: $1 came from $first alone"
    serves "$1" "$first" # not where small
}

# The source's folder under another name, with the first mirror in it and nothing else.
prove_folder() { # image source endpoint name
    of=$root$where/$(mirror_of "$2" 2)
    if [ ! -d "$of" ]; then of=$root$where/$2; fi # the other spelling of its port
    litter=$root$where/$4
    mkdir -p "$litter" # gone at the end, whatever happens
    cp "$of"/* "$litter/"
    first_host "$of/hosts.toml" >"$litter/hosts.toml"
    serves_alone "$4/${1#*/}" || unproved "$1" "$3"
    rm -rf "$litter"
}

serves_alone() { # image; it leaves nothing behind
    call_cri pull "$1" && pulled=yes || pulled=
    cp "$work/messages" "$work/said"
    if [ -n "$pulled" ]; then forget "$1"; fi
    [ -n "$pulled" ]
}

# crictl rmi would take the other names of the image away as well, with which pods may be running.
forget() { # image
    "$ctr" --address "$socket" --namespace k8s.io images ls 2>/dev/null | awk -v name="$1" -v host="${1%%/*}/" '
        { digest[$1] = $3 }
        END {
            for (ref in digest) if (digest[ref] == digest[name]) {
                if (index(ref, host) == 1) print ref
                else if (ref ~ /^sha256:/) ids[ref]
                else is_used = 1
            }
            if (!is_used) for (ref in ids) print ref
        }' | while read -r ref; do "$ctr" --address "$socket" --namespace k8s.io images rm "$ref" >/dev/null 2>&1 || true; done
}

unproved() { # image endpoint
    fail "the mirrors are set, but $2 alone does not serve $1 through the CRI: $(tail -n 1 "$work/said" | sed 's/^time=.* msg="//; s/"$//')"
}

# A table: the row that was written for the proof, or what containerd runs with, and the mirror asked beside it.
prove_row() { # image source endpoint name
    if [ -f "$work/final" ]; then
        serves_alone "$4/${1#*/}" && served=yes || served=
        to=$(real "$root$target") || exit 2
        record "$root$target" "$work/final"
        replace "$to" "$work/final"
        touch -r "$work/final" "$to" # containerd was started since
        [ -n "$served" ] || unproved "$1" "$3"
        return 0
    fi
    call_cri info || fail "the mirrors are set, but containerd does not say with which it runs: $(tail -n 1 "$work/messages")"
    tr -d ' \n\t' <"$work/answer" | grep -qF "\"$2\":{\"endpoint\":[\"$3\"" ||
        fail "the mirrors are set, but containerd runs without $3 for $2: restart it (systemctl restart containerd)"
    mkdir -p "$work/certs/$4"
    make_files "$work/none" "$work/none" >/dev/null
    sed '/^server/d' "$work/hosts.$(mirror_of "$2" 2)" >"$work/certs/$4/hosts.toml"
    "$ctr" --address "$socket" --namespace tcr-nodes content fetch --hosts-dir "$work/certs" "$4/${1#*/}" >/dev/null 2>"$work/said" ||
        unproved "$1" "$3"
    "$ctr" --address "$socket" --namespace tcr-nodes images rm --sync "$4/${1#*/}" >/dev/null 2>&1 || true
    "$ctr" --address "$socket" namespaces rm tcr-nodes >/dev/null 2>&1 || true
}

serves_docker_only() { # as Docker's package of containerd is set up
    grep -q "^[^#]*disabled_plugins.*cri[\"']" "$root/etc/containerd/config.toml" 2>/dev/null
}

containerd_is_there() {
    { command -v "$containerd" >/dev/null || [ -n "$(running)" ]; } && ! serves_docker_only
}
