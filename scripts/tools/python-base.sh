# A base image's files, a small Debian with its python3, as a tar that `python-base` prints.
apt-get download mmdebstrap || { apt-get update && apt-get download mmdebstrap; }
dpkg -x mmdebstrap_*.deb root
root/usr/bin/mmdebstrap --variant=minbase --include=python3 bookworm "$CACHE/python-base.tar"
printf '#!/bin/sh\nexec cat "%s"\n' "$CACHE/python-base.tar" >"$BIN/python-base"
chmod +x "$BIN/python-base"
