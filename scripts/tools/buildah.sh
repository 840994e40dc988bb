# buildah, to build the container image without a daemon, from Debian's packages, unpacked and not installed. It starts
# itself again with no environment, so that its libraries have to be named in the program.
packages='buildah libgpgme11 libassuan0 libdevmapper1.02.1 patchelf'
apt-get download $packages || { apt-get update && apt-get download $packages; }
for package in *.deb; do dpkg -x "$package" root; done
rm -rf "$CACHE/buildah"
mv root "$CACHE/buildah"
libraries=$(find "$CACHE/buildah" -name '*.so*' -exec dirname {} + | sort -u | paste -s -d :)
"$CACHE/buildah/usr/bin/patchelf" --force-rpath --set-rpath "$libraries" "$CACHE/buildah/usr/bin/buildah"
ln -sf "$CACHE/buildah/usr/bin/buildah" "$BIN/buildah"
