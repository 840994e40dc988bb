# skopeo, which reads registries.conf.d as CRI-O and podman do, from Debian's packages, unpacked and not installed.
apt-get download skopeo libgpgme11 libassuan0
for package in *.deb; do dpkg -x "$package" root; done
rm -rf "$CACHE/skopeo"
mv root "$CACHE/skopeo"
cat >"$BIN/skopeo" <<SH
#!/bin/sh
LD_LIBRARY_PATH="$CACHE/skopeo/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || uname -m)-linux-gnu" exec "$CACHE/skopeo/usr/bin/skopeo" "\$@"
SH
chmod +x "$BIN/skopeo"
