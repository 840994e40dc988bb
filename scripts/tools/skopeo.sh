# skopeo, which reads registries.conf.d as CRI-O and podman do, from Debian's packages, unpacked and not installed.
apt-get download skopeo libgpgme11 libassuan0 || { apt-get update && apt-get download skopeo libgpgme11 libassuan0; }
for package in *.deb; do dpkg -x "$package" root; done
rm -rf "$CACHE/skopeo"
mv root "$CACHE/skopeo"
libraries=$(dirname "$(find "$CACHE/skopeo" -name 'libgpgme.so.11')")
cat >"$BIN/skopeo" <<SH
#!/bin/sh
LD_LIBRARY_PATH="$libraries" exec "$CACHE/skopeo/usr/bin/skopeo" "\$@"
SH
chmod +x "$BIN/skopeo"
