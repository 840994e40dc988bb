# buildah, to build the container image without a daemon, from Debian's packages, unpacked and not installed.
packages='buildah libgpgme11 libassuan0 libdevmapper1.02.1'
apt-get download $packages || { apt-get update && apt-get download $packages; }
for package in *.deb; do dpkg -x "$package" root; done
rm -rf "$CACHE/buildah"
mv root "$CACHE/buildah"
libraries=$(find "$CACHE/buildah" -name '*.so*' -exec dirname {} + | sort -u | paste -s -d :)
cat >"$BIN/buildah" <<SH
#!/bin/sh
LD_LIBRARY_PATH="$libraries" exec "$CACHE/buildah/usr/bin/buildah" "\$@"
SH
chmod +x "$BIN/buildah"
